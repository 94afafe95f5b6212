"""What a table of outcomes says, worked out without printing anything.

May import `model`.
"""

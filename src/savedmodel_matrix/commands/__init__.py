"""The command line: one module per command.

May import everything; nothing imports it.
"""

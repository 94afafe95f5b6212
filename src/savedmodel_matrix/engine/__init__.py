"""Planning, scheduling and judging: everything between a selection and its outcomes.

May import `store` and what that may import.
"""

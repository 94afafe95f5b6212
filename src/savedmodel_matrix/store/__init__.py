"""What is remembered: records, artifacts, the results directory, accepted outcomes.

May import `analysis`, `environments` and what these may import.
"""

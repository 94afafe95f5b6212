"""Environments under test: their locks, their installation, and what is really installed.

May import `workspace` and what that may import.
"""

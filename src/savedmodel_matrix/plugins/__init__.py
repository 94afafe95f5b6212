"""Remedies, loaders and converters: one small file each, run inside environments under test.

Each file is loaded by its path; they import nothing of ours.
"""

"""The words as types: cases, plugins, cells, verdicts, fingerprints, signatures, rows.

May import `host`.
"""

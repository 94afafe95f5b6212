"""Where things are and what is stated: pyproject.toml, cases, plugins.

May import `model` and `host`.
"""

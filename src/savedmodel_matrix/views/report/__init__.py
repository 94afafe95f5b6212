"""The published HTML report: a static site, built from whole cells without TensorFlow.

What it says (`findings`, `recommend`, `causes`) is worked out by pure functions, apart from how it
looks (`pages`, `templates/`, `static/`). `site` writes all files, or none.
"""

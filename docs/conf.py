"""How Sphinx builds the site: `nox -s docs`. Pages, their order and their links are in index.md.

Everything that a page needs is in the built directory: nothing is fetched from elsewhere.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "docs" / "_ext"), str(ROOT / "src")]

project = "savedmodel-matrix"
author = "the authors of savedmodel-matrix"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "site_parts",
]
exclude_patterns = ["_generated"]
nitpicky = True
# Types in signatures, which have no page of their own.
nitpick_ignore_regex = [("py:.*", r"(?!savedmodel_matrix\.).*")]
default_role = "code"  # docstrings write names in single backticks

myst_heading_anchors = 3  # as on the repository's own pages: [text](page.md#heading)
myst_enable_extensions = ["fieldlist"]

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = "savedmodel-matrix"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
# What a console shows beside what is typed is not to be copied.
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

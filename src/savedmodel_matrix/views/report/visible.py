"""Text of any origin as HTML: names that may break, prose, and highlighted code."""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from savedmodel_matrix.views.harmless import block, one_line

_BREAKS = re.compile(r"(?<=[_-])(?=.)|(?<=[A-Za-z])(?=[0-9])")
_CODE = re.compile(r"``(.+?)``")
# Of highlighted code, what report.css gives no colour: a third of its bytes.
_PLAIN = re.compile(
    r'<span class="(?!(?:k|kn|kc|ow|s1|s2|sd|si|se|sa|c1|mi|mf|nf|nc|nd|fm)")[^"]*">([^<]*)</span>'
)


def breakable(name: str) -> Markup:
    """Return a name as HTML that may break behind _ and -, and before a number, if it must."""
    return Markup("<wbr>").join(_BREAKS.split(one_line(name)))


def prose(text: str) -> Markup:
    """Return a docstring's sentences as HTML: what stands between two backticks is code."""
    plain, *rest = _CODE.split(one_line(text))
    html = escape(plain)
    for code, after in zip(rest[::2], rest[1::2], strict=True):
        html += Markup("<code>{}</code>{}").format(code, after)
    return html


@cache
def python(text: str) -> Markup:
    """Return Python code as highlighted HTML of an element: classes only, and only those shown."""
    shown = block(text)
    formatter = HtmlFormatter(nowrap=True)
    html: str = highlight(shown, PythonLexer(stripnl=False, ensurenl=False), formatter)
    html = _PLAIN.sub(r"\1", html).replace("&quot;", '"').replace("&#39;", "'")
    return Markup(html)  # noqa: S704 - Pygments has escaped it, and quotes mean nothing there

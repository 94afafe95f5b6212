"""Text of any origin as a page shows it."""

import html
import re

from hypothesis import given

from savedmodel_matrix.views.harmless import block
from savedmodel_matrix.views.report.visible import prose, python
from tests.unit.pages import acts, hostile


def test_what_stands_between_backticks_is_code():
    assert prose("Call ``a.b(<c>)``, or ``d``.") == (
        "Call <code>a.b(&lt;c&gt;)</code>, or <code>d</code>."
    )
    assert prose("``") == "``"
    assert prose("one `` alone & <b>") == "one `` alone &amp; &lt;b&gt;"


@given(hostile)
def test_prose_says_what_was_said_and_nothing_acts(text):
    shown = html.unescape(re.sub("</?code>", "", prose(f"``x`` {text}")))
    assert not any(acts(character) for character in shown)
    assert shown.startswith("x ")


@given(hostile)
def test_highlighted_code_is_the_same_text_and_classes_only(text):
    made = str(python(text)).rstrip("\n")
    assert html.unescape(re.sub(r'<span class="\w*">|</span>', "", made)) == block(text).rstrip(
        "\n"
    )
    assert "style=" not in re.sub(r">[^<]*<", "><", f">{made}<")

"""Text of any origin as a page shows it."""

import html
import re

from hypothesis import given

from savedmodel_matrix.views.report.visible import LONGEST_BLOCK, block, prose, python
from tests.unit.pages import acts, hostile


@given(hostile)
def test_nothing_acts(text):
    assert not any(acts(character) for character in block(text))


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


def test_lines_stay_lines():
    assert block("a\n\tb\x1b[31m") == "a\n b\\x1b[31m"


def test_ten_megabytes_are_cut_in_the_middle_which_is_said():
    text = "start" + "x" * 10_000_000 + "end"
    shown = block(text)
    assert len(shown) < LONGEST_BLOCK + 100
    assert shown.startswith("start")
    assert shown.endswith("end")
    assert f"[… {len(text) - LONGEST_BLOCK} characters left out …]" in shown


@given(hostile)
def test_highlighted_code_is_the_same_text_and_classes_only(text):
    made = str(python(text)).rstrip("\n")
    assert html.unescape(re.sub(r'<span class="\w*">|</span>', "", made)) == block(text).rstrip(
        "\n"
    )
    assert "style=" not in re.sub(r">[^<]*<", "><", f">{made}<")

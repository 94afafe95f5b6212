"""Two results compared, for a pull request."""

from __future__ import annotations

from hypothesis import given

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.views.compare_markdown import compare_markdown
from tests.unit.analysis.test_compared import compared
from tests.unit.pages import acts, hostile
from tests.unit.rows import cell
from tests.unit.views.test_compare_terminal import large


def test_details_are_folded_but_for_a_regression() -> None:
    found = compared(
        [cell(), cell("fail", case="b", reason="no")], [cell("fail", reason="yes"), cell(case="b")]
    )
    text = compare_markdown(found)
    assert text.startswith("**1 regressed, 1 fixed; none is the same.**\n")
    assert "<details open><summary>Regressed: 1 cell of 1 case</summary>\n\n- module_dense" in text
    assert "<details><summary>Fixed: 1 cell of 1 case</summary>" in text
    assert "| Regressed | 1 | passed before, fails now |" in text
    assert "Signature changed" not in text


def test_it_fits_a_comment_whatever_changed() -> None:
    found = large()
    assert len(compare_markdown(found)) <= 60_000
    short = compare_markdown(found, longest=4000)
    assert len(short) <= 4000
    for kind in ChangeClass:  # the counts of all classes are there all the same
        number = found.differences.counts[kind]
        assert (f"| {kind.title} | {number} |" in short) == bool(number)
    assert short.count("<details") == short.count("</details>") == len(found.groups)
    assert "in other groups: matrix.csv of both results has every cell." in short


@given(hostile)
def test_what_comes_from_a_result_does_not_act(text: str) -> None:
    before = [cell(case=text, remedy=text, loader=text, producer=text)]
    now = [row | {"status": "fail", "stage": "run", "reason": text} for row in before]
    made = compare_markdown(compared(before, now, runs=({"commit": text}, {})))
    assert not any(map(acts, made))
    assert "<script" not in made
    assert "![x]" not in made

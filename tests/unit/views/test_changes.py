"""Changes of cells in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.analysis.change_groups import grouped
from savedmodel_matrix.analysis.compared import Result
from savedmodel_matrix.analysis.differences import SELECTION, compare_rows
from savedmodel_matrix.analysis.explanations import Explanation, Explanations
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.changes import Said, described, in_classes, item_of, taken
from tests.unit.pages import summary_of
from tests.unit.rows import RENAMED, cell

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row
    from savedmodel_matrix.views.section import Item

SAID = Said(["tf2.15", "tf2.16"])


def item(before: list[Row], after: list[Row], said: Said = SAID, *explained: str) -> Item:
    """Return the only entry of two results; ``explained`` are fingerprints."""
    why = Explanation("name", "No variable", "what", "why", "since", "do", ())
    known = Explanations(dict.fromkeys(explained, (why,)))
    groups = grouped(compare_rows(before, after), known.of(before), known.of(after))
    ((group,),) = groups.values()
    return item_of(group, said)


def test_what_starts_to_pass_is_as_loud_as_what_starts_to_fail() -> None:
    fails = cell("fail", fingerprint="f", reason="no such thing")
    regressed, fixed = item([cell()], [fails]), item([fails], [cell()])
    assert regressed.text == "module_dense: passes → fails at run (1 cell)"
    assert fixed.text == "module_dense: fails at run → passes (1 cell)"
    place = "as-written; in tf2.15; libtensorflow"
    assert regressed.details == (place, "now: “no such thing”")
    assert fixed.details == (place, "before: “no such thing”")


def test_cases_are_counted_where_there_are_several() -> None:
    before = [cell(case=case, producer=name) for case in "abc" for name in ("tf2.15", "tf2.16")]
    after = [
        row | cell("fail") | {k: row[k] for k in ("case", "producer", "consumer")} for row in before
    ]
    found = item(before, after[:-1] + before[-1:])
    assert found.text == "3 cases: passes → fails at run (5 cells)"
    assert found.details[0] == "a (2), b (2) and c (1)"
    assert "in every environment" in found.details[1]


def test_the_title_of_an_explanation_stands_for_the_message() -> None:
    fails = cell("fail", fingerprint="f", reason="masked")
    found = item([cell()], [fails], SAID, "f")
    assert found.text.endswith("(1 cell): No variable")
    assert "masked" not in " ".join(found.details)
    said = Said(["tf2.15"], messages={key_of(fails): "the real\nmessage"})
    assert item([cell()], [fails], said, "f").details[-1] == "now: “the real message”"


def test_of_two_failures_both_are_said() -> None:
    before, after = (cell("fail", fingerprint=each, reason=each) for each in ("old", "new"))
    found = item([before], [after], SAID, "new")
    assert found.text == "module_dense: fails at run as before (1 cell)"
    assert found.details[1:] == ("before: “old”", "now: No variable")


def test_a_signature_is_said_as_a_client_notices_it() -> None:
    found = item([cell()], [cell(signature=RENAMED)])
    assert found.text == "module_dense: passes as before (1 cell)"
    assert found.details[-1] == "input x is now inputs"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([cell()], [cell()], "1 is the same"),
        ([cell()], [cell("fail")], "1 regressed; none is the same"),
        (
            [cell(), cell("fail", case="b"), cell("not-applicable", case="c"), cell(case="d")],
            [cell("fail"), cell(case="b"), cell(case="c"), cell(case="d"), cell(case="e")],
            "1 regressed, 1 fixed, 1 became applicable, 1 new; 1 is the same",
        ),
        (
            [cell(case=c) for c in "abc"],
            [cell()],
            "1 new; none is the same; 3 are not covered by both",
        ),
    ],
)
def test_there_is_never_one_net_number(before: list[Row], after: list[Row], said: str) -> None:
    assert in_classes(compare_rows(before, after, covered_after=SELECTION)) == said


def test_accepting_says_what_it_takes_class_by_class() -> None:
    before = [cell(), *(cell("fail", case=f"c{n}", fingerprint=str(n)) for n in range(9))]
    after = [cell("fail"), *(cell(case=f"c{n}") for n in range(9))]
    first, *lines = taken(summary_of(after, before), most=2)
    assert first == "To be accepted: 1 regressed, 9 fixed; none is the same."
    assert lines == [
        "  Regressed: module_dense: passes → fails at run (1 cell)",
        "  Fixed: c0: fails at run → passes (1 cell)",
        "  Fixed: c1: fails at run → passes (1 cell)",
        "  Fixed: … and 7 cells more",
    ]
    assert taken(summary_of(after)) == ["To be accepted, the first time: 10 cells."]


def test_a_result_is_described_with_what_is_known_of_it() -> None:
    run = {"finished": "2026-01-02T03:04:05Z", "commit": "c0ffee" * 6}
    assert described(Result("main~3", "a table", [cell()], run)) == (
        "main~3: a table, 1 cell, made 2026-01-02 03:04, at commit c0ffeec0ffee"
    )
    assert described(Result("x\x1b[2J", "a table", [])) == "x: a table, 0 cells"

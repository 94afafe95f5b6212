"""What is said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.analysis.explanations import Explanation, Explanations
from savedmodel_matrix.analysis.summary import summarise
from savedmodel_matrix.model.table import from_cells
from savedmodel_matrix.views.answers import answers, verdict
from tests.unit.pages import cell, failed, lines_of, printed, summary_of

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row


def test_ninety_nine_and_a_half_percent_is_not_all() -> None:
    made = [cell(case=f"case{number}") for number in range(299)]
    made.append(cell(case="last", **failed("run", "no")))
    assert verdict(summary_of(made)).startswith("Of the applicable cells 299 of 300 (99 %) pass.")


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ([cell()], [cell()], "1 of 1 (100 %) pass. Nothing differs from the accepted table."),
        ([cell()], [], "pass. There is no accepted table to compare with."),
        ([cell(status="not-run", stage="load")], [cell()], "0 of 0 pass. Against the accepted"),
        ([cell(status="not-run", stage="load")], [cell()], "1 cell differs. 1 cell was not run."),
    ],
)
def test_the_verdict(now: list[Row], before: list[Row], said: str) -> None:
    summary = summary_of(now, before)
    assert said in verdict(summary)
    assert verdict(summary) in " ".join(lines_of(printed(summary)))


def plain(*fingerprints: str) -> Explanations:
    one = Explanation("one", "T", "W", "Y", "S", "D", ())
    return Explanations(dict.fromkeys(fingerprints, (one,)))


def test_failures_that_nobody_explained_are_listed_by_fingerprint() -> None:
    made = [
        cell(case="a", **failed("run", "known")) | {"fingerprint": "f1"},
        cell(case="b", **failed("run", "new")) | {"fingerprint": "f2"},
        cell(case="c", **failed("run", "new")) | {"fingerprint": "f2"},
        cell(case="d") | {"fingerprint": "f3"},
    ]
    summary = summarise(from_cells(made), from_cells([]), full=True, explained=plain("f1"))
    [section] = [one for one in answers(summary, 8, "results") if "explanation" in one.title]
    assert [item.text for item in section.items] == ["f2: 2 cells of b, c"]
    assert "explanations.toml" in section.sentence
    known = summarise(from_cells(made), from_cells([]), full=True, explained=plain("f1", "f2"))
    assert not [one for one in answers(known, 8, "results") if "explanation" in one.title]


def test_pairs_that_are_all_there_can_be_are_told_as_one_span() -> None:
    names = ("tf2.15", "tf2.16", "tf2.17")
    rows = [
        cell(producer=producer, consumer=consumer, **failed("run", "no"))
        for producer in names[1:]
        for consumer in names
        if producer != consumer
    ]
    straight = [cell(producer=name, consumer=name) for name in names]
    page = " ".join(lines_of(printed(summary_of([*straight, *rows]))))
    assert "saved in tf2.16, tf2.17 and loaded in every environment" in page
    fewer = " ".join(lines_of(printed(summary_of([*straight, *rows[1:]]))))
    assert "in tf2.16 → tf2.17, tf2.17 → tf2.15" in fewer

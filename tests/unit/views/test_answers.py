"""What is said below the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.views.answers import compared, grid_rows
from savedmodel_matrix.views.wording import DASH
from tests.unit.pages import cell, failed, lines_of, printed, summary_of

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ([cell()], [cell()], "Nothing differs from the accepted table."),
        ([cell()], [], "There is no accepted table to compare with."),
        (
            [cell(status="not-run", stage="load")],
            [cell()],
            "Against the accepted table: 1 with harness trouble; none is the same.",
        ),
        (
            [cell(case=name, **failed("run", "no")) for name in "ab"] + [cell(case="c")],
            [cell(case=name) for name in "abde"],
            "Against the accepted table: 2 regressed, 2 gone, 1 new; none is the same.",
        ),
        (
            [cell(), cell(case="b"), cell(case="c")],
            [cell(), cell(case="b", **failed("run", "no"))],
            "Against the accepted table: 1 fixed, 1 new; 1 is the same.",
        ),
    ],
)
def test_how_a_run_differs(now: list[Row], before: list[Row], said: str) -> None:
    summary = summary_of(now, before)
    assert compared(summary) == said
    assert said in " ".join(lines_of(printed(summary)))


def test_pairs_that_are_all_there_can_be_are_one_span() -> None:
    names = ("tf2.15", "tf2.16", "tf2.17")
    rows = [
        cell(producer=producer, consumer=consumer, **failed("run", "no"))
        for producer in names[1:]
        for consumer in names
        if producer != consumer
    ]
    straight = [cell(producer=name, consumer=name) for name in names]
    page = " ".join(lines_of(printed(summary_of([*straight, *rows]), verbose=True)))
    assert "saved in tf2.16, tf2.17 and loaded in every environment" in page
    fewer = " ".join(lines_of(printed(summary_of([*straight, *rows[1:]]), verbose=True)))
    assert "in tf2.16 → tf2.17, tf2.17 → tf2.15" in fewer


def test_a_grid_has_the_environments_that_take_part_in_a_cross() -> None:
    made = [cell(producer="tf2.15", consumer=each) for each in ("tf2.15", "tf2.16")]
    made += [cell(producer=each, consumer=each) for each in ("tf2.16", "keras3.1")]
    (grid,) = summary_of(made).grids
    header, [(title, rows)] = grid_rows(grid)
    assert title == "Cases that pass as written, which no remedy betters"
    assert header == ("", "tf2.15", "tf2.16")
    assert rows == [("tf2.15", "1/1", "1/1"), ("tf2.16", DASH, "1/1")]

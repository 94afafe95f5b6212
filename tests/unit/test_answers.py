"""What is said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.pages import cell, failed, lines_of, printed, summary_of

from savedmodel_matrix.answers import verdict

if TYPE_CHECKING:
    from savedmodel_matrix.table import Row


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

"""What counts as what."""

from __future__ import annotations

import pytest

from savedmodel_matrix.analysis.counting import count
from savedmodel_matrix.model.table import FAILURES
from tests.unit.rows import cell


def test_what_has_no_verdict_is_in_no_denominator() -> None:
    statuses = ["pass", "pass", *FAILURES, "not-applicable", "not-run", "not-run"]
    counts = count(cell(status) for status in statuses)
    assert (counts.passed, counts.failed, counts.applicable, counts.not_run) == (2, 3, 5, 2)


@pytest.mark.parametrize(
    ("statuses", "works"),
    [
        (["pass"], True),
        (["pass", "not-applicable"], True),
        (["not-applicable"], False),
        (["pass", "fail"], False),
        (["pass", "crash"], False),
        (["pass", "timeout"], False),
        (["pass", "not-run"], False),
    ],
)
def test_what_works_everywhere_it_applies(statuses: list[str], works: bool) -> None:
    assert count(cell(status) for status in statuses).works is works

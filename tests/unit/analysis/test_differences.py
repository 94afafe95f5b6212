"""Comparing a run with the accepted table, and what the exit status makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.differences import (
    EVERYTHING,
    SELECTION,
    Coverage,
    Differences,
    compare,
    compare_rows,
    exit_status,
)
from savedmodel_matrix.model.table import Row, from_cells, key_of
from tests.unit.analysis.test_change_class import outcomes
from tests.unit.rows import cell as row_of
from tests.unit.store.test_accepted import FAIL, NOT_RUN, cases, cell

NAMES = ("a", "b", "c", "d", "e")
COVERAGES = (EVERYTHING, SELECTION, Coverage({("tf2.15", "libtensorflow", "tf2.15")}))


def differences(
    now: list[dict[str, object]], before: list[dict[str, object]], *, full: bool = True
) -> Differences:
    return compare(from_cells(now), from_cells(before), full=full)


def test_changed_new_and_gone_are_told_apart() -> None:
    now = [cell("same"), cell("cured"), cell("new")]
    found = differences(now, [cell("same"), cell("cured", FAIL), cell("gone")])
    (change,) = found.changed
    assert change.kind is ChangeClass.FIXED
    assert change.before
    assert change.after
    assert (change.before["status"], change.after["status"]) == ("fail", "pass")
    assert change.before["case"] == change.after["case"] == "cured"
    assert cases(found.new) == ["new"]
    assert cases(found.gone) == ["gone"]


def test_what_was_not_selected_is_not_gone() -> None:
    found = differences([cell("a")], [cell("a"), cell("b")], full=False)
    assert not found.every
    assert found.counts[ChangeClass.NOT_COVERED] == found.counts[ChangeClass.SAME] == 1


def test_only_what_a_full_run_was_to_have_can_be_gone() -> None:
    kept, lost = cell("a"), cell("lost", producer="tf2.15", consumer="tf2.15")
    crossed = cell("a", consumer="tf2.15")
    own = cell("a", loader="openvino", consumer="openvino")
    now, before = from_cells([kept]), from_cells([kept, lost, crossed, own])
    planned = {("tf2.16", "libtensorflow", "tf2.16"), ("tf2.15", "libtensorflow", "tf2.15")}
    found = compare(now, before, full=True, planned=planned)
    assert cases(found.gone) == ["lost"]
    assert len(compare(now, before, full=True).gone) == 3
    assert not compare(now, before, full=True, planned=set()).gone
    assert not compare(now, before, full=False, planned=planned).gone


@pytest.mark.parametrize("column", ["reason", "fingerprint", "signature"])
def test_every_part_of_an_outcome_counts(column: str) -> None:
    found = differences([cell("a", FAIL, **{column: "other"})], [cell("a", FAIL)])
    assert len(found.changed) == 1


@pytest.mark.parametrize(
    ("now", "before", "full", "strict", "status"),
    [
        ([cell("a")], [cell("a")], True, True, 0),
        ([cell("a", FAIL)], [cell("a", FAIL)], True, True, 0),
        ([cell("a", FAIL)], [cell("a")], True, False, 1),
        ([cell("a")], [cell("a", FAIL)], True, False, 1),
        ([cell("a")], [], True, False, 0),
        ([cell("a")], [], True, True, 1),
        ([cell("a")], [cell("a"), cell("b")], True, False, 1),
        ([cell("a")], [cell("a"), cell("b")], False, True, 0),
        ([cell("a", NOT_RUN)], [cell("a")], True, False, 2),
        ([cell("a", NOT_RUN), cell("b", FAIL)], [cell("b")], False, True, 2),
    ],
)
def test_the_exit_status(
    now: list[dict[str, object]],
    before: list[dict[str, object]],
    full: bool,
    strict: bool,
    status: int,
) -> None:
    found = differences(now, before, full=full)
    assert exit_status(found, from_cells(now), strict=strict) == status


def results() -> st.SearchStrategy[list[Row]]:
    """Return a strategy of results: some of five cells, each with any outcome."""
    made = st.dictionaries(st.sampled_from(NAMES), outcomes())
    return made.map(lambda found: [row_of() | end | {"case": case} for case, end in found.items()])


@given(results(), results(), st.sampled_from(COVERAGES), st.sampled_from(COVERAGES))
def test_every_cell_of_two_results_is_in_exactly_one_class(
    before: list[Row], after: list[Row], one: Coverage, other: Coverage
) -> None:
    found = compare_rows(before, after, covered_before=one, covered_after=other)
    keys = {key_of(row) for row in (*before, *after)}
    assert list(found.counts) == list(ChangeClass)
    assert found.total == len(keys)
    listed = [key_of(change.row) for change in found.every]
    assert len(set(listed)) == len(listed)
    quiet = found.counts[ChangeClass.SAME] + found.counts[ChangeClass.NOT_COVERED]
    assert len(listed) + quiet == found.total
    assert {kind: len(changes) for kind, changes in found.changes.items()} == {
        kind: number for kind, number in found.counts.items() if kind.is_change and number
    }


@given(results(), results(), st.sampled_from(COVERAGES), st.sampled_from(COVERAGES))
def test_swapping_the_results_swaps_the_classes(
    before: list[Row], after: list[Row], one: Coverage, other: Coverage
) -> None:
    found = compare_rows(before, after, covered_before=one, covered_after=other)
    swapped = compare_rows(after, before, covered_before=other, covered_after=one)
    assert swapped.counts == {kind.mirror: number for kind, number in found.counts.items()}
    for kind, changes in found.changes.items():
        back = [(change.after, change.before) for change in swapped.changes[kind.mirror]]
        assert back == [(change.before, change.after) for change in changes]


@given(results())
def test_a_result_is_the_same_as_itself_where_everything_ran(rows: list[Row]) -> None:
    found = compare_rows(rows, rows)
    unknown = sum(row["status"] == "not-run" for row in rows)
    assert found.counts[ChangeClass.HARNESS_TROUBLE] == unknown
    assert found.counts[ChangeClass.SAME] == len(rows) - unknown

"""Comparing a run with the accepted table, and what the exit status makes of it."""

from __future__ import annotations

import pytest

from savedmodel_matrix.analysis.differences import Differences, compare, exit_status
from savedmodel_matrix.model.table import from_cells
from tests.unit.store.test_accepted import FAIL, NOT_RUN, cases, cell


def differences(
    now: list[dict[str, object]], before: list[dict[str, object]], *, full: bool = True
) -> Differences:
    return compare(from_cells(now), from_cells(before), full=full)


def test_changed_new_and_gone_are_told_apart() -> None:
    now = [cell("same"), cell("cured"), cell("new")]
    found = differences(now, [cell("same"), cell("cured", FAIL), cell("gone")])
    (change,) = found.changed
    assert (change.before["status"], change.after["status"]) == ("fail", "pass")
    assert change.before["case"] == change.after["case"] == "cured"
    assert cases(found.new) == ["new"]
    assert cases(found.gone) == ["gone"]


def test_what_was_not_selected_is_not_gone() -> None:
    assert differences([cell("a")], [cell("a"), cell("b")], full=False) == Differences((), (), ())


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

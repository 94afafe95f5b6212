"""What of a cell is an outcome, and which side of it a change is on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.bisected import (
    Asked,
    Blame,
    Side,
    Tried,
    blame,
    changes_of,
    outcome,
)
from tests.unit.rows import cell

OUTCOMES = st.sampled_from(["passes", "fails", None])


@pytest.mark.parametrize(
    ("row", "passes", "fingerprint"),
    [
        (cell(), "passes", "passes"),
        (cell("fail", stage="load", fingerprint="a"), "fails", "fails at load (a)"),
        (cell("crash", stage="run", fingerprint="b"), "fails", "fails at run (b)"),
        (cell("timeout", stage="run", fingerprint="b"), "fails", "fails at run (b)"),
        (cell("not-applicable", stage=""), "does not apply", "does not apply"),
        (cell("not-run", stage="environment"), None, None),
    ],
)
def test_an_outcome_is_what_was_asked_for(row, passes, fingerprint):
    assert outcome(Tried(row), Asked.PASS) == passes
    assert outcome(Tried(row), Asked.FINGERPRINT) == fingerprint


def test_signatures_can_be_the_outcome():
    assert outcome(Tried(cell(signature="f(x) -> (y)")), Asked.SIGNATURE) == "f(x) -> (y)"
    assert outcome(Tried(cell("fail", signature="")), Asked.SIGNATURE) == "no signature"


def test_a_release_that_was_skipped_has_no_outcome():
    row = cell("not-applicable", stage="", reason="keras==3.9 cannot be installed")
    assert outcome(Tried(row, skipped=row["reason"]), Asked.PASS) is None
    assert outcome(Tried(), Asked.PASS) is None


def test_changes_are_of_what_was_asked_for():
    tried = {0: Tried(cell("fail", fingerprint="a")), 3: Tried(cell("fail", fingerprint="b"))}
    assert changes_of(tried, Asked.PASS) == []
    (found,) = changes_of(tried, Asked.FINGERPRINT)
    assert (found.before, found.after) == (0, 3)


@pytest.mark.parametrize(
    ("loaded_after", "saved_after", "expected"),
    [
        ("passes", "fails", Blame.SAVING),
        ("fails", "passes", Blame.LOADING),
        ("fails", "fails", Blame.EITHER),
        ("passes", "passes", Blame.TOGETHER),
        (None, "fails", Blame.UNKNOWN),
        ("other", "fails", Blame.UNKNOWN),
    ],
)
def test_both_mixtures_say_which_side_changed(loaded_after, saved_after, expected):
    assert blame("passes", "fails", (loaded_after, saved_after)) is expected


@given(OUTCOMES, OUTCOMES)
def test_a_change_that_only_the_saving_release_makes_is_saving(was, now):
    if was == now:
        return
    saving = blame(was, now, (was, now))
    assert saving is (Blame.UNKNOWN if None in (was, now) else Blame.SAVING)


def test_the_varied_side_has_the_packages_that_count():
    tried = Tried(cell(), packages={"keras": "3.4"}, consumer_packages={"keras": "3.5"})
    found = {side: tried.installed(side)["keras"] for side in Side}
    assert found == {Side.BOTH: "3.4", Side.SAVE: "3.4", Side.LOAD: "3.5"}

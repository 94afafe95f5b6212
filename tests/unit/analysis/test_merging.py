"""Every cell once, whatever part it comes from; where two disagree both are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.merging import (
    NAMED,
    Part,
    merge_cells,
    merge_runs,
    missing_parts,
)
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import key_of
from tests.unit.rows import cell
from tests.unit.store.runs import RUN, shard

CELLS = [cell(case=f"case_{number:02}") for number in range(12)]


def part(named, cells=(), **described):
    return Part(named, list(cells), RUN | described)


@given(
    st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=12, max_size=12),
    st.permutations(range(3)),
)
def test_however_cells_are_spread_the_table_is_the_same(places, order):
    parts = [
        part(str(n), [c for c, where in zip(CELLS, places, strict=True) if n in where])
        for n in range(3)
    ]
    assert merge_cells([parts[n] for n in order]) == CELLS


@pytest.mark.parametrize("name", ["status", "reason", "fingerprint", "signature"])
def test_two_outcomes_of_one_cell_are_an_error_with_both(name):
    other = cell("fail", reason="no") if name == "status" else cell(**{name: "other"})
    with pytest.raises(UserError) as raised:
        merge_cells([part("one", [cell()]), part("two", [other])])
    said = str(raised.value)
    assert ", ".join(key_of(other)) in said
    assert "in one, " in said
    assert said.endswith("in two")
    assert "nothing was written" in said


def test_many_conflicts_are_counted_and_a_few_named():
    others = [cell("fail", case=one["case"], reason="no") for one in CELLS]
    with pytest.raises(UserError, match="disagree on 12 cells") as raised:
        merge_cells([part("one", CELLS), part("two", others)])
    assert str(raised.value).count("case_") == NAMED
    assert "and 2 more" in str(raised.value)


@pytest.mark.parametrize("first", [0, 1])
def test_a_cell_that_was_not_run_somewhere_is_as_it_was_judged(first):
    parts = [part("one", [cell("not-run", reason="no room")]), part("two", [cell()])]
    assert merge_cells([parts[first], parts[1 - first]]) == [cell()]


def test_the_description_adds_up_and_says_what_each_run_was():
    later = {"finished": "2026-11-21T10:00:00Z", "cores": 4, "seconds": 5, "cells_run": 3}
    made = merge_runs([part("one", **shard(1, 2)), part("two", **later, **shard(2, 2))])
    assert (made["finished"], made["cores"], made["seconds"], made["cells_run"]) == (
        *("2026-11-21T10:00:00Z", 4, 65, 7),
    )
    assert made["full"] is True
    assert "shard" not in made
    assert [one["seconds"] for one in made["parts"]] == [60, 5]
    assert made["dirty"] is False


def test_runs_of_two_commits_are_no_commit_s():
    assert merge_runs([part("one"), part("two", commit="b" * 40)])["dirty"] is True


def test_a_table_of_several_processors_is_of_none_and_the_parts_say_which():
    made = merge_runs([part("one"), part("two", processor={"architecture": "x86_64"})])
    assert "processor" not in made
    assert [one["processor"]["architecture"] for one in made["parts"]] == ["x86_64"] * 2
    assert merge_runs([part("one"), part("two")])["processor"] == RUN["processor"]


def test_a_selection_stays_one():
    assert merge_runs([part("one", **shard(1, 1, full=False))])["full"] is False
    assert merge_runs([part("one"), part("two")])["full"] is False


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"platform": "darwin-arm64"}, "Platform is not the same in one as in two"),
        ({"environments": {"tf2.15": {"lock": "other"}}}, "The environment tf2.15 is not the same"),
    ],
)
def test_runs_that_make_no_table_together_are_refused(described, said):
    with pytest.raises(UserError, match=said):
        merge_runs([part("one"), part("two", **described)])


def test_missing_parts_are_known_and_added_later():
    parts = [part("one", **shard(1, 4)), part("two", **shard(3, 4))]
    assert missing_parts(parts) == [2, 4]
    made = merge_runs(parts)
    assert made["shard"]["parts"] == [1, 3]
    assert made["full"] is False
    rest = [Part("so far", [], made), part("three", **shard(2, 4)), part("four", **shard(4, 4))]
    whole = merge_runs(rest)
    assert (whole["full"], len(whole["parts"])) == (True, 4)


def test_parts_of_two_matrices_are_refused():
    with pytest.raises(UserError, match="one and two are parts of two different matrices"):
        missing_parts([part("one", **shard(1, 2)), part("two", **shard(2, 2, plan="other"))])

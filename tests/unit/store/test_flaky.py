"""Flaky cells: found by comparing two runs, kept as JSON, read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import from_cells
from savedmodel_matrix.store.flaky import FILE, Flaky, flaky_cells, load_selfcheck, made
from tests.unit.rows import cell

STATUSES = st.lists(st.sampled_from(["pass", "fail"]), min_size=3, max_size=3)


def table(statuses, **given):
    return from_cells([cell(one, case=f"c{n}", **given) for n, one in enumerate(statuses)])


@given(STATUSES, STATUSES)
def test_exactly_the_cells_that_differ_are_flaky(first, second):
    found = flaky_cells(table(first), table(second))
    differ = [f"c{n}" for n in range(3) if first[n] != second[n]]
    assert [one.first["case"] for one in found] == differ
    assert all(one.first["status"] != one.second["status"] for one in found)


@pytest.mark.parametrize("column", ["reason", "fingerprint", "signature"])
def test_another_way_of_failing_is_flaky_too(column):
    [found] = flaky_cells(table(["fail"]), table(["fail"], **{column: "another"}))
    assert found.second[column] == "another"


def test_tables_of_other_cells_are_not_compared():
    with pytest.raises(UserError, match="Only one of the two runs has the cell c1"):
        flaky_cells(table(["pass"]), table(["pass", "pass"]))


def test_what_is_kept_is_read_again(tmp_path):
    [before], [after] = [cell("pass")], [cell("fail", reason="r")]
    kept = made({"finished": "2026", "commit": "abc"}, 2, [Flaky(before, after)])
    (tmp_path / FILE).write_bytes(kept)
    found = load_selfcheck(tmp_path)
    assert (found["cells"], found["commit"], len(found["flaky"])) == (2, "abc", 1)
    assert found["flaky"][0]["first"]["status"] == "pass"
    assert found["flaky"][0]["second"]["reason"] == "r"


def test_where_nothing_was_checked_nothing_is_known(tmp_path):
    assert load_selfcheck(tmp_path) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 1, "flaky": [{}]}', '{"cells": "many", "flaky": []}']
)
def test_a_file_that_is_something_else_is_named(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UserError, match=r"selfcheck\.json is not what a selfcheck writes"):
        load_selfcheck(tmp_path)

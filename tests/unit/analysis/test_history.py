"""What is kept of an accepted full run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from savedmodel_matrix.analysis.change_groups import grouped
from savedmodel_matrix.analysis.differences import compare_rows
from savedmodel_matrix.analysis.history import GROUPS, HistoryEntry, entry_of, read_entry
from tests.unit.analysis.test_differences import results
from tests.unit.rows import cell

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row

RUN: dict[str, Any] = {
    "finished": "2026-01-02T03:04:05Z",
    "commit": "c0ffee",
    "processor": {"model": "AMD EPYC", "architecture": "x86_64", "extensions": ["avx2"]},
    "environments": {"tf2.15": {"lock": "l", "python": "CPython", "packages": {"keras": "2.15.0"}}},
}


def entry(after: list[Row], before: list[Row] | None = None, **run: Any) -> HistoryEntry:
    """Return the entry of a run, by default the first."""
    return entry_of(after, RUN | run, grouped(compare_rows(before or [], after)))


def test_cells_are_counted_by_environment_remedy_and_loader() -> None:
    made = entry([cell(), cell("fail", producer="tf2.16"), cell(remedy="resave")])
    assert made.numbers == {"fail": 1, "pass": 2}
    assert made.counts["environment"] == {"tf2.15": {"pass": 2}, "tf2.16": {"fail": 1}}
    assert made.counts["remedy"] == {"as-written": {"fail": 1, "pass": 1}, "resave": {"pass": 1}}
    assert made.counts["loader"] == {"libtensorflow": {"fail": 1, "pass": 2}}
    assert made.environments["tf2.15"] == {"python": "CPython", "packages": {"keras": "2.15.0"}}


def test_what_changed_is_kept_by_class_and_bounded() -> None:
    before = [cell(case=f"c{number}") for number in range(GROUPS + 5)]
    after = [cell("fail", case=row["case"], fingerprint=row["case"]) for row in before]
    changed = entry(after, before).changed["regressed"]
    assert (changed["cells"], changed["groups_left_out"]) == (GROUPS + 5, 5)
    assert changed["groups"][0] == {
        "before": "pass values",
        "after": "fail run",
        "cells": 1,
        "cases": {"c0": 1},
        "environments": ["tf2.15"],
        "remedies": ["as-written"],
        "loaders": ["libtensorflow"],
        "fingerprint": "c0",
    }


@given(results(), results())
def test_an_entry_is_read_as_it_was_written(before: list[Row], after: list[Row]) -> None:
    made = entry(after, before)
    assert read_entry(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"more": 1},
        {"finished": 1},
        {"cores": "2"},
        {"counts": {}},
        {"counts": {"all": {}, "environment": {}, "remedy": {}, "loader": {}}},
        {"counts": {"all": {"all": {"pass": "1"}}, "environment": {}, "remedy": {}, "loader": {}}},
        {"changed": {"improved": {"cells": 1}}},
        {"changed": {"fixed": {}}},
        {"changed": {"fixed": {"cells": 1}}},
        {"changed": {"fixed": {"cells": 1, "groups_left_out": 0, "groups": {}}}},
        {"changed": {"fixed": {"cells": 1, "groups_left_out": 0, "groups": [{"cells": 1}]}}},
    ],
)
def test_what_is_no_entry_is_refused(change: dict[str, Any]) -> None:
    stated = entry([cell()]).to_json()
    assert read_entry(stated)
    with pytest.raises(ValueError, match=r"\w"):
        read_entry(stated | change)
    with pytest.raises(ValueError, match="not an entry"):
        read_entry([])

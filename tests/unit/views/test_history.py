"""The accepted full runs, listed."""

from __future__ import annotations

import io
import json

from rich.console import Console

from savedmodel_matrix.views.history import NONE, history_json, history_table
from tests.unit.analysis.test_history import entry
from tests.unit.rows import cell

HISTORY = [
    entry([cell(), cell("fail", case="b")], finished="2026-01-01T00:00:00Z", processor=None),
    entry([cell(), cell(case="b")], [cell(), cell("fail", case="b")]),
]


def test_the_newest_run_is_last_with_what_it_changed() -> None:
    stream = io.StringIO()
    history_table(HISTORY, Console(file=stream, width=100))
    header, first, last = stream.getvalue().splitlines()
    assert header.split() == ["run", "commit", "processor", "cells", "pass", "changed"]
    assert first.split() == [
        *["2026-01-01", "00:00", "c0ffee", "2"],
        *["1", "of", "2", "(50", "%)", "2", "new"],
    ]
    assert last.startswith("  2026-01-02 03:04  c0ffee  AMD EPYC   2      2 of 2 (100 %)  1 fixed")


def test_no_history_says_how_to_get_one() -> None:
    stream = io.StringIO()
    history_table([], Console(file=stream, width=200))
    assert stream.getvalue() == f"{NONE}\n"


def test_json_has_every_entry_whole() -> None:
    assert json.loads(history_json(HISTORY)) == [one.to_json() for one in HISTORY]
    assert json.loads(history_json([])) == []

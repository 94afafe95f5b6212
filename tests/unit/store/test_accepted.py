"""Taking a run over into the accepted table, and reading it again."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.analysis.differences import compare, exit_status
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import COLUMNS, from_cells, key_of, rows_of
from savedmodel_matrix.store.accepted import (
    CELLS,
    TABLE,
    Publishable,
    accept,
    load_cells,
    load_run,
    load_table,
    read_cells,
    read_durations,
)

PASS = {"status": "pass", "stage": "values"}
FAIL = {"status": "fail", "stage": "run", "reason": "no", "fingerprint": "no"}
RUN_OF = {"finished": "2026-01-02T03:04:05Z", "commit": "c0ffee", "selections": []}
NOT_RUN = {"status": "not-run", "stage": "environment", "reason": "no Python"}


def take(cells, directory, **options):
    return accept(Publishable(cells), directory, **options)


def cell(case: str, outcome: dict[str, str] = PASS, **given: object) -> dict[str, object]:
    key = dict.fromkeys(COLUMNS, "") | {
        "case": case,
        "remedy": "as-written",
        "producer": "tf2.16",
        "loader": "libtensorflow",
        "consumer": "tf2.16",
    }
    return {**key, **outcome, **given}


def cases(rows: tuple[dict[str, str], ...]) -> list[str]:
    return [row["case"] for row in rows]


def test_a_full_run_replaces_everything(tmp_path: Path) -> None:
    take([cell("old"), cell("kept", FAIL)], tmp_path, full=True, run=RUN_OF)
    taken = take([cell("kept", message="now"), cell("new")], tmp_path, full=True, run=RUN_OF)
    assert (len(taken.changed), cases(taken.new), cases(taken.gone)) == (1, ["new"], ["old"])
    assert [row["case"] for row in rows_of(load_table(tmp_path))] == ["kept", "new"]
    assert [record.get("message") for record in load_cells(tmp_path)] == ["now", None]


def test_a_full_run_leaves_what_it_was_not_to_have(tmp_path: Path) -> None:
    crossed, jax = cell("a", consumer="tf2.15"), cell("a", producer="jax", consumer="jax")
    before = {**RUN_OF, "environments": {"tf2.16": {"lock": "old"}, "jax": {"lock": "j"}}}
    take([cell("a"), cell("old"), crossed, jax], tmp_path, full=True, run=before)
    now = {**RUN_OF, "environments": {"tf2.16": {"lock": "new"}}}
    planned = {("tf2.16", "libtensorflow", "tf2.16")}
    taken = take([cell("a", FAIL)], tmp_path, full=True, run=now, planned=planned)
    assert (len(taken.changed), cases(taken.gone)) == (1, ["old"])
    assert {key_of(row)[2:] for row in rows_of(load_table(tmp_path))} == {
        ("jax", "libtensorflow", "jax"),
        ("tf2.16", "libtensorflow", "tf2.15"),
        ("tf2.16", "libtensorflow", "tf2.16"),
    }
    environments = load_run(tmp_path)["environments"]
    assert environments == {"tf2.16": {"lock": "new"}, "jax": {"lock": "j"}}


def test_a_selection_replaces_its_own_cells_only(tmp_path: Path) -> None:
    take([cell("a", log="1"), cell("b", log="1")], tmp_path, full=True, run=RUN_OF)
    taken = take([cell("b", FAIL, log="2"), cell("c", log="2")], tmp_path, full=False, run=RUN_OF)
    assert (len(taken.changed), cases(taken.new), taken.gone) == (1, ["c"], ())
    records = load_cells(tmp_path)
    assert [(one["case"], one["status"], one["log"]) for one in records] == [
        ("a", "pass", "1"),
        ("b", "fail", "2"),
        ("c", "pass", "2"),
    ]
    assert rows_of(from_cells(records)) == rows_of(load_table(tmp_path))


def test_what_was_just_accepted_differs_in_nothing(tmp_path: Path) -> None:
    ran = [cell("a"), cell("b", FAIL)]
    take(ran, tmp_path, full=True, run=RUN_OF)
    found = compare(from_cells(ran), load_table(tmp_path), full=True)
    assert exit_status(found, from_cells(ran), strict=True) == 0


def test_cells_are_whole_sorted_and_have_sorted_keys(tmp_path: Path) -> None:
    take(
        [cell("b", z={"b": 1, "a": "ü\ud800"}), cell("a", seconds=0.5)],
        tmp_path,
        full=True,
        run=RUN_OF,
    )
    first, second = gzip.decompress((tmp_path / CELLS).read_bytes()).decode().splitlines()
    assert list(json.loads(first)) == sorted(cell("a", seconds=0.5))
    assert json.loads(first)["seconds"] == 0.5
    assert json.loads(second)["z"] == {"a": "ü\ud800", "b": 1}


@settings(deadline=None)
@given(st.permutations(["a", "b", "c", "d"]))
def test_equal_cells_give_equal_bytes(
    tmp_path_factory: pytest.TempPathFactory, order: list[str]
) -> None:
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    take([cell(name, reason=name) for name in "abcd"], one, full=True, run=RUN_OF)
    take([cell(name, reason=name) for name in order], other, full=True, run=RUN_OF)
    for name in (TABLE, CELLS):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    assert (one / CELLS).read_bytes()[4:8] == bytes(4)  # gzip's clock


@pytest.mark.parametrize("full", [True, False])
def test_not_run_is_refused_and_nothing_replaced(tmp_path: Path, full: bool) -> None:
    take([cell("a")], tmp_path, full=True, run=RUN_OF)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UserError, match=r"^1 of 2 cells are not-run.*first: b, as-written"):
        take([cell("a", FAIL), cell("b", NOT_RUN)], tmp_path, full=full, run=RUN_OF)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_no_cell_is_refused(tmp_path: Path) -> None:
    take([cell("a")], tmp_path, full=True, run=RUN_OF)
    with pytest.raises(UserError, match="No cell ran"):
        take([], tmp_path, full=True, run=RUN_OF)
    assert len(load_table(tmp_path)) == 1


def test_a_selection_does_not_mend_files_that_do_not_belong_together(tmp_path: Path) -> None:
    take([cell("a"), cell("b")], tmp_path, full=True, run=RUN_OF)
    table = (tmp_path / TABLE).read_text()
    (tmp_path / TABLE).write_text(table.replace("b,", "c,"))
    with pytest.raises(UserError, match=r"do not state the same cells; restore the accepted"):
        take([cell("a")], tmp_path, full=False, run=RUN_OF)
    take([cell("a")], tmp_path, full=True, run=RUN_OF)
    assert [row["case"] for row in rows_of(load_table(tmp_path))] == ["a"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"plain text", "cannot be read"),
        (gzip.compress(b"{}\n", mtime=0)[:-9], "cannot be read"),
        (gzip.compress(b"\xff", mtime=0), "cannot be read"),
        (gzip.compress(b"{}\n{", mtime=0), "line 2: not JSON"),
        (gzip.compress(b"[]\n", mtime=0), "line 1: not a JSON object"),
        (gzip.compress(b"[" * 200_000, mtime=0), "line 1: not JSON"),
    ],
)
def test_broken_cells_are_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / CELLS).write_bytes(content)
    with pytest.raises(UserError) as caught:
        load_cells(tmp_path)
    assert str(tmp_path / CELLS) in str(caught.value)
    assert said in str(caught.value)
    assert "restore the accepted" in str(caught.value)


def test_cells_that_are_no_table_name_their_file(tmp_path: Path) -> None:
    take([cell("a")], tmp_path, full=True, run=RUN_OF)
    (tmp_path / CELLS).write_bytes(gzip.compress(b'{"case": "a"}\n'))
    with pytest.raises(UserError, match=r"cells\.jsonl\.gz, which was accepted: .*as its remedy"):
        take([cell("b")], tmp_path, full=False, run=RUN_OF)


def test_the_cells_of_some_cases_are_those_cells_whole(tmp_path: Path) -> None:
    take([cell("a"), cell("b", reason="a"), cell("ab")], tmp_path, full=True, run=RUN_OF)
    every = load_cells(tmp_path)
    assert list(read_cells(tmp_path, ["a"])) == every[:1]
    assert list(read_cells(tmp_path, ["b", "a", "none"])) == [every[0], every[2]]
    assert list(read_cells(tmp_path, [])) == list(read_cells(tmp_path, ["none"])) == []
    for name in "a", "b", "none":
        rows = [row for row in rows_of(load_table(tmp_path)) if row["case"] == name]
        assert rows_of(load_table(tmp_path, [name])) == rows


def test_nothing_accepted_yet_is_an_empty_table(tmp_path: Path) -> None:
    assert load_table(tmp_path).empty
    assert load_cells(tmp_path) == []
    taken = take([cell("a")], tmp_path / "new", full=False, run=RUN_OF)
    assert [key_of(row)[0] for row in taken.new] == ["a"]


def test_how_the_table_was_made_is_kept_and_selections_are_noted(tmp_path: Path) -> None:
    assert load_run(tmp_path) == {}
    take([cell("a"), cell("b")], tmp_path, full=True, run=RUN_OF)
    assert load_run(tmp_path) == RUN_OF
    later = {"finished": "2026-02-03T04:05:06Z", "commit": "decaf", "selections": []}
    take([cell("b")], tmp_path, full=False, run=later)
    noted = {"finished": "2026-02-03T04:05:06Z", "commit": "decaf", "cells": 1}
    assert load_run(tmp_path) == RUN_OF | {"selections": [noted]}
    take([cell("a")], tmp_path, full=True, run=later)
    assert load_run(tmp_path) == later


def test_a_full_run_keeps_the_notes_of_the_cells_that_it_leaves(tmp_path: Path) -> None:
    part = cell("a", producer="tf2.15", loader="litert", consumer="litert1.0")
    own = cell("a")
    here = (own["producer"], own["loader"], own["consumer"])
    environments: dict[str, dict[str, str]] = {"tf2.15": {}, "litert1.0": {}}
    take([own], tmp_path, full=True, run=RUN_OF)
    take([part], tmp_path, full=False, run=RUN_OF | {"environments": environments})
    take([own], tmp_path, full=True, run=RUN_OF, planned={here})
    (noted,) = load_run(tmp_path)["selections"]
    assert noted["cells"] == 1
    assert len(load_cells(tmp_path)) == 2
    take([own], tmp_path, full=True, run=RUN_OF, planned={here, ("tf2.15", "litert", "litert1.0")})
    assert load_run(tmp_path)["selections"] == []


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00"])
def test_a_description_that_cannot_be_read_is_said_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UserError, match=r"run\.json"):
        load_run(tmp_path)


HOSTILE = st.text(max_size=20) | st.sampled_from(
    ['"seconds": {"save": 9}', '", "case": "x", "', "\\", '\\"', '{"producer": "y"}']
)


@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=4))
def test_durations_are_those_of_the_whole_cells_whatever_these_say(texts):
    cells = [
        {
            "case": case,
            "keras": {"keras": producer},
            "message": message,
            "producer": producer,
            "remedy": message,
            "seconds": {"save": 0.5, "run": number},
            "traceback": case,
            "versions": {"producer": {"x": "1"}, "consumer": {}},
        }
        for number, (case, producer, message) in enumerate(texts)
    ]
    lines = "".join(json.dumps(one, sort_keys=True) + "\n" for one in cells)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / CELLS).write_bytes(gzip.compress(lines.encode()))
        names = ("case", "remedy", "producer", "seconds")
        expected = [{name: one[name] for name in names} for one in cells]
        assert list(read_durations(directory)) == expected


def test_without_accepted_cells_no_durations_are_known(tmp_path):
    assert list(read_durations(tmp_path)) == []

"""Reading a result from a directory: a run's, an accepted table's, a report's."""

from __future__ import annotations

import gzip
import json
import lzma
from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.analysis.differences import EVERYTHING, SELECTION
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.result import read_directory
from savedmodel_matrix.store.run_directory import RunDirectory
from tests.unit.rows import cell

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [cell(case="a"), cell("fail", case="b", producer="tf2.16")]


def table(place: Path, run: object = None) -> Path:
    """Write a table and, unless it is None, its run.json."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "matrix.csv").write_bytes(csv_bytes(from_cells(ROWS)))
    if run is not None:
        (place / "run.json").write_text(json.dumps(run))
    return place


def test_an_accepted_table_was_to_have_everything(tmp_path: Path) -> None:
    place = table(tmp_path / "accepted", {"commit": "c0ffee", "full": False})
    (place / "cells.jsonl.gz").touch()
    found = read_directory(place, "it")
    assert (found.named, found.what) == ("it", "an accepted table")
    assert found.rows == ROWS
    assert found.run["commit"] == "c0ffee"
    assert found.coverage is EVERYTHING


@pytest.mark.parametrize("full", [True, False, None])
def test_a_run_was_to_have_its_selection_or_all_of_its_kinds(
    tmp_path: Path, full: bool | None
) -> None:
    RunDirectory(tmp_path / "run").claim()
    place = table(tmp_path / "run", {} if full is None else {"full": full})
    found = read_directory(place, "run")
    assert found.what == "a run"
    if full:
        kinds = {("tf2.15", "libtensorflow", "tf2.15"), ("tf2.16", "libtensorflow", "tf2.16")}
        assert found.coverage.kinds == kinds
    else:
        assert found.coverage is SELECTION


def test_a_report_is_read_from_its_data(tmp_path: Path) -> None:
    data = table(tmp_path / "report" / "data", {"commit": "c0ffee"})
    (data / "cells.schema.json").touch()
    (data / "cells.jsonl.gz").touch()
    for place in (data.parent, data, data / "matrix.csv"):
        found = read_directory(place, "report")
        assert found.what == "a report"
        assert found.coverage.includes(("x", "y", "tf2.15", "libtensorflow", "tf2.15"))
        assert not found.coverage.includes(("x", "y", "jax", "libtensorflow", "jax"))
    whole = (data / "matrix.csv").read_bytes()
    (data / "matrix.csv").unlink()
    for pack, ending in ((gzip.compress, "gz"), (lzma.compress, "xz")):
        packed = data / f"matrix.csv.{ending}"
        packed.write_bytes(pack(whole))
        for place in (data.parent, data, packed):
            assert read_directory(place, "report").rows == ROWS
        packed.unlink()
    packed.write_bytes(lzma.compress(whole))
    (data / "run.json").write_text('{"full": false}')
    assert read_directory(data, "report").coverage is SELECTION


def test_a_table_alone_is_a_result_too(tmp_path: Path) -> None:
    table(tmp_path)
    copy = (tmp_path / "matrix.csv").rename(tmp_path / "old.csv")
    found = read_directory(copy, "old.csv")
    assert (found.what, found.rows, found.run) == ("a table", ROWS, {})
    found = read_directory(table(tmp_path / "alone"), "alone")
    assert (found.what, found.coverage) == ("a table", EVERYTHING)
    copied = read_directory(table(tmp_path / "copied", {"commit": "c0ffee"}), "copied")
    assert (copied.what, copied.coverage) == ("a run", SELECTION)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x,y\n", r"matrix.csv, line 1: not the header of a table; name a whole result\."),
        (b"\xff", r"matrix.csv, line 1: not UTF-8"),
    ],
)
def test_a_table_that_is_none_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "matrix.csv").write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_directory(tmp_path, "x")


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_description_that_is_none_is_one_sentence(tmp_path: Path, content: str) -> None:
    table(tmp_path)
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(UserError, match=r"run\.json is not .*; name a whole result\."):
        read_directory(tmp_path, "x")


def test_a_directory_without_a_table_says_where_there_is_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has no matrix\.csv, .*: name one of these\."):
        read_directory(tmp_path, "x")
    table(tmp_path / "accepted")
    with pytest.raises(UserError, match=r"did you mean .*accepted\?"):
        read_directory(tmp_path, "x")


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "matrix.csv").mkdir()
    with pytest.raises(UserError, match=r"matrix\.csv cannot be read \(Is a directory\)"):
        read_directory(tmp_path, "x")

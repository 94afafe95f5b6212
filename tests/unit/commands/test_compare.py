"""`savedmodel-matrix compare` and `history`, from the command line to the exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.commands.cli_results import CHANGE_CLASSES
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.history import file_of
from savedmodel_matrix.store.run_directory import of_project
from tests.unit.rows import cell
from tests.unit.views.test_history import HISTORY

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.model.table import Row

PYPROJECT = """
[tool.savedmodel-matrix.environments]
"tf2.15" = { python = "3.11", tensorflow = "2.15.1" }
[tool.savedmodel-matrix.groups]
default = ["tf2.15"]
"""
PASSES, FAILS = [cell(), cell(case="b")], [cell("fail", reason="no"), cell(case="b")]


def put(place: Path, rows: list[Row]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "matrix.csv").write_bytes(csv_bytes(from_cells(rows)))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project in which two cells are accepted, and the last run has one that fails."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    put(tmp_path / "results" / "accepted", PASSES)
    (tmp_path / "results" / "accepted" / "cells.jsonl.gz").touch()
    (tmp_path / "results" / "accepted" / "run.json").write_text('{"commit": "c0ffee"}')
    of_project(tmp_path / "results").claim()
    put(tmp_path / "results", FAILS[:1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_without_names_the_last_run_is_compared_with_the_accepted_table(project: Path) -> None:
    found = run("compare")
    assert found.exit_code == 1
    assert "Before: results/accepted: an accepted table, 2 cells" in found.output
    assert "After:  results: a run, 1 cell" in found.output
    assert "1 regressed; none is the same; 1 is not covered by both." in found.output
    assert run("compare", "results/accepted").output == found.output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("results", "results/accepted"), 0),
        (("results", "results/accepted", "--fail-on", "fixed"), 1),
        (("results/accepted", "results", "--fail-on", "fixed"), 0),
        (("results/accepted", "results", "--fail-on", "fixed", "--fail-on", "regressed"), 1),
        (("results/accepted", "results/accepted"), 0),
        (("results/accepted", "results/accepted", "--fail-on", "same"), 1),
    ],
)
def test_the_exit_status(project: Path, arguments: tuple[str, ...], status: int) -> None:
    assert run("compare", *arguments).exit_code == status


def test_formats_have_the_same_exit_status_and_nothing_else_on_the_output(project: Path) -> None:
    found = run("compare", "--format", "json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["failed_on"] == ["regressed"]
    found = run("compare", "--format", "markdown")
    assert found.exit_code == 1
    assert found.stdout.startswith("**1 regressed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "'nowhere' is neither a file or directory here, nor an address"),
        (("cases",), "cases has no matrix.csv"),
        (("http://127.0.0.1:1/",), "http://127.0.0.1:1/data/matrix.csv.xz cannot be fetched: "),
        (("a\0b",), "is neither a file or directory here"),
        (("x" * 5000,), "is neither a file or directory here"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_status_2(
    project: Path, arguments: tuple[str, ...], said: str
) -> None:
    (project / "cases").mkdir()
    found = run("compare", *arguments)
    assert found.exit_code == 2
    assert said in found.stderr
    assert "Traceback" not in found.output


def test_where_there_is_no_run_or_nothing_is_accepted_that_is_said(project: Path) -> None:
    (project / "results" / "matrix.csv").unlink()
    found = run("compare")
    assert found.exit_code == 2
    assert "There is no run in results yet: run `nox -s matrix`" in found.stderr
    (project / "results" / "accepted" / "matrix.csv").unlink()
    assert "Nothing was accepted yet" in run("compare").stderr


def test_directories_can_be_compared_outside_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, rows in (("a", FAILS), ("b", PASSES)):
        put(tmp_path / name, rows)
    monkeypatch.chdir(tmp_path)
    found = run("compare", "a", "b/matrix.csv")
    assert (found.exit_code, "1 fixed" in found.output) == (0, True)
    assert run("compare", "a", "main~1").exit_code == 2


def test_the_command_line_knows_every_class() -> None:
    assert list(CHANGE_CLASSES) == [kind.value for kind in ChangeClass]
    text = run("compare", "--help").output
    assert all(name in text for name in CHANGE_CLASSES)


def test_the_history_is_listed(project: Path) -> None:
    assert "No full run was accepted yet" in run("history").output
    for entry in HISTORY:
        write_files(file_of(entry, project / "results" / "history"))
    assert "1 fixed" in run("history").output
    assert len(json.loads(run("history", "--format", "json").output)) == 2
    (project / "results" / "history" / "2026-01-01T000000Z.json").write_text("{")
    found = run("history")
    assert (found.exit_code, "is no entry of the history" in found.stderr) == (2, True)

"""`merge`: three directories of real records are one again, and nothing is ever half merged."""

from __future__ import annotations

import lzma
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands import foretold
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.model.code import code_hash
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.records import Records
from savedmodel_matrix.store.run_directory import RunDirectory
from savedmodel_matrix.store.told import write_told
from tests.unit.commands.test_compare import PYPROJECT
from tests.unit.store.runs import outcomes, run_of, shard, tree

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("matrix.csv", "cells.jsonl")


@pytest.fixture(autouse=True)
def _small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merge in a project of one case, in which nothing was accepted."""
    project = tmp_path / "project"
    (project / "cases").mkdir(parents=True)
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "cases" / "module_dense.py").write_text(
        '"""A case."""\ninputs = {}\ndef build(): ...\n'
    )
    monkeypatch.chdir(project)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Return the three parts of a run: the loads of a save are in its part."""
    cells = outcomes()
    return [
        run_of(tmp_path / f"part-{n + 1}", cells[4 * n : 4 * n + 4], **shard(n + 1, 3))
        for n in range(3)
    ]


def merge(*directories: Path, into: Path, more: tuple[str, ...] = ()):
    return CliRunner().invoke(main, ["merge", *map(str, directories), "--into", str(into), *more])


def records(place: Path) -> dict[str, bytes]:
    kept = Records(place / ".savedmodel-matrix" / "records.sqlite3")
    found = {row.key: row.body for row in kept.rows(sorted(kept.keys()))}
    kept.close()
    return found


def same(place: Path, whole: Path) -> None:
    for name in TABLES:
        assert (place / name).read_bytes() == (whole / name).read_bytes()
    assert records(place) == records(whole)
    for inner in ("artifacts", "logs"):
        ours, theirs = tree(place / inner), tree(whole / inner)
        assert {name: content for name, (content, _) in ours.items()} == {
            name: content for name, (content, _) in theirs.items()
        }
    assert not list((place / ".savedmodel-matrix" / "unfinished").iterdir())


def test_merged_parts_are_the_whole_to_the_byte_and_stay_as_they_were(parts, tmp_path):
    before = [tree(part) for part in parts]
    whole, into = run_of(tmp_path / "whole", outcomes()), tmp_path / "into"
    result = merge(parts[2], parts[0], parts[1], into=into)
    assert result.exit_code == 0, result.output
    assert (
        "Merged 3 directories: 12 cells; 18 records and 6 artifacts were taken over."
        in result.stdout
    )
    same(into, whole)
    assert [tree(part) for part in parts] == before
    assert (into / "report" / "index.html").exists()
    assert (into / "matrix.md").exists()
    assert next((into / "artifacts").iterdir()).joinpath("artifact", "assets").is_dir()


def test_merging_again_changes_nothing(parts, tmp_path):
    into = tmp_path / "into"
    merge(*parts, into=into)
    tables = [(into / name).read_bytes() for name in (*TABLES, "matrix.md")]
    result = merge(*parts, into=into)
    assert result.exit_code == 0, result.output
    assert "0 records and 0 artifacts" in result.stdout
    assert [(into / name).read_bytes() for name in (*TABLES, "matrix.md")] == tables


def test_a_part_may_be_what_the_others_go_into(parts, tmp_path):
    whole = run_of(tmp_path / "whole", outcomes())
    result = merge(parts[1], parts[2], into=parts[0])
    assert result.exit_code == 0, result.output
    same(parts[0], whole)


def test_a_missing_part_is_named_and_nothing_is_written_unless_that_is_asked_for(parts, tmp_path):
    into = tmp_path / "into"
    result = merge(parts[0], parts[2], into=into)
    assert result.exit_code == 2
    assert "Of 3 parts 2 is missing" in result.stderr
    assert not into.exists()
    assert merge(parts[0], parts[2], into=into, more=("--partial",)).exit_code == 0
    assert merge(parts[1], into=into).exit_code == 0
    same(into, run_of(tmp_path / "whole", outcomes()))


def test_cells_that_disagree_are_named_with_both_outcomes_and_nothing_is_written(parts, tmp_path):
    other = outcomes()[:1]
    other[0] |= {"status": "pass", "stage": "values", "reason": ""}
    run_of(tmp_path / "other", other)
    into = tmp_path / "into"
    result = merge(*parts, tmp_path / "other", into=into)
    assert result.exit_code == 2
    assert "disagree on 1 cells" in result.stderr
    named = "module_dense, as-written, tf2.15, saved_model_cli, tf2.15"
    assert f"{named}: fail at load (no saved_model_cli) in " in result.stderr
    assert "part-1, pass at values in " in result.stderr
    assert not into.exists()


def test_records_that_disagree_are_named_though_the_tables_do_not(parts, tmp_path):
    other = run_of(tmp_path / "other", outcomes()[4:8], **shard(2, 3))
    file = other / ".savedmodel-matrix" / "records.sqlite3"
    with sqlite3.connect(file) as connection:
        key = outcomes()[4]["key"]
        connection.execute("UPDATE records SET status = 'crash' WHERE key = ?", [key])
    connection.close()
    result = merge(*parts, other, into=tmp_path / "into")
    assert result.exit_code == 2
    assert "disagree on 1 records" in result.stderr
    assert "module_dense, model-export, tf2.15, saved_model_cli, tf2.15: pass" in result.stderr
    assert "crash" in result.stderr
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("number", range(1, 5))
def test_whatever_ends_a_merge_the_same_command_goes_on_from_there(
    parts, tmp_path, monkeypatch, number
):
    into, left = tmp_path / "into", [number]

    def ending(function):
        def end(*arguments, **named):
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            return function(*arguments, **named)

        return end

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", ending(shutil.copytree))
        patched.setattr(
            Store, "take_over", ending(Store.take_over) if number == 4 else Store.take_over
        )
        assert merge(*parts, into=into).exit_code == 130
    for name in TABLES:
        assert not (into / name).exists()
    for artifact in (into / "artifacts").iterdir():
        assert any(
            tree(artifact) for part in parts if (part / "artifacts" / artifact.name).is_dir()
        )
    assert merge(*parts, into=into).exit_code == 0
    same(into, run_of(tmp_path / "whole", outcomes()))


def test_a_directory_without_the_mark_is_no_run_s(parts, tmp_path):
    shutil.rmtree(parts[1] / ".savedmodel-matrix")
    result = merge(*parts, into=tmp_path / "into")
    assert result.exit_code == 2
    assert "part-2 is no run directory" in result.stderr
    assert "pack hidden files too" in result.stderr


def test_a_run_that_did_not_end_is_named(parts, tmp_path):
    with (parts[1] / "cells.jsonl").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 5)
    result = merge(*parts, into=tmp_path / "into")
    assert result.exit_code == 2
    assert "The last run in" in result.stderr
    assert "part-2 did not end" in result.stderr
    (parts[1] / "run.json").unlink()
    assert "part-2 has no whole result" in merge(*parts, into=tmp_path / "into").stderr


@pytest.mark.parametrize(
    "content", [b"no database at all, but as long as the header of one" * 20, None]
)
def test_records_that_are_damaged_or_absent_are_named(parts, tmp_path, content):
    file = parts[0] / ".savedmodel-matrix" / "records.sqlite3"
    file.unlink()
    if content:
        file.write_bytes(content)
    result = merge(*parts, into=tmp_path / "into")
    assert result.exit_code == 2
    assert "The records of " in result.stderr
    assert "part-1" in result.stderr
    assert not (tmp_path / "into").exists()
    if content:
        assert file.read_bytes() == content


def test_an_artifact_that_was_not_brought_whole_is_named(parts, tmp_path):
    artifact = next((parts[2] / "artifacts").iterdir())
    (artifact / "artifact" / "saved_model.pb").write_text("cut")
    result = merge(*parts, into=tmp_path / "into")
    assert result.exit_code == 2
    assert f"{artifact.name} is not as it was saved" in result.stderr
    assert not (tmp_path / "into" / "matrix.csv").exists()


def test_artifacts_that_nobody_has_are_counted(parts, tmp_path):
    shutil.rmtree(parts[2] / "artifacts")
    result = merge(*parts, into=tmp_path / "into")
    assert result.exit_code == 0, result.output
    assert "2 artifacts were in none of the directories" in result.stdout


def test_what_a_killed_run_wrote_last_is_merged_and_left(parts, tmp_path):
    """A process that ends without closing the file leaves its last records in a log beside it."""
    place = parts[0] / ".savedmodel-matrix" / "records.sqlite3"
    killed = (
        "import os, pathlib, sys\n"
        "from savedmodel_matrix.model.verdict import Judged\n"
        "from savedmodel_matrix.store.records import Records\n"
        "Records(pathlib.Path(sys.argv[1])).put('f' * 64, Judged('pass'))\n"
        "os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(place)], check=False).returncode == 9
    assert place.with_name("records.sqlite3-wal").stat().st_size
    before = tree(parts[0])
    assert merge(*parts, into=tmp_path / "into").exit_code == 0
    assert "f" * 64 in records(tmp_path / "into")
    assert tree(parts[0]) == before


def test_a_directory_in_use_is_waited_for_by_a_person(parts, tmp_path):
    with RunDirectory(parts[1]).locked():
        result = merge(*parts, into=tmp_path / "into")
        assert result.exit_code == 2
        assert "A run is using" in result.stderr
        result = merge(parts[0], parts[2], into=parts[1])
        assert result.exit_code == 2
        assert "Another run is using" in result.stderr


def test_somebody_else_s_directory_is_not_written(parts, tmp_path):
    into = tmp_path / "theirs"
    into.mkdir()
    (into / "thesis.tex").write_text("mine")
    result = merge(*parts, into=into)
    assert result.exit_code == 2
    assert "holds thesis.tex" in result.stderr
    assert [path.name for path in into.iterdir()] == ["thesis.tex"]


def test_a_case_that_is_not_here_is_named(tmp_path):
    cells = outcomes()[:2]
    for cell in cells:
        cell["case"] = "my_own"
    run_of(tmp_path / "one", cells)
    result = merge(tmp_path / "one", into=tmp_path / "into")
    assert result.exit_code == 2
    assert "There is no case 'my_own' here" in result.stderr
    assert "--cases" in result.stderr


def test_what_was_read_of_artifacts_is_not_read_again(parts, tmp_path, monkeypatch):
    told = {"libtensorflow": {"verdict": "yes", "because": "it is sound", "since": "", "until": ""}}
    for part in parts:
        hidden = part / ".savedmodel-matrix"
        contents = [path.name for path in (part / "artifacts").iterdir()]
        write_told(hidden, code_hash("savedmodel"), dict.fromkeys(contents, told), contents)
    asked: list[Any] = []

    def diagnose_all(paths, cores):
        asked.extend(paths)
        return []

    monkeypatch.setattr(foretold, "diagnose_all", diagnose_all)
    assert merge(*parts, into=tmp_path / "into").exit_code == 0
    assert asked == []
    data = lzma.decompress((tmp_path / "into" / "report" / "data" / "cells.jsonl.xz").read_bytes())
    assert data.count(b"it is sound") == 6  # of 12 cells those of libtensorflow

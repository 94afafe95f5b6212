"""`savedmodel-matrix bisect`, from the command line to the answer; only the cells are not run."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from savedmodel_matrix.analysis.bisected import Tried
from savedmodel_matrix.commands import axis, bisect
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.model.release import Release
from savedmodel_matrix.model.table import csv_bytes, from_cells
from tests.unit.rows import cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PYPROJECT = """
[tool.savedmodel-matrix.environments]
"tf2.9" = { python = "3.11", tensorflow = "2.9.3" }
"tf2.21" = { python = "3.11", tensorflow = "2.21.0" }
"tf2.20" = { python = "3.11", tensorflow = "2.20.0" }
"keras3.1" = { over = "tf2.21", keras = "3.1.0" }
"litert" = { python = "3.11", packages = ["ai-edge-litert==2.3.0"] }
[tool.savedmodel-matrix.groups]
default = ["tf2.9", "tf2.20", "tf2.21", "litert"]
"""
CASE = '''"""A case."""
inputs = {"x": 1}


def build():
    return None
'''
VERSIONS = ["2.15.0", *(f"3.{minor}.{patch}" for minor in range(12) for patch in range(2))]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "cases").mkdir()
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "litert.txt").write_text("ai-edge-litert==2.3.0\n")
    (tmp_path / "cases" / "dense.py").write_text(CASE)
    monkeypatch.chdir(tmp_path)
    releases = [Release(version, "2024-01-02") for version in VERSIONS]
    monkeypatch.setattr(axis, "find_releases", lambda package, uv, python: releases)
    return tmp_path


class World:
    """How each release comes out; what was asked of it, round by round."""

    def __init__(self) -> None:
        self.fails_from, self.passes_from = "3.6.1", "99"
        self.skipped: set[str] = set()
        self.stated = {"tf2.9": "3.2.0", "tf2.20": "3.4.0", "tf2.21": "3.8.0"}
        self.rounds: list[list[str]] = []

    def run(self, ends: Sequence[Any], said: str) -> list[Tried]:
        self.rounds.append([f"{saves.name} {loads.name}" for saves, loads in ends])
        return [self.tried(saves.name, loads.name) for saves, loads in ends]

    def tried(self, saves: str, loads: str) -> Tried:
        if "+keras-" not in saves and "+" in saves:
            return Tried(cell("fail", stage="load"), packages={"numpy": "1.0.0"})
        inside = loads if loads.startswith("litert+") else saves
        version = re.split(r"\+(?:keras|ai-edge-litert)-", inside)[-1]
        version = self.stated.get(version, version)
        if version in self.skipped:
            row = cell("not-applicable", stage="", reason=f"keras {version} cannot be had")
            return Tried(row, skipped=row["reason"])
        bad = _at(self.fails_from) <= _at(version) < _at(self.passes_from)
        row = cell("fail", stage="load", reason="it broke") if bad else cell()
        numpy = "1.0.0" if saves == "tf2.20" else "2.0.0"
        packages = {"keras": version, "numpy": numpy, "tensorflow-cpu": "2.21.0"}
        return Tried(row, packages=packages, consumer_packages=packages)


def _at(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(bisect, "Trials", lambda *_: made)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bisect", "--case", "dense", *arguments])


def test_the_first_bad_release_is_found_and_said_in_one_sentence(
    project: Path, world: World
) -> None:
    found = run()
    assert found.exit_code == 0, found.output
    first = found.stdout.splitlines()[0]
    assert first == (
        "keras 3.6.0 passes, 3.6.1 fails at load; the same up to 3.11.1, the newest that was "
        "searched; TensorFlow 2.21.0, NumPy 2.0.0 unchanged."
    )
    assert "https://github.com/keras-team/keras/compare/v3.6.0...v3.6.1" in found.stdout
    assert "It is the side that saves" in found.stdout
    assert "it broke" in found.stdout
    assert world.rounds[-1] == [
        "tf2.21+keras-3.6.0 tf2.21+keras-3.6.1",
        "tf2.21+keras-3.6.1 tf2.21+keras-3.6.0",
    ]
    assert len(list(chain(*world.rounds))) < len(VERSIONS) / 2 + 2


def test_it_passes_again(project: Path, world: World) -> None:
    world.passes_from = "3.9.0"
    first = run("--linear").stdout.splitlines()[0]
    assert first.startswith(
        "keras 3.6.0 passes, 3.6.1 fails at load; passes again from 3.9.0; the same up to"
    )
    assert len(world.rounds) == 2
    assert len(world.rounds[0]) == 24


def test_no_bad_and_no_good_release_are_answers(project: Path, world: World) -> None:
    world.fails_from = "99"
    assert run().stdout.startswith("No bad release: of keras 3.0.0 to 3.11.1, each of the ")
    world.fails_from = "0"
    done = run()
    assert done.stdout.startswith("No good release: of keras 3.0.0 to 3.11.1, each of the ")
    assert done.exit_code == 0


def test_releases_that_cannot_be_installed_are_said(project: Path, world: World) -> None:
    world.skipped = {"3.6.0", "3.6.1"}
    done = run()
    assert done.stdout.startswith("keras 3.5.1 passes, 3.7.0 fails at load;")
    assert "Between them, 3.6.0, 3.6.1 gave no outcome." in done.stdout
    assert "keras 3.6.0 cannot be had" in done.stdout


def test_where_no_release_gives_an_outcome_the_status_says_so(project: Path, world: World) -> None:
    world.skipped = set(VERSIONS)
    done = run()
    assert done.exit_code == 2
    assert done.stdout.startswith("No release of keras gave an outcome.")


def test_accepted_outcomes_say_where_to_look_first(project: Path, world: World) -> None:
    accepted = project / "results" / "accepted"
    accepted.mkdir(parents=True)
    stated = "".join(
        f'"keras3.{n}" = {{ over = "tf2.21", keras = "3.{n}.0" }}\n'
        for n in (*range(1), *range(2, 12))
    )
    text = PYPROJECT.replace(
        "[tool.savedmodel-matrix.groups]", f"{stated}[tool.savedmodel-matrix.groups]"
    )
    (project / "pyproject.toml").write_text(text)
    rows = [
        cell(
            "fail" if number in (3, 7, 8, 9, 10, 11) else "pass",
            stage="load" if number in (3, 7, 8, 9, 10, 11) else "values",
            case="dense",
            producer=f"keras3.{number}",
            loader="tf.saved_model.load",
        )
        for number in range(12)
    ]
    (accepted / "matrix.csv").write_bytes(csv_bytes(from_cells(rows)))
    assert run().exit_code == 0
    tried = [one.partition(" ")[0].partition("-")[2] for one in world.rounds[0]]
    assert tried == ["3.0.0", "3.2.0", "3.3.0", "3.4.0", "3.6.0", "3.7.0", "3.11.1"]


def test_a_range_and_a_side_can_be_chosen(project: Path, world: World) -> None:
    done = run("--between", "3.7.1", "3.6.0", "--side", "save", "--over", "tf2.20")
    assert done.exit_code == 0, done.output
    assert world.rounds[0][0] == "tf2.20+keras-3.6.0 tf2.20"
    assert {one for one in list(chain(*world.rounds)) if not one.endswith(" tf2.20")} == set()
    assert "Only what saves varies; the other side is tf2.20." in done.stdout


def test_the_releases_of_a_loaders_own_package_are_searched_where_it_loads(
    project: Path, world: World
) -> None:
    done = run("--package", "ai-edge-litert", "--loader", "litert", "--over", "tf2.20")
    assert done.exit_code == 0, done.output
    saved, loaded = zip(*(one.split() for one in chain(*world.rounds)), strict=True)
    assert set(saved) == {"tf2.20"}
    assert {one.partition("-")[0] for one in loaded} == {"litert+ai"}
    assert done.stdout.startswith("ai-edge-litert 3.6.0 passes, 3.6.1 fails at load;")
    assert "Only what loads varies; the other side is tf2.20." in done.stdout
    assert "google-ai-edge/LiteRT/compare/v3.6.0...v3.6.1" in done.stdout
    assert "releases of ai-edge-litert, 2.15.0 to 3.11.1, over litert:" in done.stderr


def test_accepted_outcomes_of_versions_of_a_runtime_say_where_to_look(
    project: Path, world: World
) -> None:
    text = PYPROJECT.replace(
        "[tool.savedmodel-matrix.groups]",
        "".join(
            f'"litert3.{n}" = {{ python = "3.11", loaders-of = "litert", '
            f'packages = ["ai-edge-litert==3.{n}.0"] }}\n'
            for n in range(12)
        )
        + "[tool.savedmodel-matrix.groups]",
    )
    (project / "pyproject.toml").write_text(text)
    accepted = project / "results" / "accepted"
    accepted.mkdir(parents=True)
    rows = [
        cell(
            "fail" if number > 6 else "pass",
            stage="load" if number > 6 else "values",
            case="dense",
            producer="tf2.21",
            consumer=f"litert3.{number}",
            loader="litert",
        )
        for number in range(12)
    ]
    (accepted / "matrix.csv").write_bytes(csv_bytes(from_cells(rows)))
    done = run("--package", "ai-edge-litert", "--loader", "litert", "--between", "3.0.0", "3.11.1")
    assert done.exit_code == 0, done.output
    tried = [one.rpartition("-")[2] for one in world.rounds[0]]
    assert tried == ["3.0.0", "3.6.0", "3.7.0", "3.11.1"]


def test_json_has_every_release_and_is_kept(project: Path, world: World) -> None:
    done = run("--format", "json")
    found = json.loads(done.stdout)
    kept = project / "results/bisect/found/dense.as-written.tf.saved_model.load.keras/bisect.json"
    assert json.loads(kept.read_text()) == found
    assert [one["version"] for one in found["releases"]] == VERSIONS[1:]
    (change,) = found["changes"]
    assert (change["before"], change["after"], change["side"]) == ("3.6.0", "3.6.1", "saving")
    assert change["differences"] == [{"package": "keras", "before": "3.6.0", "after": "3.6.1"}]
    assert {one["outcome"] for one in found["releases"]} == {"passes", "fails", None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--remedy", "keras-flie"], "There is no remedy 'keras-flie': did you mean 'keras-file'?"),
        (["--loader", "nothing-like-it"], "There is no loader 'nothing-like-it'"),
        (["--over", "tf2.22"], "There is no environment 'tf2.22'"),
        (["--over", "litert"], "name one environment that has TensorFlow"),
        (["--over", "default"], "name one environment that has TensorFlow"),
        (
            ["--package", "ai-edge-litert", "--loader", "litert", "--side", "save"],
            "ai-edge-litert takes part in loading only: it is in litert, the environment of litert",
        ),
        (["--between", "tf2.21", "soon"], "--between soon: name two environments that have"),
        (["--between", "tf2.21", "tf2.21"], "--between tf2.21 tf2.21: name two environments."),
        (["--between", "3.4.1", "soon"], "'soon': name a version, such as 3.4.1"),
        (["--between", "3.4.1", "3.4.1"], "has 1 releases of keras from 3.4.1 to 3.4.1"),
        (["--loader", "litert", "--side", "load"], "runs in an environment of its own"),
    ],
)
def test_bad_input_is_one_sentence(
    project: Path, world: World, arguments: list[str], said: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert not world.rounds


def test_a_case_that_is_not_there_is_one_sentence(project: Path) -> None:
    done = CliRunner().invoke(main, ["bisect", "--case", "dens"])
    assert done.exit_code == 2
    assert "There is no case 'dens': did you mean 'dense'?" in done.stderr


def test_between_environments_it_is_told_which_package_it_was(project: Path, world: World) -> None:
    done = run("--between", "tf2.20", "tf2.21")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "environment tf2.20 passes, tf2.21 fails at load; TensorFlow 2.21.0 unchanged."
    )
    assert "From tf2.20 to tf2.21, each package put back alone:" in lines
    assert "  keras 3.4.0 → 3.8.0: with the older one it passes, as before" in lines
    assert "  numpy 1.0.0 → 2.0.0: with the older one it fails at load, not as before" in lines
    assert any(line.startswith("keras 3.6.0 passes, 3.6.1 fails at load;") for line in lines)
    assert ["tf2.21+keras-3.4.0 tf2.21+keras-3.4.0", "tf2.21+numpy-1.0.0 tf2.21+numpy-1.0.0"] in (
        world.rounds
    )
    found = json.loads(run("--between", "tf2.20", "tf2.21", "--format", "json").stdout)
    (attribution,) = found["attributions"]
    assert [(one["package"], one["alone"]) for one in attribution["packages"]] == [
        *(("keras", True), ("numpy", False)),
    ]
    assert attribution["searched"][0]["changes"][0]["after"] == "3.6.1"


def test_where_no_package_alone_does_it_nothing_is_guessed(project: Path, world: World) -> None:
    world.stated["tf2.20"] = world.stated["tf2.21"] = "3.8.0"
    world.tried = _by_environment  # type: ignore[method-assign]
    done = run("--between", "tf2.20", "tf2.21")
    assert "numpy 2.20.0 → 2.21.0: the older one cannot be tried: no wheel" in done.stdout
    assert "No package alone makes the difference" in done.stdout
    assert "TensorFlow 2.20.0 → 2.21.0 itself" in done.stdout


def _by_environment(saves: str, loads: str) -> Tried:
    if "+" in saves:
        return Tried(cell("not-applicable", stage=""), skipped="no wheel")
    minor = "2.20.0" if saves == "tf2.20" else "2.21.0"
    packages = {"tensorflow-cpu": minor, "numpy": minor}
    row = cell() if saves == "tf2.20" else cell("fail", stage="load")
    return Tried(row, packages=packages, consumer_packages=packages)


def test_for_tensorflow_the_environments_of_release_days_are_compared(
    project: Path, world: World
) -> None:
    text = PYPROJECT.replace(
        '"litert" =',
        '"tf2.20-released" = { python = "3.11", tensorflow = "2.20.0", released = "2025-08-13" }\n"litert" =',
    )
    (project / "pyproject.toml").write_text(text + 'released = ["tf2.20-released"]\n')
    world.stated["tf2.20-released"] = "3.4.0"
    done = run("--package", "tensorflow")
    assert done.exit_code == 0, done.output
    assert [one.partition(" ")[0] for one in world.rounds[0]] == ["tf2.9", "tf2.20-released"]
    assert done.stdout.startswith("No bad environment: of tf2.9 to tf2.20-released, each")


def test_an_issue_is_printed_ready_to_paste(project: Path, world: World) -> None:
    done = run("--issue")
    assert done.stdout.startswith(
        "# A case: fails at load from keras 3.6.1 on, passes with 3.6.0\n"
    )
    assert "reproduce.py" in done.stdout
    beside = project / "results/bisect/found/dense.as-written.tf.saved_model.load.keras/3.6.0-3.6.1"
    assert {one.name for one in beside.iterdir()} == {
        *("reproduce.py", "reproduce.sh", "before.txt", "after.txt", "issue.md"),
    }
    world.fails_from = "99"
    nothing = run("--issue")
    assert nothing.stdout == ""
    assert "No issue: No bad release" in nothing.stderr


def test_a_package_whose_releases_cannot_be_listed_is_still_named(
    project: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(axis, "find_releases", lambda package, uv, python: [])
    done = run("--between", "tf2.20", "tf2.21")
    assert done.exit_code == 0, done.output
    assert "  keras 3.4.0 → 3.8.0: with the older one it passes, as before" in done.stdout
    assert "The releases of keras in between cannot be listed." in done.stdout
    assert "No package alone" not in done.stdout

"""`savedmodel-matrix attribute`, from the command line to the file; only cells are not run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from savedmodel_matrix.commands import attributing_releases, mixtures
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.model.release import Release
from savedmodel_matrix.model.table import csv_bytes, from_cells, read_csv, rows_of
from tests.unit.rows import cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from savedmodel_matrix.analysis.attribution import Ended

PYPROJECT = """
[tool.savedmodel-matrix.environments]
"tf2.15" = { python = "3.11", tensorflow = "2.15.1" }
"tf2.16" = { python = "3.11", tensorflow = "2.16.2" }
"tf2.17" = { python = "3.11", tensorflow = "2.17.1" }
"tf2.17-released" = { python = "3.11", tensorflow = "2.17.0", released = "2024-07-15" }
"keras3.1" = { over = "tf2.17", keras = "3.1.0" }
[tool.savedmodel-matrix.groups]
default = ["tf2.15", "tf2.16", "tf2.17"]
"""
CASE = '"""A case."""\ninputs = {}\n\n\ndef build():\n    return None\n'
PACKAGES = {
    "tf2.15": {"tensorflow-cpu": "2.15.1", "keras": "2.15.0", "numpy": "1.26.4"},
    "tf2.16": {"tensorflow-cpu": "2.16.2", "keras": "3.3.0", "numpy": "1.26.4", "rich": "15"},
    "tf2.17": {"tensorflow-cpu": "2.17.1", "keras": "3.3.0", "numpy": "2.0.0"},
    "keras3.1": {"tensorflow-cpu": "2.17.1", "keras": "3.1.0", "numpy": "2.0.0"},
    "tf2.17-released": {"tensorflow-cpu": "2.17.0", "keras": "3.3.0", "numpy": "1.26.4"},
}
RELEASES = {
    "keras": ["2.15.0", "3.0.0", "3.0.1", "3.1.0", "3.2.0", "3.3.0", "3.4.0"],
    "tensorflow": ["2.15.1", "2.16.1", "2.16.2", "2.17.0", "2.17.1"],
}
PASS: Ended = ("pass", "values", "")
FAIL: Ended = ("fail", "run", "aa")
OTHER: Ended = ("fail", "load", "bb")


class World:
    """How cells end in mixtures, by the case and the environment; what was asked."""

    def __init__(self) -> None:
        self.ends: dict[tuple[str, str], Ended | None] = {}
        self.rounds: list[list[tuple[str, str]]] = []

    def run(self, asked: Sequence[Any], said: str) -> list[Ended | None]:
        if not asked:
            return []
        self.rounds.append([(one.case, environment.name) for one, environment in asked])
        return [self.ends[one.case, environment.name] for one, environment in asked]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(mixtures.Mixtures, "run", lambda _, asked, said: made.run(asked, said))
    monkeypatch.setattr(
        attributing_releases,
        "find_releases",
        lambda package, uv, python: [Release(version) for version in RELEASES[package]],
    )
    return made


class Accepted:
    """A project with an accepted table of our making."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.directory = place / "results" / "accepted"
        (place / "pyproject.toml").write_text(PYPROJECT)
        for name in ("cases", "locks", "results/accepted"):
            (place / name).mkdir(parents=True)
        for name, packages in PACKAGES.items():
            lines = "".join(f"{one}=={version}\n" for one, version in packages.items())
            (place / "locks" / f"{name}.txt").write_text(lines)
        made: dict[str, Any] = {"finished": "2026-11-27T04:42:48Z"}
        made["environments"] = {name: {"packages": one} for name, one in PACKAGES.items()}
        (self.directory / "run.json").write_text(json.dumps(made))

    def holds(self, **cases: dict[str, Ended]) -> None:
        """Accept these outcomes, by case and environment, of one remedy and loader."""
        rows = []
        for case, ends in cases.items():
            (self.place / "cases" / f"{case}.py").write_text(CASE)
            for name, (status, stage, fingerprint) in ends.items():
                more = {"stage": stage, "fingerprint": fingerprint, "producer": name}
                rows.append(cell(status, case=case, **more))
        (self.directory / "matrix.csv").write_bytes(csv_bytes(from_cells(rows)))

    def holds_legacy(self, **cases: Ended) -> None:
        """Accept these outcomes of tf2.16 too, where Keras 2 is under TensorFlow."""
        file = self.directory / "matrix.csv"
        rows = rows_of(read_csv(file))
        for case, (status, stage, fingerprint) in cases.items():
            more = {"stage": stage, "fingerprint": fingerprint, "producer": "tf2.16"}
            rows.append(cell(status, case=case, remedy="legacy-keras", **more))
        file.write_bytes(csv_bytes(from_cells(rows)))

    @property
    def kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.directory / "attribution.json").read_text())
        return kept

    def told(self, before: str = "tf2.15") -> list[dict[str, Any]]:
        [step] = [one for one in self.kept["steps"] if one["before"] == before]
        cells: list[dict[str, Any]] = step["cells"]
        return cells


@pytest.fixture
def accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accepted:
    monkeypatch.chdir(tmp_path)
    return Accepted(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["attribute", *arguments])


BOTH = ("--between", "tf2.15", "tf2.16")


def test_keras_and_its_release_are_found_in_rounds_of_all_cells(
    accepted: Accepted, world: World
) -> None:
    accepted.holds(a={"tf2.15": PASS, "tf2.16": FAIL}, b={"tf2.15": PASS, "tf2.16": OTHER})
    world.ends = {
        ("a", "tf2.15+keras-3.3.0"): FAIL,
        ("b", "tf2.15+keras-3.3.0"): OTHER,
        ("a", "tf2.15+keras-3.0.0"): OTHER,
        ("b", "tf2.15+keras-3.0.0"): PASS,
        ("b", "tf2.15+keras-3.1.0"): PASS,
        ("b", "tf2.15+keras-3.2.0"): FAIL,
    }
    done = run(*BOTH)
    assert done.exit_code == 0, done.output
    first, second = accepted.told()
    assert (first["package"], first["since"], first["not_yet"]) == ("keras", "3.0.0", "2.15.0")
    assert (second["since"], second["not_yet"], second["over"]) == ("3.2.0", "3.1.0", "tf2.15")
    assert [len(one) for one in world.rounds] == [2, 2, 1, 1]
    assert "1 since keras 3.0.0" in done.stdout
    assert accepted.kept["steps"][0]["kept"] == ["rich"]
    assert accepted.kept["accepted"] == "2026-11-27T04:42:48Z"


def test_accepted_cells_of_other_releases_are_used_and_not_run(
    accepted: Accepted, world: World
) -> None:
    ends = {"tf2.15": PASS, "tf2.16": FAIL, "tf2.17": FAIL, "keras3.1": FAIL}
    accepted.holds(a=ends)
    world.ends = {
        ("a", "tf2.15+keras-3.3.0"): FAIL,
        ("a", "tf2.15+keras-3.0.0"): PASS,
        ("a", "tf2.15+keras-3.0.1"): None,
    }
    done = run(*BOTH)
    assert done.exit_code == 0, done.output
    [found] = accepted.told()
    assert (found["since"], found["made"], found["untried"]) == ("3.1.0", "accepted", ["3.0.1"])
    assert ("a", "tf2.15+keras-3.2.0") not in [one for each in world.rounds for one in each]


def test_accepted_cells_over_an_environment_that_ends_otherwise_say_nothing(
    accepted: Accepted, world: World
) -> None:
    accepted.holds(a={"tf2.15": PASS, "tf2.16": FAIL, "tf2.17": PASS, "keras3.1": PASS})
    world.ends = {("a", "tf2.15+keras-3.3.0"): FAIL, ("a", "tf2.15+keras-3.0.0"): FAIL}
    assert run(*BOTH).exit_code == 0
    assert accepted.told()[0]["since"] == "3.0.0"


def test_keras_2_under_the_newer_tensorflow_is_told_by_accepted_cells(
    accepted: Accepted, world: World
) -> None:
    ends = {"tf2.15": PASS, "tf2.16": FAIL, "tf2.17": FAIL, "keras3.1": FAIL}
    accepted.holds(a=ends, b=ends)
    accepted.holds_legacy(a=PASS, b=FAIL)
    world.ends = {
        ("a", "tf2.16+keras-3.0.0"): FAIL,
        ("b", "tf2.15+keras-3.3.0"): PASS,
    }
    done = run(*BOTH)
    assert done.exit_code == 0, done.output
    assert "1 are known from accepted cells, 1 are run" in done.stderr
    told = {one["case"]: one for one in accepted.told()}
    assert (told["a"]["package"], told["a"]["since"], told["a"]["over"]) == (
        *("keras", "3.0.0", "tf2.16"),
    )
    assert told["b"]["package"] == "tensorflow"


def test_tensorflow_is_found_and_its_release_where_an_environment_has_it(
    accepted: Accepted, world: World
) -> None:
    accepted.holds(a={"tf2.16": FAIL, "tf2.17": OTHER})
    world.ends = {
        ("a", "tf2.16+numpy-2.0.0"): FAIL,
        ("a", "tf2.17-released+numpy-2.0.0"): OTHER,
    }
    assert run("--between", "tf2.16", "tf2.17").exit_code == 0
    [found] = accepted.told("tf2.16")
    assert (found["package"], found["since"], found["not_yet"]) == (
        *("tensorflow", "2.17.0", "2.16.2"),
    )


def test_a_third_way_of_ending_is_tried_from_the_other_side_and_said(
    accepted: Accepted, world: World
) -> None:
    accepted.holds(a={"tf2.16": PASS, "tf2.17": FAIL}, b={"tf2.16": PASS, "tf2.17": FAIL})
    world.ends = {
        ("a", "tf2.16+numpy-2.0.0"): OTHER,
        ("b", "tf2.16+numpy-2.0.0"): OTHER,
        ("a", "tf2.17+numpy-1.26.4"): FAIL,
        ("b", "tf2.17+numpy-1.26.4"): None,
        ("a", "tf2.17-released+numpy-2.0.0"): PASS,
    }
    done = run("--between", "tf2.16", "tf2.17")
    assert done.exit_code == 1, done.output
    first, second = accepted.told("tf2.16")
    assert (first["package"], first["since"]) == ("tensorflow", "2.17.1")
    assert second["why"] == (
        "neither as before nor as after: tf2.16+numpy-2.0.0 fails at load; "
        "tf2.17+numpy-1.26.4 cannot be run"
    )
    assert "package" not in second


def test_what_is_over_time_or_over_the_number_is_kept_as_not_tried(
    accepted: Accepted, world: World
) -> None:
    accepted.holds(a={"tf2.15": PASS, "tf2.16": FAIL}, b={"tf2.15": OTHER, "tf2.16": FAIL})
    done = run(*BOTH, "--minutes", "0")
    assert done.exit_code == 1
    assert [one["why"] for one in accepted.told()] == ["not tried", "not tried"]
    assert world.rounds == []
    world.ends = {("b", "tf2.15+keras-3.3.0"): FAIL, ("b", "tf2.15+keras-3.0.0"): FAIL}
    assert run(*BOTH, "--most", "1").exit_code == 1
    assert [one.get("why") for one in accepted.told()] == ["not tried", None]


def test_steps_of_the_same_table_are_put_together(accepted: Accepted, world: World) -> None:
    accepted.holds(a={"tf2.15": PASS, "tf2.16": FAIL, "tf2.17": FAIL})
    run(*BOTH, "--minutes", "0")
    assert run("--between", "tf2.16", "tf2.17").exit_code == 0
    assert [one["before"] for one in accepted.kept["steps"]] == ["tf2.15", "tf2.16"]
    accepted.holds(a={"tf2.15": PASS, "tf2.16": PASS, "tf2.17": FAIL})
    run("--between", "tf2.16", "tf2.17", "--minutes", "0")
    assert [one["before"] for one in accepted.kept["steps"]] == ["tf2.16"]


def test_a_dry_run_counts_and_writes_nothing(accepted: Accepted, world: World) -> None:
    accepted.holds(a={"tf2.15": PASS, "tf2.16": FAIL})
    done = run("--dry-run")
    assert done.exit_code == 0
    assert (
        "tf2.15 → tf2.16: 1 cells differ in 1 groups: 0 are known from accepted cells, 1 are run"
        in done.stderr
    )
    assert not (accepted.directory / "attribution.json").exists()


def test_bad_input_gets_one_sentence(accepted: Accepted, world: World) -> None:
    done = run()
    assert (done.exit_code, "holds no cells" in done.stderr) == (2, True)
    accepted.holds(a={"tf2.15": PASS, "tf2.16": FAIL})
    done = run("--between", "tf2.15", "tf2.99")
    assert (done.exit_code, "--between tf2.99" in done.stderr) == (2, True)
    lock = accepted.place / "locks" / "tf2.16.txt"
    lock.write_text(lock.read_text().replace("3.3.0", "3.9.0"))
    done = run(*BOTH)
    assert done.exit_code == 2
    assert "tf2.16 is with keras 3.9.0 no longer the environment of the accepted run" in done.stderr

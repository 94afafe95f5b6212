"""`outdated`: what it says, what it states, and that it states nothing that cannot be locked."""

import json

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands import outdated
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.release import Release

PYPROJECT = """
[tool.savedmodel-matrix.environments]
"tf2.20" = { python = "3.11", tensorflow = "2.20.0", tf-keras = "2.20.1" }
# The newest.
"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }

[tool.savedmodel-matrix.groups]
default = ["tf2.20", "tf2.21"]
"""
INDEX = {"tensorflow": ["2.20.0", "2.21.0"], "tf-keras": ["2.20.1", "2.21.0"]}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a project, the releases of an index, and which environments were locked."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "cases").mkdir()
    monkeypatch.chdir(tmp_path)
    index = {package: list(versions) for package, versions in INDEX.items()}
    locked = []

    def find_releases(package, uv, python):
        return [Release(version, "2027-01-02") for version in index[package]]

    def run_lock(stated, names, *, upgrade):
        assert not upgrade
        assert set(names) <= stated.environments.keys()
        locked.extend(names)
        return 0

    monkeypatch.setattr(outdated, "find_releases", find_releases)
    monkeypatch.setattr(outdated, "run_lock", run_lock)
    return tmp_path, index, locked


def run(*options):
    return CliRunner().invoke(main, ["outdated", *options])


def test_nothing_is_missing(project):
    done = run()
    assert (done.exit_code, done.output) == (
        0,
        "Every release that the index has is in the matrix, by minor.\n",
    )


def test_what_is_missing_is_told_and_nothing_is_written(project):
    place, index, locked = project
    index["tensorflow"] += ["2.21.1", "2.22.0"]
    done = run()
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "tensorflow 2.21.1 of 2027-01-02: tf2.21 has 2.21.0",
        "tensorflow 2.22.0 of 2027-01-02: tf2.22 is new, like tf2.21",
        "State and lock them: nox -s outdated -- --write",
    ]
    assert (place / "pyproject.toml").read_text() == PYPROJECT
    assert locked == []


def test_it_is_locked_and_stated_and_then_nothing_is_missing(project):
    place, index, locked = project
    index["tensorflow"] += ["2.22.0"]
    done = run("--write")
    assert done.exit_code == 0, done.output
    assert "nox -s matrix -- --environment tf2.22" in done.output
    assert locked == ["tf2.22"]
    text = (place / "pyproject.toml").read_text()
    assert '"tf2.22" = { python = "3.11", tensorflow = "2.22.0", tf-keras = "2.21.0" }' in text
    assert 'default = ["tf2.20", "tf2.21", "tf2.22"]' in text
    assert "# The newest." in text
    assert run().exit_code == 0


def test_what_cannot_be_locked_is_not_stated(project, monkeypatch):
    place, index, _ = project
    index["tensorflow"] += ["2.22.0"]

    def refuse(*_, **__):
        raise UserError("no such wheel.")

    monkeypatch.setattr(outdated, "run_lock", refuse)
    done = run("--write")
    assert done.exit_code == 2
    assert "no such wheel" in done.output
    assert (place / "pyproject.toml").read_text() == PYPROJECT


def test_a_program_is_told_the_same(project):
    _, index, _ = project
    index["tf-keras"] += ["2.21.1"]
    done = run("--format", "json")
    assert done.exit_code == 1
    assert json.loads(done.output) == [
        {
            "package": "tf-keras",
            "version": "2.21.1",
            "day": "2027-01-02",
            "name": "tf2.21",
            "had": "2.21.0",
            "like": "",
            "select": "--environment tf2.21",
        }
    ]


def test_a_runtime_is_run_as_what_loads(project):
    place, index, _ = project
    more = """"litert" = { python = "3.11", packages = ["ai-edge-litert==2.2.0"] }
"litert2.1" = { loaders-of = "litert", python = "3.11", packages = ["ai-edge-litert==2.1.0"] }
"""
    text = PYPROJECT.replace("# The newest.\n", f"{more}# The newest.\n")
    (place / "pyproject.toml").write_text(text)
    index["ai-edge-litert"] = ["2.1.0", "2.2.0", "2.3.0"]
    done = run("--write")
    assert done.output.splitlines()[-3:] == [
        "Stated and locked. Run them:",
        "  nox -s matrix -- --consumer litert",
        "  nox -s matrix -- --consumer litert2.2",
    ]

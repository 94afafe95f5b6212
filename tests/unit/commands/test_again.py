"""A run is shown again while nothing has changed, and never once anything has."""

import os
import shutil
from pathlib import Path

import pytest

from savedmodel_matrix.commands import again
from savedmodel_matrix.commands.again import remember, show_again, witness_of
from savedmodel_matrix.engine.keys import local_files
from savedmodel_matrix.environments.integrity import distributions
from savedmodel_matrix.store import snapshot
from savedmodel_matrix.store.accepted import load_table
from savedmodel_matrix.store.witness import witnessing
from savedmodel_matrix.workspace.catalogue import find_cases
from savedmodel_matrix.workspace.project import find_project
from savedmodel_matrix.workspace.tour import read_groups

PYPROJECT = """
[tool.savedmodel-matrix.environments]
"tf2.21" = { python = "3.11", tensorflow = "2.21.0" }
[tool.savedmodel-matrix.groups]
default = ["tf2.21"]
"""
HEADER = "case,remedy,producer,loader,consumer,status,stage,reason,fingerprint,signature\n"
OPTIONS = {
    "case": (),
    "all": True,
    "results": None,
    "cases": (),
    "timeout": 120.0,
    "verbose": False,
}
OPTIONS |= {"jobs": 2, "fresh": False, "accept": False, "process_per_step": False}
FILES = {
    "pyproject.toml": PYPROJECT,
    "cases/scorer.py": "from parts import net\ninputs = {}\ndef build(): ...\n",
    "cases/parts/__init__.py": "",
    "cases/parts/net.py": "",
    "cases/groups.toml": "",
    "cases/weights.npy": "weights",
    "locks/tf2.21.txt": "tensorflow==2.21.0\n",
    ".nox/environments/tf2.21/savedmodel-matrix.json": "{}",
    ".nox/environments/tf2.21/bin/python": "interpreter",
    ".nox/environments/tf2.21/lib/python3.11/site-packages/keras-3.15.1.dist-info/RECORD": "",
    "results/accepted/matrix.csv": HEADER,
    "results/matrix.csv": HEADER,
    "results/run.json": "{}",
    "results/report/index.html": "<html>",
    "results/report/cases/scorer.html": "<html>",
    "results/records.jsonl": "{}",
    "results/.savedmodel-matrix/records.sqlite3": "records",
    "results/artifacts/0123/artifact": "saved",
    "results/logs/0123.log": "log",
    "package/code.py": "code",
    "package/templates/page.html": "template",
}


@pytest.fixture
def checkout(tmp_path, monkeypatch, capsys):
    """Return a checkout in which a run has ended, with a snapshot that holds."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(again, "PACKAGE", tmp_path / "package")
    project = find_project(tmp_path)
    witness = witness_of(project, project.results)
    with witnessing(witness):  # as a run does
        for case in find_cases([project.cases]):
            for file in local_files(case.path):
                file.read_bytes()
        read_groups(project.cases)
        (project.cases / "weights.npy").read_bytes()  # a file that a step has read
        load_table(project.results / "accepted")
        environment = project.environments["tf2.21"]
        environment.lock.read_bytes()
        (environment.directory / "savedmodel-matrix.json").read_bytes()
        assert distributions(environment.directory) == ["keras-3.15.1.dist-info"]
    remember(project, project.results, OPTIONS, witness, ("the table\n", "1 cell.\n"), 1)
    assert show_again(OPTIONS) == 1
    capsys.readouterr()
    return tmp_path


def test_with_nothing_changed_it_is_shown_again_with_its_status(checkout, capsys):
    for _ in range(2):
        assert show_again(OPTIONS) == 1
        assert tuple(capsys.readouterr()) == ("the table\n", "1 cell.\n")


def test_results_that_are_read_only_are_not_shown_as_if_a_run_could_write_there(
    checkout, monkeypatch
):
    results, allowed = checkout / "results", os.access

    def read_only(place, mode):
        return Path(place) != results and allowed(place, mode)

    monkeypatch.setattr(os, "access", read_only)
    assert show_again(OPTIONS) is None


def test_from_another_directory_paths_would_read_differently(checkout, monkeypatch):
    monkeypatch.chdir(checkout / "cases")
    assert show_again(OPTIONS) is None


@pytest.mark.parametrize("options", [{"jobs": 4}, {"process_per_step": True}])
def test_how_cells_would_be_run_does_not_matter(checkout, options):
    assert show_again(OPTIONS | options) == 1


@pytest.mark.parametrize(
    "options",
    [
        *({"fresh": True}, {"accept": True}, {"case": ("scorer",)}, {"all": False}),
        *({"cases": (Path("mine"),)}, {"timeout": 60.0}, {"verbose": True}),
        {"results": Path("elsewhere")},
    ],
)
def test_another_question_gets_no_old_answer(checkout, options):
    assert show_again(OPTIONS | options) is None


REMEMBERED = [name for name in FILES if not name.endswith("RECORD")]
# What is told by its name only; a step or a reader would have to open it.
BY_NAME = ("results/artifacts/0123/artifact", "results/logs/0123.log")


@pytest.mark.parametrize("name", [name for name in REMEMBERED if name not in BY_NAME])
def test_whichever_file_changes_nothing_is_shown(checkout, name, capsys):
    file = checkout / name
    before = file.stat()
    file.write_text(FILES[name] + " ")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # as if it were old
    assert show_again(OPTIONS) is None
    assert tuple(capsys.readouterr()) == ("", "")


@pytest.mark.parametrize("name", [*REMEMBERED, "results/artifacts/0123", "results/report"])
def test_whichever_file_is_gone_nothing_is_shown(checkout, name):
    path = checkout / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    if name == "results/artifacts/0123/artifact":
        path.parent.rmdir()  # an artifact is complete or absent
    assert show_again(OPTIONS) is None


@pytest.mark.parametrize(
    "name",
    [
        *("cases/another.py", "cases/parts.py", "cases/parts/helper.py", "locks/other.txt"),
        *("results/accepted/selfcheck.json", "package/templates/new.html", "package/new.py"),
        ".nox/environments/tf2.21/lib/python3.11/site-packages/numpy-2.dist-info",
    ],
)
def test_a_file_that_is_new_where_others_were_read_may_matter(checkout, name):
    (checkout / name).write_text("")
    assert show_again(OPTIONS) is None


@pytest.mark.parametrize("name", [name for name in REMEMBERED if "/results/" not in f"/{name}"])
def test_what_is_as_it_was_again_counts_again(checkout, name):
    """Inputs are compared by content: a change that is undone is none."""
    file = checkout / name
    file.write_text(FILES[name] + " ")
    assert show_again(OPTIONS) is None
    file.write_text(FILES[name])
    expected = None if name.endswith("bin/python") else 1  # an interpreter is told by its times
    assert show_again(OPTIONS) == expected


@pytest.mark.parametrize("name", again.RENDERING)
def test_another_terminal_needs_another_page(checkout, name, monkeypatch):
    monkeypatch.setenv(name, "77")
    assert show_again(OPTIONS) is None


def test_another_python_or_library_needs_another_page(checkout, monkeypatch):
    libraries = checkout / "site-packages"
    libraries.mkdir()
    monkeypatch.syspath_prepend(str(libraries))
    assert show_again(OPTIONS) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"format": 1}', b'{"format": 0}'])
def test_a_snapshot_that_cannot_be_read_is_none(checkout, damage):
    (checkout / "results" / snapshot.FILE).write_bytes(damage)
    assert show_again(OPTIONS) is None


def test_a_run_that_begins_takes_the_snapshot_away(checkout):
    snapshot.remove(checkout / "results")
    assert show_again(OPTIONS) is None
    snapshot.remove(checkout / "results")


def test_what_changed_while_the_run_was_at_work_is_not_remembered(checkout):
    snapshot.remove(checkout / "results")
    project = find_project(checkout)
    witness = witness_of(project, project.results)
    with witnessing(witness):
        (checkout / "cases" / "scorer.py").read_bytes()
        (checkout / "cases" / "scorer.py").write_text("edited")
        (checkout / "cases" / "scorer.py").read_bytes()
    remember(project, project.results, OPTIONS, witness, ("", ""), 0)
    assert show_again(OPTIONS) is None


def test_outside_of_every_project_there_is_nothing_to_show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert show_again(OPTIONS) is None

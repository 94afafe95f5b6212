"""Whatever command is given: files that are not ours are as they were, to the byte."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.store import accepted
from savedmodel_matrix.store.run_directory import HIDDEN
from savedmodel_matrix.views.report.publish import WRITTEN
from savedmodel_matrix.workspace.project import find_project
from tests.unit.store.test_run_directory import THEIRS, content, write
from tests.unit.views.report.generated import cell

ROOT = Path(__file__).parents[3]
ONE = ("--case", "module_dense", "--environment", "tf2.21", "--remedy", "as-written")
PAGES = '\n[tool.savedmodel-matrix.pages]\ncases = "docs/cases.md"\nloaders = "docs/loaders.md"\n'


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a project of somebody's, with an accepted table, in which commands are typed."""
    root = tmp_path / "project"
    root.mkdir()
    stated = (ROOT / "pyproject.toml").read_text().replace(PAGES, "\n")
    assert "matrix.pages]" not in stated
    (root / "pyproject.toml").write_text(stated)
    shutil.copytree(ROOT / "locks", root / "locks")
    (root / "cases").mkdir()
    shutil.copy(ROOT / "cases/module_dense.py", root / "cases")
    run = {"finished": "2026-01-01T00:00:00Z", "commit": "", "environments": {}, "seconds": 1}
    accepted.accept(accepted.Publishable([cell()]), root / "results/accepted", full=True, run=run)
    monkeypatch.chdir(root)
    return find_project(root)


def refused(project, *command, said):
    """Give a command that must end with one sentence, and change nothing anywhere."""
    before = content(project.root.parent)
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    *_, last = done.stderr.strip().splitlines()
    assert last.startswith("savedmodel-matrix: "), done.output
    assert said in last
    assert content(project.root.parent) == before


@pytest.mark.parametrize("command", ["matrix", "selfcheck"])
@pytest.mark.parametrize("linked", [False, True])
def test_results_in_a_directory_of_somebodys(project, command, linked):
    theirs = project.root.parent / "theirs"
    write(theirs, *THEIRS)
    if linked:
        (project.root.parent / "link").symlink_to("theirs")
        theirs = project.root.parent / "link"
    refused(project, command, *ONE, "--results", str(theirs), said="did not put there")


@pytest.mark.parametrize("command", [("matrix", *ONE), ("install", "--environment", "tf2.21")])
def test_the_projects_own_results_that_hold_something_else(project, command):
    write(project.results, "report/index.html", "work/thesis.txt", "matrix.csv")
    refused(project, *command, said="did not put there")


def test_a_selfcheck_where_somebody_has_one(project):
    write(project.results / "selfcheck", "first/photo.jpg")
    refused(project, "selfcheck", *ONE, said="did not put there")


@pytest.mark.parametrize("theirs", ["report/index.html", "report/.nojekyll"])
@pytest.mark.parametrize("command", [("report",), ("matrix", "--all", "--accept")])
def test_a_report_of_somebodys(project, theirs, command):
    write(project.root, theirs, "docs/cases.md", "docs/loaders.md")
    refused(project, *command, said="was not written by savedmodel-matrix")


def test_a_report_to_which_somebody_has_added(project):
    assert CliRunner().invoke(main, ["report"]).exit_code == 0
    write(project.root, "report/CNAME")
    refused(project, "report", said="CNAME was not written by savedmodel-matrix")


def test_a_report_that_is_a_link(project):
    assert CliRunner().invoke(main, ["report"]).exit_code == 0
    project.report.rename(project.root.parent / "site")
    project.report.symlink_to(project.root.parent / "site")
    refused(project, "report", said="was not written by savedmodel-matrix")


def test_documentation_of_somebodys_stays_and_is_written_only_where_it_is_asked_for(project):
    write(project.root, "docs/cases.md", "docs/loaders.md")
    before = content(project.root / "docs")
    assert CliRunner().invoke(main, ["report"]).exit_code == 0
    assert content(project.root / "docs") == before
    with (project.root / "pyproject.toml").open("a") as stated:
        stated.write(PAGES)
    refused(project, "report", said="cases.md was not written by savedmodel-matrix")
    shutil.rmtree(project.root / "docs")
    assert CliRunner().invoke(main, ["report"]).exit_code == 0
    assert (project.root / "docs/cases.md").read_text().startswith(WRITTEN)


@pytest.mark.parametrize("name", ["run.json", "cells.jsonl.gz"])
def test_accepting_over_what_was_never_accepted(project, name):
    shutil.rmtree(project.results)
    write(project.results, f"accepted/{name}")
    refused(project, "matrix", *ONE, "--accept", said="nothing is replaced")


def test_accepting_over_another_table(project):
    shutil.rmtree(project.results)
    write(project.results, "accepted/matrix.csv")
    refused(project, "matrix", *ONE, "--accept", said="not the header of a table")


def test_a_lock_of_somebodys(project):
    (project.locks / "tf2.21.txt").write_text("a poem")
    refused(project, "lock", "--environment", "tf2.21", said="is no lock")


def test_bad_input_makes_no_directory(project):
    place = project.root.parent / "new"
    refused(project, "matrix", "--case", "nothing", "--results", str(place), said="nothing")
    refused(project, "selfcheck", "--case", "nothing", "--results", str(place), said="nothing")
    assert not (project.results / HIDDEN).exists()

"""A run's own report and the published one, from an accepted table."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from savedmodel_matrix.analysis import error_index
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store import accepted
from savedmodel_matrix.store.run_directory import RunDirectory
from savedmodel_matrix.views.report.publish import (
    SHIPPED,
    WRITTEN,
    build_of_run,
    publish,
    publish_index,
    published,
)
from savedmodel_matrix.workspace.project import find_project
from tests.unit.views.report.generated import cell, failed

ROOT = Path(__file__).parents[4]
RUN = {"finished": "2026-01-01T00:00:00Z", "commit": "", "environments": {}, "seconds": 1}


@pytest.fixture
def project(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "noxfile.py", tmp_path)
    shutil.copytree(ROOT / "locks", tmp_path / "locks")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/module_dense.py").write_text('"""Dense."""\n')
    return find_project(tmp_path)


def bytes_of(directory):
    return {
        path.relative_to(directory): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_without_accepted_cells_there_is_nothing_to_publish(project):
    with pytest.raises(UserError, match="holds no cells"):
        publish(project)
    assert not (project.root / "report").exists()


def test_what_accepting_publishes_is_what_report_builds(project):
    ran = accepted.Publishable([cell(functions=["a"]), cell(remedy="resave", **failed())])
    with published(project, ran, RUN):
        accepted.accept(ran, project.results / "accepted", full=True, run=RUN)
    before = bytes_of(project.root / "report")
    publish(project)
    assert bytes_of(project.root / "report") == before


def test_what_is_not_accepted_is_not_published(project):
    with published(project, accepted.Publishable([cell()]), RUN):
        pass
    before = bytes_of(project.root / "report")
    other = accepted.Publishable([cell(), cell(remedy="resave")])
    with pytest.raises(UserError, match="no room"), published(project, other, RUN):
        raise UserError("no room")
    assert bytes_of(project.root / "report") == before


@pytest.fixture
def directory(tmp_path):
    directory = RunDirectory(tmp_path / "results")
    directory.claim()
    directory.unfinished.mkdir()
    return directory


def built(directory, cells, run=RUN, rests_on="1"):
    return build_of_run(lambda: cells, run, [], directory, rests_on=rests_on)


def test_a_run_that_ran_nothing_new_leaves_its_report_alone(directory):
    known = [cell(key="1")]
    assert built(directory, known)
    later = RUN | {"finished": "2026-01-02T00:00:00Z", "seconds": 7, "cells_run": 0}
    assert not built(directory, known, later)
    told = json.loads((directory.report / "data/run.json").read_bytes())
    assert told["finished"] == RUN["finished"]
    assert built(directory, [*known, cell(remedy="resave", key="2")], later, rests_on="2")
    assert built(directory, known, later)
    assert built(directory, known, later | {"commit": "another"})


def test_cells_are_not_read_for_a_report_that_is_up_to_date(directory):
    built(directory, [cell(key="1")])

    def cells():
        raise AssertionError

    assert not build_of_run(cells, RUN, [], directory, rests_on="1")


def test_a_report_that_was_removed_is_built_again(directory):
    built(directory, [cell(key="1")])
    shutil.rmtree(directory.report)
    assert built(directory, [cell(key="1")])


def test_a_report_of_somebody_elses_is_left(directory):
    directory.report.mkdir()
    (directory.report / "index.html").write_text("theirs")
    with pytest.raises(UserError, match=r"index\.html"):
        built(directory, [cell(key="1")])
    assert (directory.report / "index.html").read_text() == "theirs"
    assert not list(directory.unfinished.iterdir())


# Pages of documentation.


def pages_of(project, **pages):
    found = {name: project.root / path for name, path in pages.items()}
    return dataclasses.replace(project, pages=found)


def accept(project):
    ran = accepted.Publishable([cell()])
    accepted.accept(ran, project.results / "accepted", full=True, run=RUN)


def test_pages_are_written_only_where_pyproject_asks_for_them(project):
    (project.root / "docs").mkdir()
    (project.root / "docs/cases.md").write_text("theirs")
    accept(project)
    publish(pages_of(project))
    assert bytes_of(project.root / "docs") == {Path("cases.md"): b"theirs"}
    asking = pages_of(project, cases="docs/tour.md", loaders="docs/of/loaders.md")
    for _ in range(2):
        publish(asking)
        assert (project.root / "docs/tour.md").read_text().startswith(WRITTEN)
        assert (project.root / "docs/of/loaders.md").read_text().startswith(WRITTEN)


@pytest.mark.parametrize("linked", [False, True])
def test_a_page_that_we_did_not_write_is_left_and_so_is_everything_else(project, linked):
    accept(project)
    (project.root / "docs").mkdir()
    theirs = project.root / "docs/cases.md"
    if linked:
        (project.root / "elsewhere.md").write_text(WRITTEN)
        theirs.symlink_to("../elsewhere.md")
    else:
        theirs.write_text("# The cases of our court\n")
    before = bytes_of(project.root)
    with pytest.raises(UserError, match=r"cases\.md was not written by savedmodel-matrix"):
        publish(pages_of(project, cases="docs/cases.md"))
    assert bytes_of(project.root) == before


# The index of error texts, which is shipped with the package.


def test_the_index_of_error_texts_is_written_in_a_checkout_of_ours_only(project, monkeypatch):
    accept(project)
    shipped = error_index.INDEX
    before = shipped.read_bytes()
    place = project.root / SHIPPED
    place.parent.mkdir(parents=True)
    publish(project)
    with pytest.raises(UserError, match="is no checkout of savedmodel-matrix"):
        publish_index(project)
    assert not place.exists()
    monkeypatch.setattr(error_index, "INDEX", place)
    publish(project)
    written = place.read_bytes()
    assert json.loads(written)["signs"]
    place.unlink()
    publish_index(project)
    assert place.read_bytes() == written
    assert shipped.read_bytes() == before

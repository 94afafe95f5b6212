"""A run's own report and the published one, from an accepted table."""

import json
import shutil
from pathlib import Path

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store import accepted
from savedmodel_matrix.views.report.publish import build_of_run, publish, published
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


def test_a_run_that_ran_nothing_new_leaves_its_report_alone(tmp_path):
    known = [cell(key="1")]
    assert build_of_run(known, RUN, [], tmp_path, ran=True)
    later = RUN | {"finished": "2026-01-02T00:00:00Z"}
    assert not build_of_run(known, later, [], tmp_path, ran=False)
    told = json.loads((tmp_path / "report/data/run.json").read_bytes())
    assert told["finished"] == RUN["finished"]
    assert build_of_run([*known, cell(remedy="resave", key="2")], later, [], tmp_path, ran=False)
    assert build_of_run(known, later, [], tmp_path, ran=True)


def test_a_report_that_was_removed_is_built_again(tmp_path):
    build_of_run([cell(key="1")], RUN, [], tmp_path, ran=True)
    shutil.rmtree(tmp_path / "report")
    assert build_of_run([cell(key="1")], RUN, [], tmp_path, ran=False)

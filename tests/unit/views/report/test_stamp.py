"""Whatever a report shows or is made with makes another report."""

import ast
import shutil
from importlib.metadata import version

import pytest

from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.code import PACKAGE, code_hash
from savedmodel_matrix.views.report import stamp
from savedmodel_matrix.views.report.stamp import RENDERING, made_of

RUN = {"finished": "2026-01-01T00:00:00Z", "commit": "a", "environments": {}, "seconds": 1}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a copy of the package, which the hash is of."""
    copy = tmp_path / "savedmodel_matrix"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(stamp, "code_hash", lambda *names: code_hash(*names, root=copy))
    return copy


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text('"""A title."""\n')
    return Case("mine", path, "A title")


def made(case, run=RUN, rests_on="1"):
    code_hash.cache_clear()
    return made_of(rests_on, run, [case])


@pytest.mark.parametrize(
    "file",
    [
        "analysis/explanations.toml",
        "views/wording.py",
        "model/fingerprint.py",
        "analysis/counting.py",
        "views/report/templates/index.html",
        "views/report/static/report.css",
        "views/report/facts.py",
        "workspace/tour.py",
        "host/values.py",
    ],
)
def test_code_and_data_that_a_report_is_made_with(package, case, file):
    before = made(case)
    assert made(case) == before
    with (package / file).open("a") as changed:
        changed.write("\n")
    assert made(case) != before


def test_what_takes_no_part_makes_no_other_report(package, case):
    before = made(case)
    (package / "commands" / "cli.py").write_text("")
    (package / "views" / "__pycache__").mkdir()
    (package / "views" / "__pycache__" / "wording.pyc").write_text("")
    assert made(case) == before


def test_a_cell_and_a_title_and_how_it_was_run(case):
    before = made(case)
    assert made(case, rests_on="2") != before
    assert made(case, RUN | {"commit": "b"}) != before
    assert made(case, RUN | {"environments": {"tf2.21": {}}}) != before
    assert made(case, RUN | {"finished": "2027-01-01T00:00:00Z", "seconds": 2}) == before
    case.path.write_text('"""Another title."""\n')
    assert made(case) != before
    case.path.unlink()
    assert made(case) != before


@pytest.mark.parametrize("library", stamp.LIBRARIES)
def test_another_version_of_a_library(case, monkeypatch, library):
    before = made(case)
    monkeypatch.setattr(stamp, "version", lambda name: "0" if name == library else version(name))
    assert made(case) != before


def test_every_package_that_the_report_imports_is_in_it():
    seen, queue = set(), [PACKAGE / "views" / "report" / "publish.py"]
    while queue:
        file = queue.pop()
        if file in seen or not file.is_file():
            continue
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE.name):
                parts = (node.module or "").split(".")[1:]
                queue += [PACKAGE.joinpath(*parts).with_suffix(".py")] if parts else []
                queue += [PACKAGE.joinpath(*parts, f"{one.name}.py") for one in node.names]
    packages = {file.relative_to(PACKAGE).parts[0] for file in seen}
    assert packages <= {*RENDERING, "__init__.py"}
    assert "analysis" in packages

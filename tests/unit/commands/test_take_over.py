"""`--accept`: what it takes is said before it is taken, and a full run adds to the history."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from savedmodel_matrix.commands.job import check_accepted, take_over
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import key_of, rows_of
from savedmodel_matrix.store.accepted import Publishable, accept, load_table
from savedmodel_matrix.store.history import read_history
from savedmodel_matrix.views.report.publish import publish
from savedmodel_matrix.workspace.project import find_project
from tests.unit.analysis.test_history import RUN
from tests.unit.commands.test_compare import PYPROJECT
from tests.unit.pages import summary_of
from tests.unit.views.report.generated import cells_of

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.workspace.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "case_000.py").write_text("inputs = {}\ndef build(): ...\n")
    return find_project(tmp_path)


def taking(project: Project, cells: list[dict[str, Any]], *, full: bool) -> str:
    """Take cells over, and return what is printed; the table must be as it was until it is said."""
    stream = io.StringIO()
    accepted = project.results / "accepted"
    before = load_table(accepted)
    summary = summary_of(cells, rows_of(before))
    untouched: list[bool] = []

    class Watching(io.StringIO):
        def write(self, text: str) -> int:
            if "To be accepted" in text:
                untouched.append(load_table(accepted).equals(before))
            return stream.write(text)

    take_over(
        cells,
        project,
        Console(file=Watching(), width=200),
        summary,
        full=full,
        made=dict(RUN),
        kinds={key_of(cell)[2:] for cell in cells},  # type: ignore[misc]
    )
    assert untouched == [True]
    return stream.getvalue()


def files(place: Path) -> dict[str, bytes]:
    found = (path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place)): path.read_bytes() for path in found}


def test_a_full_run_says_what_it_takes_and_leaves_an_entry(project: Project) -> None:
    cells = cells_of(2)
    said = taking(project, cells, full=True)
    assert said.startswith(f"To be accepted, the first time: {len(cells)} cells.\n")
    assert said.endswith(f"Accepted {len(cells)} cells; report/ shows them.\n")
    changed = [dict(cell) for cell in cells]
    passing = next(one for one in changed if one["status"] == "pass")
    passing |= {"status": "fail", "stage": "run", "reason": "no", "fingerprint": "no"}
    said = taking(project, changed, full=True)
    assert said.startswith("To be accepted: 1 regressed; ")
    assert f"Regressed: {passing['case']}: passes → fails at run (1 cell)" in said
    first, second = read_history(project.results / "history")
    assert list(first.changed) == ["new"]
    assert {name: one["cells"] for name, one in second.changed.items()} == {"regressed": 1}
    page = (project.root / "report" / "history.html").read_text()
    assert "1 regressed" in page


def test_the_report_of_an_accepted_run_is_the_one_that_is_built_again(project: Project) -> None:
    for _ in range(2):
        taking(project, cells_of(2), full=True)
    before = files(project.root / "report")
    publish(project)
    assert files(project.root / "report") == before


def test_a_selection_adds_no_entry(project: Project) -> None:
    accept(Publishable(cells_of(2)), project.results / "accepted", full=True, run=RUN)
    said = taking(project, cells_of(1), full=False)
    assert "Nothing" not in said
    assert read_history(project.results / "history") == ()


def test_what_somebody_keeps_by_that_name_ends_it_before_a_run(project: Project) -> None:
    project.results.mkdir()
    (project.results / "history").write_text("somebody's")
    with pytest.raises(UserError, match="history is not a directory of ours"):
        check_accepted(project, full=True)
    check_accepted(project, full=False)

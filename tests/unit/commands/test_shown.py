"""What a run shows: the real messages, and paths as a person would type them."""

from __future__ import annotations

from pathlib import Path

from savedmodel_matrix.commands.shown import shown_path, summed_up
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.workspace.project import find_project
from tests.unit.pages import cell, failed, printed
from tests.unit.rows import EMPTY

ROOT = Path(__file__).parents[3]


def test_messages_places_and_logs_reach_the_page(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    row = cell(case="mine", **failed("build", "ModuleNotFoundError: No module named <name>"))
    made = row | {
        "message": "No module named 'a_package'",
        "where": f"{ROOT}/cases/mine.py:7",
        "log": "logs/1.log",
    }
    summary = summed_up(
        [made],
        EMPTY,
        find_project(ROOT),
        [Case("mine", ROOT / "cases" / "mine.py", "Mine", group="A group")],
        results=ROOT / "results",
        full=False,
        has_accepted=True,
    )
    page = printed(summary)
    assert "\nA group\n  mine" in page
    assert "\n  cases/mine.py:7: No module named 'a_package'\n" in page
    assert 'state requires = ["a_package"] in the case' in " ".join(page.split())
    assert "\n    at cases/mine.py:7\n    log: results/logs/1.log\n" in page


def test_a_path_elsewhere_is_whole() -> None:
    assert shown_path(Path("/elsewhere/x")) == "/elsewhere/x"

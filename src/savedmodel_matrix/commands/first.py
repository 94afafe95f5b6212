"""The table of the case that comes first, shown while the others run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.commands.shown import summed_up
from savedmodel_matrix.store import accepted
from savedmodel_matrix.views.terminal import glance

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from rich.console import Console

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.workspace.project import Project


def show_first(
    cells: Collection[Mapping[str, Any]],
    project: Project,
    cases: Iterable[Case],
    results: Path,
    console: Console,
) -> None:
    """Print the table of these cells, whole, and that the others are still to come."""
    before = accepted.load_table(project.results / "accepted", {project.first})
    summary = summed_up(cells, before, project, cases, results=results, full=False)
    glance(summary, console)
    console.print(f"{project.first} is done; the other cells follow.", highlight=False)

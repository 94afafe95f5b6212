"""The table of the case that comes first, shown while the others run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.analysis.summary import summarise
from savedmodel_matrix.model.table import from_cells
from savedmodel_matrix.store import accepted
from savedmodel_matrix.views.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from savedmodel_matrix.workspace.project import Project


def show_first(cells: Sequence[Mapping[str, Any]], project: Project, console: Console) -> None:
    """Print the table of these cells, whole, and that the others are still to come."""
    table = from_cells(cells)
    before = accepted.load_table(project.results / "accepted", {project.first})
    summary = summarise(table, before, full=False, explained=explanations())
    terminal(summary, console)
    console.print(f"{project.first} is done; the other cells follow.", highlight=False)

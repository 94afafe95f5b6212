"""What a run shows of itself: its cells summed up, and paths as a person would type them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.analysis.summary import Summary, summarise
from savedmodel_matrix.model.table import from_cells, key_of
from savedmodel_matrix.workspace.tour import read_groups, tour

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.workspace.project import Project


def summed_up(
    cells: Collection[Mapping[str, Any]],
    accepted: pd.DataFrame,
    project: Project,
    cases: Iterable[Case],
    *,
    results: Path,
    full: bool,
    **more: Any,
) -> Summary:
    """Return the summary of whole cells, whose logs are in ``results``.

    ``more`` are further arguments of `summarise`.
    """
    return summarise(
        from_cells(cells),
        accepted,
        full=full,
        logs={key_of(cell): _log(results, cell) for cell in cells if cell["log"]},
        messages={key_of(cell): str(cell["message"]) for cell in cells if cell["message"]},
        places={key_of(cell): _place(str(cell["where"])) for cell in cells if cell["where"]},
        tour=tour(list(read_groups(project.cases)), cases),
        explained=explanations(),
        **more,
    )


def shown_path(path: Path) -> str:
    """Return a path as a person would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _log(results: Path, cell: Mapping[str, Any]) -> str:
    return shown_path(results / str(cell["log"]))


def _place(where: str) -> str:
    file, _, line = where.rpartition(":")
    return f"{shown_path(Path(file))}:{line}"

"""What `history` does; its exit status is its result."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console

from savedmodel_matrix.store.history import DIRECTORY, read_history
from savedmodel_matrix.views.history import history_json, history_table

if TYPE_CHECKING:
    from savedmodel_matrix.workspace.project import Project


def run_history(project: Project, *, form: str) -> int:
    """List the accepted full runs. Raises UserError if one cannot be read."""
    history = read_history(project.results / DIRECTORY)
    if form == "json":
        sys.stdout.write(history_json(history))
    else:
        history_table(history, Console())
    return 0

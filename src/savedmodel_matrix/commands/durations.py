"""How long cells are expected to take, by what they took when the table was accepted."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from savedmodel_matrix.engine.estimate import Estimate
from savedmodel_matrix.store import accepted

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.workspace.project import Project


def estimated(project: Project) -> Estimate:
    """Return what is known of the time that cells take. Raises UserError if it cannot be read."""
    directory = project.results / "accepted"
    try:
        written = (directory / accepted.CELLS).stat().st_mtime_ns
    except OSError:
        written = 0
    return _read(directory, written)


@functools.lru_cache(maxsize=1)
def _read(directory: Path, written: int) -> Estimate:
    """Read the accepted durations once, which takes seconds where there are many cells."""
    return Estimate(accepted.read_durations(directory))

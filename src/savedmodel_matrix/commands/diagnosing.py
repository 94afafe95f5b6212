"""Diagnosing many artifacts, and how far it is: a live line on a terminal, else a line at times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from savedmodel_matrix.savedmodel.diagnosis import DEFECT, UNREADABLE
from savedmodel_matrix.savedmodel.many import FEW, diagnose_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis

PLAIN_EVERY = 5.0  # seconds between plain lines


def diagnosed(paths: Sequence[Path], jobs: int, console: Console) -> list[Diagnosis]:
    """Return the diagnoses in the order of the paths; progress goes to `console`, if many."""
    if len(paths) <= FEW:
        return [diagnosis for _, diagnosis in diagnose_all(paths, jobs)]
    found: dict[int, Diagnosis] = {}
    live = console.is_terminal and not console.is_dumb_terminal
    columns = (
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} artifacts"),
        BarColumn(bar_width=max(8, min(30, console.width - 60))),
        TextColumn("{task.fields[bad]} not sound"),
        TimeElapsedColumn(),
    )
    bad, last = 0, time.monotonic()
    with Progress(
        *columns, console=console, transient=True, refresh_per_second=4, disable=not live
    ) as progress:
        task = progress.add_task("", total=len(paths), bad=0)
        for place, diagnosis in diagnose_all(paths, jobs):
            found[place] = diagnosis
            bad += diagnosis.verdict in {DEFECT, UNREADABLE}
            if live:
                progress.update(task, advance=1, bad=bad)
            elif time.monotonic() - last >= PLAIN_EVERY:
                last = time.monotonic()
                line = f"{len(found):,} of {len(paths):,} artifacts, {bad:,} not sound"
                console.print(line, highlight=False, soft_wrap=True)
    return [found[place] for place in range(len(paths))]

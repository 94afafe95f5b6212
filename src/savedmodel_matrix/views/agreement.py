"""What files predict against what happened, as a table a loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from savedmodel_matrix.analysis.agreement import HAPPENED
from savedmodel_matrix.analysis.predictions import FAILS, RUNS
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis.agreement import Confusion

_LISTED = 12  # reasons of a loader


def shown(found: Sequence[Confusion], console: Console) -> None:
    """Print the tables, with what does not agree below each."""
    for one in found:
        text = Text(one_line(one.loader), "bold")
        text.append(f": {one.agreeing:,} of {one.cells:,} cells came out as their files say", "")
        console.print(text, highlight=False, soft_wrap=True)
        grid = Table(box=None, pad_edge=False)
        grid.add_column("the files say")
        for title in HAPPENED:
            grid.add_column(title, justify="right")
        for predicted in (RUNS, FAILS):
            numbers = [f"{one.count(predicted, came_out):,}" for came_out in HAPPENED]
            grid.add_row(f"it {predicted}", *numbers)
        console.print(grid, highlight=False)
        _listed(one.alarms, "passes although the files say that it fails", console)
        _listed(one.misses, "does not pass although the files say that it runs", console)


def _listed(cases: Mapping[tuple[str, str], int], said: str, console: Console) -> None:
    if not cases:
        return
    console.print(f"  {said}:", highlight=False)
    ranked = sorted(cases.items(), key=lambda pair: -pair[1])
    for (case, reason), number in ranked[:_LISTED]:
        line = f"    {one_line(case)}, {number:,} cell{'s' if number != 1 else ''}: "
        console.print(Text(line + one_line(reason, 120)), soft_wrap=True)
    if len(ranked) > _LISTED:
        console.print(f"    and {len(ranked) - _LISTED} more: --format json has all")

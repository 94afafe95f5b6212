"""What a person sees while a run works: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_EVERY = 15.0  # seconds between plain lines


class Reporter:
    """Tells how far the run is; a context around the work."""

    def __init__(self, console: Console, total: int) -> None:
        self._console, self._total = console, total
        self._done = self._failed = self._known = 0
        self._last = self._began = time.monotonic()
        self._live = console.is_terminal and not console.is_dumb_terminal
        columns = (
            TextColumn("{task.completed:.0f}/{task.total:.0f} cells"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[failed]} failed"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            TextColumn("{task.fields[doing]}", markup=False),
        )
        self._progress = Progress(*columns, console=console, transient=True, refresh_per_second=2)
        self._task = self._progress.add_task("", total=total, failed=0, doing="")

    def __enter__(self) -> Self:
        if self._live:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._progress.stop()

    def say(self, line: str) -> None:
        """Print a line of its own, above the live one."""
        console = self._progress.console if self._live else self._console
        console.print(Text(line), soft_wrap=True)

    def known(self, cells: int) -> None:
        """Count cells that need no work."""
        self._known += cells
        self._done += cells
        self._update()

    def cell(self, status: str, doing: str) -> None:
        """Count a cell that has finished."""
        self._done += 1
        self._failed += status in ("fail", "crash", "timeout")
        self._update(doing)

    def _update(self, doing: str = "") -> None:
        if self._live:
            self._progress.update(
                self._task, completed=self._done, failed=self._failed, doing=doing
            )
            return
        now = time.monotonic()
        if now - self._last >= PLAIN_EVERY:
            self._last = now
            ran = self._done - self._known
            left = (now - self._began) / ran * (self._total - self._done) if ran else 0.0
            self._console.print(
                f"{self._done} of {self._total} cells, {self._failed} failed, "
                f"about {left / 60:.0f} min left",
                soft_wrap=True,
                highlight=False,
            )

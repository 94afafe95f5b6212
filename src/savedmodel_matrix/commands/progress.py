"""What a person sees while a run works: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

PLAIN_EVERY = 15.0  # seconds between plain lines
ENOUGH = 0.02  # of the work must be done before its pace says anything


class Reporter:
    """Tells how far the run is; a context around the work.

    ``jobs``: how many steps run at once, for a first guess at the time left. ``show_first`` shows
    the cells of the case that comes first.
    """

    def __init__(
        self,
        console: Console,
        total: int,
        jobs: int,
        show_first: Callable[[Sequence[Mapping[str, Any]]], object] = lambda _: None,
    ) -> None:
        self._console, self._total, self._jobs = console, total, max(1, jobs)
        self._show_first = show_first
        self._done = self._failed = 0
        self._expected = self._worked = 0.0  # seconds of one core, as estimated
        self._first: float | None = None  # when there was something to run
        self._last = time.monotonic()
        self._live = console.is_terminal and not console.is_dumb_terminal
        columns: list[ProgressColumn] = [
            TextColumn("{task.completed:.0f} of {task.total:.0f} cells")
        ]
        if console.width >= 60:
            columns.append(BarColumn(bar_width=max(8, min(30, console.width - 70))))
        columns += [TextColumn("{task.fields[failed]} failed"), TimeElapsedColumn()]
        columns += [TextColumn("{task.fields[left]}")]
        if console.width >= 100:
            columns.append(TextColumn("{task.fields[doing]}", markup=False))
        self._progress = Progress(*columns, console=console, transient=True, refresh_per_second=2)
        self._task = self._progress.add_task("", total=total, failed=0, left="", doing="")

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
        console.print(Text(one_line(line)), soft_wrap=True)

    def first(self, cells: Sequence[Mapping[str, Any]]) -> None:
        """Show the case that comes first, above the live line: that one starts below it again."""
        if self._live:
            self._progress.stop()
        self._show_first(cells)
        if self._live:
            self._progress.start()

    def known(self, cells: int) -> None:
        """Count cells that need no work."""
        self._done += cells
        self._update()

    def expect(self, seconds: float) -> None:
        """Add to the work ahead, in estimated seconds of one core."""
        self._expected += seconds
        if self._first is None:
            self._first = time.monotonic()

    def cell(self, status: str, doing: str, seconds: float) -> None:
        """Count a cell that has finished, with the seconds that were expected of it."""
        self._done += 1
        self._failed += status in ("fail", "crash", "timeout")
        self._worked += seconds
        self._update(doing)

    def left(self) -> float:
        """Return about how many seconds the work that was announced will still take."""
        ahead = max(0.0, self._expected - self._worked)
        if self._first is None or not self._worked or self._worked < ENOUGH * self._expected:
            return ahead / self._jobs
        return (time.monotonic() - self._first) / self._worked * ahead

    def _update(self, doing: str = "") -> None:
        left = f"about {in_words(self.left())} left" if self._done < self._total else ""
        if self._live:
            self._progress.update(
                self._task,
                completed=self._done,
                failed=self._failed,
                doing=one_line(doing),
                left=left,
            )
            return
        now = time.monotonic()
        if now - self._last >= PLAIN_EVERY:
            self._last = now
            parts = [f"{self._done} of {self._total} cells", f"{self._failed} failed"]
            line = ", ".join([*parts, left] if left else parts)
            self._console.print(line, soft_wrap=True, highlight=False)


def in_words(seconds: float) -> str:
    """Return a duration as a person says it: "40 s" or "3 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds / 10)) * 10} s"
    return f"{round(seconds / 60)} min"

"""How far an order on a worker is, counted once however often it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from savedmodel_matrix.engine.cluster import Progress
    from savedmodel_matrix.engine.events import Events


class Followed:
    """Tells a run's listener of the cells of one order; what was told once stays told."""

    def __init__(self, events: Events, cells: int, seconds: float) -> None:
        """Follow an order of so many cells that is expected to take so many seconds."""
        self._events, self._cells = events, cells
        self._each = seconds / cells if cells else 0.0
        self._done = self._failed = 0

    def tell(self, told: Progress) -> None:
        """Pass on what a worker tells of it."""
        if told.said:
            self._events.say(f"{told.worker}: {told.said}")
        # Its last cell is done when it is here.
        self._count(min(told.done, self._cells - 1), told.failed, told.doing)

    def finish(self, failed: int) -> None:
        """Count what is left of it: its cells are all here, so many of them failed."""
        self._count(self._cells, failed, "")

    def _count(self, done: int, failed: int, doing: str) -> None:
        while self._done < done:
            self._done += 1
            fails = self._failed < failed
            self._failed += fails
            self._events.cell("fail" if fails else "pass", doing, self._each)

"""Steps that wait for one host, in two queues: those that go first in every host, and the rest."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.model.steps import Step


class Waiting:
    """The steps of one host."""

    def __init__(self) -> None:
        self._queues: dict[bool, deque[Step]] = {True: deque(), False: deque()}

    def put(self, step: Step, *, urgent: bool, ahead: bool = False) -> None:
        """Queue a step; ``ahead`` of those that are there, if it is to run before them."""
        queue = self._queues[urgent]
        if ahead:
            queue.appendleft(step)
        else:
            queue.append(step)

    def next(self, *, urgent: bool) -> Step | None:
        """Return the step that runs next, None if there is none of that urgency."""
        queue = self._queues[urgent]
        return queue[0] if queue else None

    def take(self, *, urgent: bool) -> Step:
        """Remove the step that runs next and return it."""
        return self._queues[urgent].popleft()

    def has(self, *, urgent: bool) -> bool:
        """Say whether a step of that urgency waits."""
        return bool(self._queues[urgent])

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[Step]:
        return (step for urgent in (True, False) for step in self._queues[urgent])

"""Ctrl-C and SIGTERM while processes are at work: the first one ends them all, and no other counts.

Ending takes a moment. Whoever presses twice, or a job manager that insists, must not cut it short:
what is left behind then would be processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")
NUMBERS = (signal.SIGINT, signal.SIGTERM)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` as `asyncio.run` does; an interruption cancels it, once.

    Raises CancelledError, and KeyboardInterrupt where the interruption came before or after the
    work. Both signals are ignored from then on, for the caller has still to clean up and to end.
    """
    interruption = _Interruption()
    before = {}
    for number in NUMBERS:
        with contextlib.suppress(ValueError):  # only the main thread is told of signals
            before[number] = signal.signal(number, interruption)
    try:
        done = asyncio.run(interruption.stopping(work))
        if interruption.came:  # too late to cancel anything
            raise KeyboardInterrupt
        return done
    finally:
        if not interruption.came:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Interruption:
    """The handler of both signals. Not SIG_IGN, which processes that are started would inherit."""

    def __init__(self) -> None:
        self.came = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def __call__(self, *_: object) -> None:
        if self.came:
            return
        self.came = True
        if self._loop is None or self._task is None:
            raise KeyboardInterrupt
        self._loop.call_soon_threadsafe(self._task.cancel)  # which also wakes the loop

    async def stopping(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work as the task that is cancelled."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            return await work
        finally:
            self._loop = self._task = None

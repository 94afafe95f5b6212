"""How a step ends, as exceptions that carry the stage: whose fault a failure is, decided here.

Only what happens inside ``Stages.calling`` can become a ``fail``: the case's, TensorFlow's and
Keras's own code. Any other exception is the harness's fault and makes the step ``not-run``.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from savedmodel_matrix.host.room import lacked_room

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Failed(Exception):
    """Code under test raised ``cause`` while ``stage`` was under way."""

    def __init__(self, stage: str, cause: BaseException) -> None:
        super().__init__(stage)
        self.stage = stage
        self.cause = cause


class NotApplicable(Exception):
    """There is nothing to apply the remedy to; the message is a sentence that says why."""


class NotRun(Exception):
    """The harness could not judge; the message is a sentence that says why."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage


class CaseError(Exception):
    """The case module is not what a case must be; the message says what to change."""


class Wrong(Exception):
    """The code under test returned, but what it returned or wrote is wrong."""


class Stages:
    """Marks where a step is, for the clock and for whoever finds the process dead.

    Each mark is appended to a file by name, so that it survives a crash and does not depend on
    any descriptor that the code under test may close. Times are seconds of the monotonic clock.
    """

    def __init__(self, path: str, written_in: Sequence[str] = ()) -> None:
        """Mark in the file ``path``. The step writes in the directories ``written_in``."""
        self._path, self._written_in = path, written_in
        self.current = ""
        self._since = 0.0
        self.seconds: dict[str, float] = {}
        self.facts: dict[str, object] = {}  # what is worth knowing even if the step fails

    def __call__(self, stage: str) -> None:
        """Enter ``stage``; the one before ends here."""
        now = time.monotonic()
        if self.current:
            spent = self.seconds.get(self.current, 0.0) + now - self._since
            self.seconds[self.current] = spent
        self.current, self._since = stage, now
        if stage:
            mark = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(mark, f"{stage}\n".encode())
            finally:
                os.close(mark)

    @contextlib.contextmanager
    def calling(self, stage: str) -> Iterator[None]:
        """Run code under test: what it raises is a failure of the stage it has then reached."""
        self(stage)
        try:
            yield
        except (Failed, NotApplicable, NotRun):
            raise
        except BaseException as error:
            if full := lacked_room(error, self._written_in):
                said = f"no room is left in {full}: make some, and run again"
                raise NotRun(self.current, said) from error
            raise Failed(self.current, error) from error

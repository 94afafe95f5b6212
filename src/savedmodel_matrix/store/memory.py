"""What is known: a record per step, and the artifacts, under one run directory.

Records are in a database (`records`). ``artifacts/CONTENT`` is named for the hash of what is in it,
and complete or absent: it is renamed into place. Artifacts that no record refers to go, and where
the others take too much room, the least recently used.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.host.artifact import content_hash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.garbage import collect, use
from savedmodel_matrix.store.leftovers import end_processes, remove
from savedmodel_matrix.store.records import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.verdict import Judged
    from savedmodel_matrix.store.records import Row
    from savedmodel_matrix.store.run_directory import RunDirectory


MOST_BYTES = 8 << 30  # of artifacts: those of a full run take a fifth of it


class Store:
    """The records and artifacts in a run directory, which must be held: see its ``locked``."""

    def __init__(
        self,
        directory: RunDirectory,
        most: int = MOST_BYTES,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Name the directory; ``say`` is told if what it remembered cannot be read any more."""
        self.directory, self._most, self._say = directory, most, say
        self.results, self.work = directory.place, directory.work
        self.artifacts, self.logs = directory.artifacts, directory.logs
        self._records: Records | None = None
        self._used: set[str] = set()  # artifacts, by content
        self._kept = False  # whether anything was added to them

    def open(self) -> None:
        """Open the records and make room. Raises UserError where that is not possible."""
        try:
            end_processes(self.work)
            remove(self.work)
            remove(self.directory.unfinished)
            for place in (self.artifacts, self.logs, self.work, self.directory.unfinished):
                place.mkdir(parents=True, exist_ok=True)
            self._records = Records(self.directory.records, self._say)
        except OSError as error:
            raise UserError(
                f"{self.results} cannot be written: {error.strerror}; "
                "name another directory with --results."
            ) from error

    def close(self) -> None:
        """Close the file; end and remove what steps left, and what nothing needs any more."""
        end_processes(self.work)
        remove(self.work)
        if self._records is not None and self._records.is_open:
            with contextlib.suppress(OSError, UserError):  # the next run does it
                self._prune(self._records)
            self._records.close()

    def look_up(self, keys: Iterable[str]) -> None:
        """Ask for many keys at once; without this each is asked for when it is needed."""
        if self._records is not None:
            self._records.look_up(keys)

    def put(self, key: str, judged: Judged, limits: Limits, step: Collection[str] = ()) -> None:
        """Remember a verdict, with the limits that it was made under; ``step`` names the step.

        Of a step with names the records of its last keys are kept, of one without all of them.
        Raises OSError if there is no room.
        """
        judged.record["limits"] = {"seconds": limits.seconds, "memory": limits.memory}
        if self._records is None:
            raise ValueError("the store is not open")
        self._records.put(key, judged, step)

    def take_over(self, rows: Iterable[Row], *, replace: bool = False) -> int:
        """Add records of another store by keys that this one has not; return how many.

        With ``replace`` those by keys that it has replace its own.

        Raises OSError if there is no room, and then none was added.
        """
        if self._records is None:
            raise ValueError("the store is not open")
        return self._records.take_over(rows, replace=replace)

    @property
    def name(self) -> str:
        """What tells the file of records from every other; "" where none was opened."""
        return self._records.name if self._records else ""

    def number(self, judged: Judged) -> int:
        """Return the number of the record that was put of it, which no other one in it has."""
        return self._records.number(judged) if self._records else 0

    def keep(self, made: Path) -> str:
        """Put an artifact that was just made in its place; return the hash of its content."""
        content = content_hash(made)
        place = self.artifacts / content
        if place.is_dir():
            remove(made)
        else:
            made.replace(place)
        self._kept = True
        self._used.add(content)
        return content

    def artifact(self, content: str) -> Path:
        """Return where the artifact of that content is; it stays at least until this run ends."""
        return Path(self._artifact(content))

    def _artifact(self, content: str) -> str:
        place = f"{self.artifacts}/{content}"
        if content not in self._used:
            self._used.add(content)
            use(place)
        return place

    def known_made(self, key: str, limits: Limits) -> Judged | None:
        """Return the verdict on a save or conversion that need not be run again.

        Where an artifact was made, it is still there.
        """
        judged = self.known_load(key, limits)
        if judged and judged.status == "pass":
            content = judged.content
            if not content or not os.path.isdir(self._artifact(content)):  # noqa: PTH112 - of each cell
                return None
        return judged

    def known_load(self, key: str, limits: Limits) -> Judged | None:
        """Return the verdict on a load that need not be run again.

        With more time a step may end that did not, and with more memory succeed where it failed.
        """
        judged = self._records.get(key) if self._records else None
        if judged is None or judged.status in ("pass", "not-applicable"):
            return judged
        seconds, memory = judged.limits
        enough = (
            seconds >= limits.seconds if judged.status == "timeout" else memory >= limits.memory
        )
        return judged if enough else None

    def _prune(self, records: Records) -> None:
        for key in records.prune():
            (self.logs / f"{key[:16]}.log").unlink(missing_ok=True)
        if self._kept:
            collect(self.artifacts, self._most, self._used, records.contents())

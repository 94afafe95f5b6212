"""What is known: a record per step, appended whole, and the artifacts, under one results directory.

``records.jsonl`` is the memory of all runs, by key; the last record of a key holds. A line that a
crash tore is ignored. ``artifacts/CONTENT`` is named for the hash of what is in it, and complete or
absent: it is renamed into place. When they take too much room, the least recently used go.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from savedmodel_matrix.host.artifact import content_hash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.garbage import collect, use
from savedmodel_matrix.store.leftovers import end_processes, remove, remove_unfinished
from savedmodel_matrix.store.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.verdict import Judged


MOST_BYTES = 8 << 30  # of artifacts: those of a full run take a fifth of it


class Store:
    """The records and artifacts in one directory. Not safe for two processes: see ``locked``."""

    def __init__(self, results: Path, most: int = MOST_BYTES) -> None:
        self.results, self._most = results, most
        self.artifacts = results / "artifacts"
        self.logs = results / "logs"
        self.work = results / "work"
        self._records: Records | None = None
        self._used: set[str] = set()  # artifacts, by content
        self._kept = False  # whether anything was added to them

    def open(self) -> None:
        """Read what is known and make room. Raises UserError where that is not possible."""
        try:
            end_processes(self.work)
            remove(self.work)
            remove_unfinished(self.results)
            for directory in (self.artifacts, self.logs, self.work):
                directory.mkdir(parents=True, exist_ok=True)
            self._records = Records(self.results / "records.jsonl")
        except OSError as error:
            raise UserError(
                f"{self.results} cannot be written: {error.strerror}; "
                "name another directory with --results."
            ) from error

    def close(self) -> None:
        """Let go of the file; end and remove what steps left, and artifacts beyond the limit."""
        if self._records is not None:
            self._records.close()
        end_processes(self.work)
        remove(self.work)
        if self._kept:
            collect(self.artifacts, self._most, self._used)

    def put(self, key: str, judged: Judged, limits: Limits) -> None:
        """Remember a verdict, with the limits that it was made under. Raises OSError."""
        judged.record["limits"] = {"seconds": limits.seconds, "memory": limits.memory}
        if self._records is None:
            raise ValueError("the store is not open")
        self._records.put(key, judged)

    def keep(self, made: Path) -> str:
        """Put an artifact that was just made in its place; return the hash of its content."""
        content = content_hash(made)
        place = self.artifacts / content
        if place.is_dir():
            remove(made)
        else:
            made.replace(place)
        self._kept = True
        return content

    def artifact(self, content: str) -> Path:
        """Return where the artifact of that content is; it stays at least until this run ends."""
        place = self.artifacts / content
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
            content = judged.record.get("content")
            if not content or not self.artifact(content).is_dir():
                return None
        return judged

    def known_load(self, key: str, limits: Limits) -> Judged | None:
        """Return the verdict on a load that need not be run again.

        With more time a step may end that did not, and with more memory succeed where it failed.
        """
        judged = self._records.get(key) if self._records else None
        if judged is None or judged.status in ("pass", "not-applicable"):
            return judged
        had = judged.record.get("limits", {})
        limit, given = (
            ("seconds", limits.seconds)
            if judged.status == "timeout"
            else ("memory", float(limits.memory))
        )
        return judged if had.get(limit, 0) >= given else None


@contextlib.contextmanager
def locked(results: Path) -> Iterator[None]:
    """Hold the results directory; raises UserError if another run has it."""
    try:
        results.mkdir(parents=True, exist_ok=True)
        file = (results / ".lock").open("w")
    except OSError as error:
        raise UserError(
            f"{results} cannot be written: {error.strerror}; name another directory with --results."
        ) from error
    with file:
        try:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass
        except OSError as error:
            raise UserError(
                f"Another run is using {results}: wait for it, or name another with --results."
            ) from error
        yield

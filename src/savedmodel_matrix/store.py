"""What is known: a record per step, appended whole, and the artifacts, under one results directory.

``records.jsonl`` is the memory of all runs, by key; the last record of a key holds. A line that a
crash tore is ignored. ``artifacts/KEY`` is complete or absent: it is renamed into place.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.hosts import remove
from savedmodel_matrix.journal import Journal, read
from savedmodel_matrix.leftovers import end_processes, remove_unfinished
from savedmodel_matrix.verdict import Judged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What one step may use: seconds of wall clock, and bytes beyond what its host has mapped."""

    seconds: float
    memory: int


class Store:
    """The records and artifacts in one directory. Not safe for two processes: see ``locked``."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.known: dict[str, Judged] = {}
        self._file = results / "records.jsonl"
        self.artifacts = results / "artifacts"
        self.logs = results / "logs"
        self.work = results / "work"
        self._journal: Journal | None = None

    def open(self) -> None:
        """Read what is known and make room. Raises UserError where that is not possible."""
        try:
            end_processes(self.work)
            remove(self.work)
            remove_unfinished(self.results)
            for directory in (self.artifacts, self.logs, self.work):
                directory.mkdir(parents=True, exist_ok=True)
            self.known = dict(_judged(self._file))
            self._journal = Journal.going_on(self._file)
        except OSError as error:
            raise UserError(
                f"{self.results} cannot be written: {error.strerror}; "
                "name another directory with --results."
            ) from error

    def close(self) -> None:
        """Let go of the file; end and remove what steps left."""
        if self._journal is not None:
            self._journal.close()
        end_processes(self.work)
        remove(self.work)

    def put(self, key: str, judged: Judged, limits: Limits) -> None:
        """Remember a verdict, with the limits that it was made under. Raises OSError."""
        judged.record["limits"] = {"seconds": limits.seconds, "memory": limits.memory}
        self.known[key] = judged
        if self._journal is None:
            raise ValueError("the store is not open")
        self._journal.append({"key": key} | judged.record)

    def artifact(self, key: str) -> Path:
        """Return where the artifact of that key is, or would be."""
        return self.artifacts / key

    def known_save(self, key: str, limits: Limits) -> Judged | None:
        """Return the verdict on a save that need not be run again."""
        judged = self.known_load(key, limits)
        if judged and judged.status == "pass" and not self.artifact(key).is_dir():
            return None
        return judged

    def known_load(self, key: str, limits: Limits) -> Judged | None:
        """Return the verdict on a load that need not be run again.

        With more time a step may end that did not, and with more memory succeed where it failed.
        """
        judged = self.known.get(key)
        if judged is None or judged.status in ("pass", "not-applicable"):
            return judged
        had = judged.record.get("limits", {})
        limit, given = (
            ("seconds", limits.seconds)
            if judged.status == "timeout"
            else ("memory", float(limits.memory))
        )
        return judged if had.get(limit, 0) >= given else None


def _judged(file: Path) -> Iterator[tuple[str, Judged]]:
    for record in read(file):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            key, judged = record.pop("key"), Judged(record["status"], record)
            if isinstance(key, str):
                yield key, judged


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

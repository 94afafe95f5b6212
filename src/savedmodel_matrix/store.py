"""What is known: a record per step, appended whole, and the artifacts, under one results directory.

``records.jsonl`` is the memory of all runs, by key; the last record of a key holds. A line that a
crash tore is ignored. ``artifacts/KEY`` is complete or absent: it is renamed into place.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.hosts import remove
from savedmodel_matrix.leftovers import end_processes, remove_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Record = dict[str, Any]


class Store:
    """The records and artifacts in one directory. Not safe for two processes: see ``locked``."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.records: dict[str, Record] = {}
        self._file = results / "records.jsonl"
        self.artifacts = results / "artifacts"
        self.logs = results / "logs"
        self.work = results / "work"
        self._descriptor = -1

    def open(self) -> None:
        """Read what is known and make room. Raises UserError where that is not possible."""
        try:
            end_processes(self.work)
            remove(self.work)
            remove_unfinished(self.results)
            for directory in (self.artifacts, self.logs, self.work):
                directory.mkdir(parents=True, exist_ok=True)
            self.records = dict(read_records(self._file))
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(self._file, flags, 0o644)
            end_torn_line(self._descriptor)
        except OSError as error:
            raise UserError(
                f"{self.results} cannot be written: {error.strerror}; "
                "name another directory with --results."
            ) from error

    def close(self) -> None:
        """Let go of the file; end and remove what steps left."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        end_processes(self.work)
        remove(self.work)

    def put(self, key: str, record: Record) -> None:
        """Remember a record: one line, one write."""
        self.records[key] = record
        append_line(self._descriptor, {"key": key} | record)

    def artifact(self, key: str) -> Path:
        """Return where the artifact of that key is, or would be."""
        return self.artifacts / key

    def known_save(self, key: str, seconds: float) -> Record | None:
        """Return the record of a save that need not be run again."""
        record = self._known(key, seconds)
        if record and record["status"] == "pass" and not self.artifact(key).is_dir():
            return None
        return record

    def known_load(self, key: str, seconds: float) -> Record | None:
        """Return the record of a load that need not be run again."""
        return self._known(key, seconds)

    def _known(self, key: str, seconds: float) -> Record | None:
        record = self.records.get(key)
        if record is None or record["status"] == "not-run":
            return None
        if record["status"] == "timeout" and record.get("limit", 0.0) < seconds:
            return None  # it may end within what it is given now
        return record


def read_records(file: Path) -> Iterator[tuple[str, Record]]:
    """Yield the records of a file with their keys; lines that are not whole are passed over."""
    try:
        with file.open("rb") as lines:
            for line in lines:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    record = json.loads(line)
                    yield record.pop("key"), record
    except FileNotFoundError:
        return


def append_line(descriptor: int, data: Record) -> None:
    """Append one JSON line with one write; a short write is cut off again. Raises OSError."""
    line = json.dumps(data, sort_keys=True).encode() + b"\n"
    before = os.fstat(descriptor).st_size
    try:
        written = os.write(descriptor, line)
    except OSError:
        os.ftruncate(descriptor, before)
        raise
    if written != len(line):
        os.ftruncate(descriptor, before)
        raise OSError(28, "No space left on device")


def end_torn_line(descriptor: int) -> None:
    """Where the last line was torn, end it, so that the next one begins on its own."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.write(descriptor, b"\n")


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

"""A file of JSON lines that only ever grows by whole records.

One record is one line and one write. What a full disk let through of a line is cut off again; a
line that a crash or a power cut tore is ended when the file is opened next, and skipped when it is
read.
"""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


AT_ONCE = 1 << 20  # bytes of one write, where many records are at hand


class Journal:
    """An open file of records; ``append`` is the only way to write it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def going_on(cls, file: Path) -> Self:
        """Open a journal to append to what it has, which may be nothing yet. Raises OSError."""
        journal = cls(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644))
        journal._end_torn_line()
        return journal

    @classmethod
    def new(cls, file: Path, unfinished: Path) -> Self:
        """Put an empty journal in the file's place, from a directory on the same file system.

        Raises OSError, and then leaves what was.
        """
        part = unfinished / f".{file.name}.new"
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        try:
            part.replace(file)
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def append(self, record: Mapping[str, Any]) -> None:
        """Append a record whole. Raises OSError, and then leaves nothing of it."""
        self._write(_line(record))

    def extend(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Append many records in few writes, each of which is whole or absent. Raises OSError."""
        waiting, size = [], 0
        for record in records:
            waiting.append(_line(record))
            size += len(waiting[-1])
            if size >= AT_ONCE:
                self._write(b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            self._write(b"".join(waiting))

    def _write(self, line: bytes) -> None:
        before = os.fstat(self._descriptor).st_size
        written = 0
        try:
            written = os.write(self._descriptor, line)
        finally:
            if written != len(line):
                os.ftruncate(self._descriptor, before)
        if written != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file; once is enough."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _end_torn_line(self) -> None:
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            os.write(self._descriptor, b"\n")


def whole(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a journal that has these records, the same bytes for the same ones."""
    return b"".join(map(_line, records))


def replace(file: Path, unfinished: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Put a journal of these records in the file's place, whole. Raises OSError.

    ``unfinished`` is a directory on the same file system.
    """
    part = unfinished / f".{file.name}.whole"
    try:
        with part.open("wb") as written:
            for record in records:
                written.write(_line(record))
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True).encode() + b"\n"


def lines(file: Path) -> Iterator[tuple[bytes, int, int]]:
    """Yield the whole lines of a journal, and of each where it starts and how long it is, in bytes.

    Those that a crash tore are passed over where that shows at their end.
    """
    start = 0
    with file.open("rb") as whole:
        for line in whole:
            if line.endswith(b"}\n"):
                yield line, start, len(line)
            start += len(line)

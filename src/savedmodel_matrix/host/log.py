"""The log of a step: everything that it prints, of which the beginning and the end are kept."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 256 * 1024  # bytes kept of the beginning
TAIL = 256 * 1024  # bytes kept of the end, and up to one more chunk
CHUNK = 65536
MOST_READS = 64  # once the step is gone: a survivor may hold the pipe open and flood it


class BoundedLog:
    """The reading end of a pipe that a step prints into."""

    def __init__(self, descriptor: int) -> None:
        """Take over the descriptor, which must not block."""
        self.descriptor = descriptor
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._dropped = 0

    def read(self) -> bool:
        """Take in some of what the pipe holds; return False at its end."""
        return self._take() is not False

    def _take(self) -> bool | None:
        """Return whether there was anything, None if the pipe is open and empty."""
        try:
            data = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return None
        room = HEAD - len(self._head)
        self._head += data[:room]
        rest = data[room:] if room < len(data) else b""
        if rest:
            self._tail.append(rest)
            self._tail_size += len(rest)
            while self._tail_size - len(self._tail[0]) > TAIL:
                gone = self._tail.popleft()
                self._tail_size -= len(gone)
                self._dropped += len(gone)
        return bool(data)

    def write(self, file: Path) -> None:
        """Read what is left, close the pipe, and write the file; none for a silent step."""
        for _ in range(MOST_READS):
            if not self._take():
                break
        os.close(self.descriptor)
        if self._head:
            note = f"\n[… {self._dropped} bytes left out …]\n".encode() if self._dropped else b""
            with contextlib.suppress(OSError):
                file.write_bytes(bytes(self._head) + note + b"".join(self._tail))

"""Files that code without Python opens: inotify on directories, on Linux.

TensorFlow's kernels, HDF5 and child processes open files that no audit hook sees. inotify reports
every open in a watched directory, by whichever process: what a step that runs at the same time
opens is reported too. That costs reuse of a record, never its truth.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# From <sys/inotify.h>.
MODIFY, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x2, 0x40, 0x80, 0x100, 0x200
WRITTEN, READ, OPEN = 0x8, 0x10, 0x20  # closed after it could be written, or only read
OVERFLOW, IS_DIRECTORY = 0x4000, 0x40000000
CHANGES = MODIFY | MOVED_FROM | MOVED_TO | CREATE | DELETE
EVENT = struct.Struct("iIII")

MOST_DIRECTORIES = 512
SKIPPED = ("__pycache__", "node_modules")
PYTHON = (".py", ".pyc")  # Python reads them, and says so

LIBRARY: Any = ctypes.CDLL(None) if sys.platform == "linux" else None


class Watch:
    """Watches directories of the user's from now on; ``excluded`` says which are not."""

    def __init__(self, excluded: Callable[[str], bool]) -> None:
        self._excluded = excluded
        self._directories: dict[int, str] = {}
        self._watched: set[str] = set()
        self._fd = -1
        if sys.platform == "linux":
            self._fd = LIBRARY.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)

    def add(self, directory: str) -> None:
        """Watch one directory."""
        if self._fd < 0 or directory in self._watched or len(self._watched) >= MOST_DIRECTORIES:
            return
        self._watched.add(directory)
        wanted = OPEN | READ | WRITTEN | CHANGES
        watch = LIBRARY.inotify_add_watch(self._fd, os.fsencode(directory), wanted)
        if watch >= 0:
            self._directories[watch] = directory

    def add_tree(self, directory: str) -> None:
        """Watch a directory and those beneath it, the nearest first.

        Hidden directories and environments are left out.
        """
        queue = deque([directory])
        while queue and self._fd >= 0 and len(self._watched) < MOST_DIRECTORIES:
            here = queue.popleft()
            beneath, files = _entries(here)
            if here != directory and ("pyvenv.cfg" in files or self._excluded(here)):
                continue
            self.add(here)
            queue += beneath

    def opened(self) -> dict[str, bool] | None:
        """Return the files opened for reading so far, and whether each was changed as well.

        None if that is not known: the kernel dropped events, or the descriptor is gone.
        """
        if self._fd < 0:
            return {}
        found: dict[str, int] = {}
        opens: Counter[str] = Counter()  # less those that were for writing
        try:
            if "inotify" not in str(Path(f"/proc/self/fd/{self._fd}").readlink()):
                return None  # the step closed it, and the number is another file's now
            for watch, mask, name in self._events():
                if mask & OVERFLOW:
                    return None
                directory = self._directories.get(watch)
                if directory is None or mask & IS_DIRECTORY or not _counts(name):
                    continue
                path = os.path.join(directory, name)  # noqa: PTH118 - much used, and only text
                found[path] = found.get(path, 0) | mask
                opens[path] += bool(mask & OPEN) - bool(mask & WRITTEN)
        except OSError:
            return None
        return {
            path: bool(mask & CHANGES)
            for path, mask in found.items()
            # Equal events in a row are reported once, so that counts are sure of new files only.
            if mask & READ or opens[path] > 0 or (mask & OPEN and not mask & CREATE)
        }

    def _events(self) -> Iterator[tuple[int, int, str]]:
        while True:
            try:
                data = os.read(self._fd, 65536)
            except BlockingIOError:
                return
            place = 0
            while place < len(data):
                watch, mask, _, length = EVENT.unpack_from(data, place)
                place += EVENT.size
                name = data[place : place + length].rstrip(b"\0")
                place += length
                yield watch, mask, os.fsdecode(name)


def _counts(name: str) -> bool:
    return bool(name) and not name.endswith(PYTHON)


def _entries(directory: str) -> tuple[list[str], set[str]]:
    """Return the directories to go on to, and the names of the other entries."""
    beneath: list[str] = []
    others: set[str] = set()
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    others.add(entry.name)
                elif not entry.name.startswith(".") and entry.name not in SKIPPED:
                    beneath.append(entry.path)
    except OSError:
        pass
    return sorted(beneath), others

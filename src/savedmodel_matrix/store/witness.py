"""What this process reads while it works out a run: every file and directory, by content.

An audit hook of Python sees them all, so that nobody has to keep a list of what a result rests on.
A file's content is taken when it is first read: what is changed later shows.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.environments.bytecode import BYTECODE as COMPILED
from savedmodel_matrix.environments.bytecode import SHARED
from savedmodel_matrix.store.contents import BYTECODE, content_of, stat_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

DISTRIBUTION = f".dist-info{os.sep}"  # whose names say what is installed; there are hundreds
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_current: list[Witness] = []  # a hook stays for good, so there is one for all witnesses
_hooked: list[bool] = []
_noting = threading.local()


class Witness:
    """Notes paths that are read.

    Nothing is noted of the directories ``left_out``, those in ``but`` excepted. Of what lies
    beneath a directory of ``late`` only the paths are noted: the run itself writes there, and its
    content is taken at the end.
    """

    def __init__(
        self, left_out: Iterable[Path], but: Iterable[Path] = (), late: Iterable[Path] = ()
    ) -> None:
        self._but = tuple(f"{os.path.abspath(path)}{os.sep}" for path in but)  # noqa: PTH100
        self._left_out = tuple(f"{os.path.abspath(path)}{os.sep}" for path in left_out)  # noqa: PTH100
        self._late = tuple(f"{os.path.abspath(path)}{os.sep}" for path in late)  # noqa: PTH100
        self._late_paths: set[str] = set()
        self._contents: dict[str, str] = {}
        self._stats: dict[str, list[int]] = {}
        self.changed = ""  # a path that was not the same whenever it was read

    def note(self, path: str) -> None:
        """Note that a path is read."""
        path = os.path.abspath(path)  # noqa: PTH100
        directory = f"{path}{os.sep}"
        if directory.startswith(self._left_out) and not directory.startswith(self._but):
            return
        if f"{os.sep}{BYTECODE}" in path or DISTRIBUTION in path:
            return
        if path.startswith(self._late):
            if not _is_module(path):
                self._late_paths.add(path)
            return
        now = stat_of(path)
        if path not in self._contents:
            self._stats[path], self._contents[path] = now, content_of(path)
        elif now != self._stats[path]:
            content = content_of(path)
            if content != self._contents[path] and not self.changed:
                self.changed = path
            self._stats[path] = now

    def contents(self) -> dict[str, str]:
        """Return every path that was read with its content, and the directories that they are in.

        A name that is new in such a directory may stand for something that was looked for in vain.
        """
        paths = {**self._contents, **{path: content_of(path) for path in self._late_paths}}
        beside = {os.path.dirname(path) for path in self._contents}  # noqa: PTH120
        return {**{path: content_of(path) for path in sorted(beside)}, **paths}


@contextlib.contextmanager
def witnessing(witness: Witness) -> Iterator[None]:
    """Have the witness note what this process reads within the block."""
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked.append(True)
    _current.append(witness)
    try:
        yield
    finally:
        _current.remove(witness)


def looked_at(path: Path) -> None:
    """Note a path that was looked at without being opened, which Python has no event for."""
    for witness in _current:
        witness.note(str(path))


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _current or event not in ("open", "os.listdir", "os.scandir"):
        return
    if getattr(_noting, "busy", False):  # what is opened in order to note it
        return
    _noting.busy = True
    try:
        path = arguments[0]
        if path is None:
            path = "."
        if isinstance(path, int) or (event == "open" and _writes(*arguments[1:3])):
            return
        with contextlib.suppress(OSError, ValueError, TypeError):
            for witness in _current:
                witness.note(os.fsdecode(path))
    finally:
        _noting.busy = False


def _is_module(path: str) -> bool:
    """Say whether a path of an environment is a module or bytecode, read only to share bytecode.

    Thousands are, and what is installed is looked over by other means: `environments.integrity`.
    """
    return path.endswith(".py") or any(f"{os.sep}{name}" in path for name in (SHARED, COMPILED))


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)

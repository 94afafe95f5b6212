"""What a record rests on beside its key: files that its step read, and the artifacts it was given.

A record counts only while all of that is as it was, as with the dependency files of build systems.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host import files as notes
from savedmodel_matrix.store.witness import looked_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RESTS_ON = "rests_on"  # in a record
ABSENT, UNREADABLE, OTHER = "absent", "unreadable", "no file"
NAMES = "names:"  # before the hash of a directory's names
MOST_BESIDE = 1000  # files beneath the directory of a case whose step died


@dataclass(frozen=True)
class Dependencies:
    """Files and what was in them, artifacts by content, and why that is not known for sure.

    Paths are relative to the case's directory within the project and beneath that directory, and
    absolute elsewhere. A file's content is its SHA-256, or "absent", "unreadable", "no file"; that
    of a directory that was listed is "names:" and a hash.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[str, ...] = ()
    unsure: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what a record keeps."""
        found = {"files": dict(self.files), "artifacts": list(self.artifacts)}
        return found | ({"unsure": self.unsure} if self.unsure else {})

    @classmethod
    def from_json(cls, kept: Any) -> Dependencies:
        """Return what a record has kept; unsure where it has not."""
        try:
            files = {str(path): str(content) for path, content in kept["files"].items()}
            return cls(files, tuple(map(str, kept["artifacts"])), str(kept.get("unsure", "")))
        except (KeyError, TypeError, AttributeError):
            return cls(unsure="the record does not say what it rests on")


class UnsureError(Exception):
    """It is not known what a step read; the message says why."""


class Files:
    """The contents of the user's files, each read once a run as long as it stays as it is."""

    def __init__(self, root: Path) -> None:
        """``root``: the project's directory."""
        self._root = root.absolute()
        self._contents: dict[tuple[str, int, int, int, int], str] = {}

    def holds(self, kept: Any, case: Path, artifacts: Sequence[str]) -> bool:
        """Say whether all that a record rests on is as it was; ``kept`` is what it says of that.

        ``artifacts``: those that its step would be given now.
        """
        if kept == {"files": {}, "artifacts": list(artifacts)}:
            return True  # as of nearly all of the many records that a run asks for
        rests_on = Dependencies.from_json(kept)
        return (
            not rests_on.unsure
            and rests_on.artifacts == tuple(artifacts)
            and all(
                self._content(case.parent / path, listed=content.startswith(NAMES)) == content
                for path, content in rests_on.files.items()
            )
        )

    def noted(self, mailbox: Path, case: Path, artifacts: Sequence[str]) -> Dependencies:
        """Return what a step that has just ended rests on, by the notes in its mailbox."""
        try:
            found = {
                self._named(path, case): content
                for path, content in self._read(mailbox / notes.NOTES, case)
            }
        except UnsureError as reason:
            return Dependencies({}, tuple(artifacts), str(reason))
        return Dependencies(dict(sorted(found.items())), tuple(artifacts))

    def _read(self, file: Path, case: Path) -> Iterator[tuple[str, str]]:
        """Yield each path of the notes and what is there now. Raises UnsureError."""
        ended = False
        for path, kind, *seen in _lines(file):
            if kind == notes.END:
                ended = True
            elif kind == notes.CHANGED:
                raise UnsureError(f"{path} was changed while the step ran")
            elif kind == notes.TOO_MANY:
                raise UnsureError(f"the step read more than {notes.MOST_FILES} files")
            elif kind not in (notes.FILE, notes.DIRECTORY, notes.ABSENT):
                raise UnsureError("what the step read was not seen whole")
            elif _changed(path, kind, seen):
                raise UnsureError(f"{path} was changed while the step ran")
            else:
                yield path, self._content(Path(path), listed=kind == notes.DIRECTORY)
        if not ended:
            for path in _beside(case):
                yield str(path), self._content(path)

    def _named(self, path: str, case: Path) -> str:
        near = (self._root, case.parent)
        if any(Path(path).is_relative_to(directory) for directory in near):
            return Path(os.path.relpath(path, case.parent)).as_posix()
        return path

    def _content(self, path: Path, *, listed: bool = False) -> str:
        try:
            found = path.stat()
            if listed and stat.S_ISDIR(found.st_mode):
                names = "\0".join(sorted(os.listdir(path)))  # noqa: PTH208 - only names
                return NAMES + hashlib.sha256(os.fsencode(names)).hexdigest()
            if not stat.S_ISREG(found.st_mode):
                looked_at(path)
                return OTHER
            key = (str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
            if key not in self._contents:
                with path.open("rb") as file:
                    self._contents[key] = hashlib.file_digest(file, "sha256").hexdigest()
            return self._contents[key]
        except (FileNotFoundError, NotADirectoryError):
            looked_at(path)
            return ABSENT
        except (OSError, ValueError):
            looked_at(path)
            return UNREADABLE


def _lines(file: Path) -> Iterator[list[Any]]:
    """Yield the notes of a step, none if it has made none. Raises UnsureError."""
    try:
        for line in file.read_bytes().splitlines():
            note = json.loads(line)
            if not isinstance(note, list) or [type(word) for word in note[:2]] != [str, str]:
                raise UnsureError("the notes of the step are damaged")
            yield note
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError):
        raise UnsureError("the notes of the step are damaged") from None


def _changed(path: str, kind: str, seen: list[int]) -> bool:
    """Say whether a path is another now than when the step came upon it."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return kind != notes.ABSENT
    if kind == notes.FILE:
        return [found.st_size, found.st_mtime_ns, found.st_ino] != seen
    return kind == notes.ABSENT


def _beside(case: Path) -> Iterator[Path]:
    """Yield the files that a step may have read before it died: all but those of Python's.

    What Python itself opened was noted at once; what other code opened was not. Raises UnsureError.
    """
    files = (
        path
        for path in sorted(case.parent.rglob("*"))
        if path.suffix not in (".py", ".pyc") and path.is_file()
        if not any(part.startswith(".") for part in path.relative_to(case.parent).parts[:-1])
    )
    for number, path in enumerate(files):
        if number >= MOST_BESIDE:
            raise UnsureError("the step died, and too many files lie beside its case to watch them")
        yield path

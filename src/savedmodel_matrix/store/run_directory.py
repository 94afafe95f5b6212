"""The directory that a run writes in, and how it is told from other people's directories.

    DIR/                      `--results`, or `results/` of the project
      .savedmodel-matrix/     hidden: the mark, the lock, the records, and scratch
      artifacts/  logs/       in them only files by the names that we give
      cells.jsonl  matrix.csv  matrix.md  run.json  report/

A directory is ours if it has the mark, and it gets the mark only when it is new or empty. In any
other directory nothing is read, written or removed. What is replaced or removed later lies in the
hidden place or has one of the names above; everything else in the directory stays as it is.
"""

from __future__ import annotations

import contextlib
import errno
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

HIDDEN = ".savedmodel-matrix"
MARK = "run-directory"
MARKED = (
    b"savedmodel-matrix made the directory that this one is in, and replaces and removes what it\n"
    b"wrote there.\n"
)
# What the project's own results/ may hold before it has a mark, as in a fresh clone.
ACCEPTED = ("accepted", "history", ".gitignore", ".gitkeep")
# What we write beside the hidden place, `selfcheck` included.
NAMES = (
    *("artifacts", "logs", "report", "cells.jsonl", "matrix.csv", "matrix.md", "run.json"),
    *("first", "second", "selfcheck.json"),
)


OLDER = "records.jsonl"  # which only earlier versions wrote, beside everything else
_OLD_RECORD = re.compile(rb'"key": "[0-9a-f]{64}"')


class RunDirectory:
    """A run's directory and the places in it. Nothing is written before ``claim``."""

    def __init__(self, place: Path, beside: Collection[str] = ()) -> None:
        """Name the directory; files ``beside`` may be in it before it is ours."""
        self.place = place.absolute()
        self._beside = frozenset(beside)
        self.hidden = self.place / HIDDEN
        self.work = self.hidden / "work"  # of hosts and steps
        self.unfinished = self.hidden / "unfinished"  # what is written here is renamed when whole
        self.cells = self.place / "cells.jsonl"
        self.records = self.hidden / "records.sqlite3"
        self.artifacts = self.place / "artifacts"
        self.logs = self.place / "logs"
        self.report = self.place / "report"

    @property
    def is_ours(self) -> bool:
        """Whether the directory has the mark. Raises OSError."""
        if self.hidden.is_symlink():
            return False
        try:
            return (self.hidden / MARK).read_bytes() == MARKED
        except (FileNotFoundError, NotADirectoryError):
            return False

    def claim(self) -> None:
        """Mark the directory as ours if it is new or empty.

        Raises UserError as ``check``, or if the directory cannot be written.
        """
        self.check()
        with _in_one_sentence(self.place):
            if not self.is_ours:
                self._mark()

    def check(self) -> None:
        """Raise UserError if the directory is somebody else's, or if a link in it leads elsewhere.

        Nothing is touched.
        """
        with _in_one_sentence(self.place):
            if not self.is_ours:
                found = self._somebody_elses()
                if found and not self.is_ours:  # another run may just have made it ours
                    if self._is_older():
                        raise UserError(
                            f"{self.place} was written by an earlier version: remove what that "
                            "version wrote (all but accepted/), or name another directory with "
                            "--results."
                        )
                    raise UserError(
                        f"{self.place} holds {found}, which savedmodel-matrix did not put there, "
                        "so nothing is written: name a new or an empty directory with --results."
                    )
            ours = [*(self.place / name for name in NAMES), self.work, self.unfinished]
            if links := [path for path in ours if path.is_symlink()]:
                raise UserError(
                    f"{links[0]} is a symbolic link, and what it leads to is not replaced or "
                    "removed: remove the link, or name another directory with --results."
                )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Claim the directory and hold it. Raises UserError as ``claim``, or if a run has it."""
        self.claim()
        with _in_one_sentence(self.place):
            file = (self.hidden / "lock").open("w")
        with file:
            try:
                import fcntl  # noqa: PLC0415 - not on Windows

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:
                pass
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    raise UserError(
                        f"{self.place} cannot be locked: {error.strerror}; name a directory on "
                        "another file system with --results."
                    ) from error
                raise UserError(
                    f"Another run is using {self.place}: wait for it, or name another with "
                    "--results."
                ) from error
            yield

    def is_made_from(self, file: Path, rests_on: str) -> bool:
        """Say whether a file in it is the one that was made from that, and as it was then."""
        try:
            return self._note(file).read_text("utf-8") == f"{rests_on} {_looks(file)}"
        except OSError:
            return False

    def note_made_from(self, file: Path, rests_on: str) -> None:
        """Note what a file that is whole was made from. Raises OSError."""
        self._note(file).write_text(f"{rests_on} {_looks(file)}", "utf-8")

    def _note(self, file: Path) -> Path:
        return self.hidden / f"{file.name}.made-from"

    def _somebody_elses(self) -> str:
        """Return the name of a file that keeps the directory from being ours, "" if none does."""
        if not self.place.exists():
            return ""
        for name in sorted(path.name for path in self.place.iterdir()):
            begun = name == HIDDEN and self._only_begun()
            if not begun and name not in self._beside:
                return name
        return ""

    def _is_older(self) -> bool:
        """Whether the directory has a record as an earlier version wrote it. Raises OSError."""
        try:
            with (self.place / OLDER).open("rb") as file:
                return _OLD_RECORD.search(file.read(1 << 16)) is not None
        except (FileNotFoundError, IsADirectoryError):
            return False

    def _only_begun(self) -> bool:
        """Whether the hidden place holds nothing but a mark that was never finished."""
        if self.hidden.is_symlink() or not self.hidden.is_dir():
            return False
        return all(path.name.startswith(f"{MARK}.") for path in self.hidden.iterdir())

    def _mark(self) -> None:
        self.hidden.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.hidden, prefix=f"{MARK}.")
        written = Path(name)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
                file.write(MARKED)
            written.chmod(0o644)
            written.replace(self.hidden / MARK)
        finally:
            written.unlink(missing_ok=True)


def of_project(results: Path) -> RunDirectory:
    """Return the project's own run directory, which may hold the accepted table before."""
    return RunDirectory(results, ACCEPTED)


def _looks(file: Path) -> str:
    """Return what shows that a file was written since. Raises OSError."""
    status = file.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


@contextlib.contextmanager
def _in_one_sentence(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{place} cannot be written: {error.strerror}; name another directory with --results."
        ) from error

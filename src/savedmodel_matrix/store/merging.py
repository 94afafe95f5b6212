"""Run directories put together: their cells, records, artifacts and logs in one of them.

The directories that are read are left as they are: of a file of records a copy is opened. In the
one that is written an artifact is renamed into place when it is whole, and all records are one
transaction, so that whatever ends a merge, the same command goes on from there.
"""

from __future__ import annotations

import contextlib
import errno
import json
import re
import shutil
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.merging import Part, outcome, refuse
from savedmodel_matrix.host.artifact import content_hash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.database import BESIDE
from savedmodel_matrix.store.journal import lines
from savedmodel_matrix.store.leftovers import remove
from savedmodel_matrix.store.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.store.memory import Store
    from savedmodel_matrix.store.run_directory import RunDirectory

BESIDE_CONTENT = ("show.json", "show.txt")  # written into an artifact after it got its name
AGAIN = "run the same command there again"
_LOG = re.compile(r"[0-9a-f]{16}\.log")
_COMPARED = ("status", "stage", "reason", "fingerprint")


@dataclass(frozen=True)
class Source:
    """A run directory that is read: its part of the table, and a copy of its records."""

    directory: RunDirectory
    part: Part
    records: Records


@dataclass(frozen=True)
class Taken:
    """How much was taken over, and how many artifacts that records speak of were nowhere."""

    records: int
    artifacts: int
    absent: int


@contextlib.contextmanager
def reading(
    directory: RunDirectory, named: str, scratch: Path, *, ours: bool = False
) -> Iterator[Source]:
    """Yield what is in a run directory, which no run may use meanwhile.

    ``named`` is what errors call it; one that is ``ours`` is held already. Raises UserError if it
    is no run directory, if its run did not end, or if something in it cannot be read.
    """
    if not _is_ours(directory, named):
        raise UserError(
            f"{named} is no run directory: it has no .savedmodel-matrix/run-directory. If it was "
            "packed to be brought here, pack hidden files too."
        )
    with contextlib.nullcontext() if ours else _held(directory, named):
        part = _read_part(directory, named)
        records = _copied(directory, named, scratch)
        try:
            yield Source(directory, part, records)
        finally:
            records.close()


def check_records(sources: Sequence[Source]) -> None:
    """Raise UserError, naming them, if two sources have other outcomes by one key."""
    conflicts = []
    known: dict[str, int] = {}
    for number, source in enumerate(sources):
        keys = source.records.keys()
        for key in sorted(keys & known.keys()):
            other = sources[known[key]]
            before, now = (_record(one, key) for one in (other, source))
            if any(before.get(name) != now.get(name) for name in _COMPARED):
                conflicts.append(
                    f"{_name_of(key, sources)}: {outcome(before)} in {other.part.named}, "
                    f"{outcome(now)} in {source.part.named}"
                )
        known |= dict.fromkeys(keys - known.keys(), number)
    refuse(conflicts, "records")


def take_over(sources: Sequence[Source], store: Store, *, replace: bool = False) -> Taken:
    """Put artifacts, logs and then records of the sources into an open store.

    Where the store has a record by the same key it is kept, or with ``replace`` it is replaced.
    Raises UserError if an artifact is not as it was saved, OSError if there is no room.
    """
    artifacts, contents = 0, set()
    for source in sources:
        wanted = source.records.contents() - {""}
        contents |= wanted
        for content in sorted(wanted):
            artifacts += _copy_artifact(source, content, store)
        _copy_logs(source.directory.logs, store, replace=replace)
    records = sum(
        store.take_over(source.records.rows(sorted(source.records.keys())), replace=replace)
        for source in sources
    )
    absent = sum(not (store.artifacts / content).is_dir() for content in contents)
    return Taken(records, artifacts, absent)


def _is_ours(directory: RunDirectory, named: str) -> bool:
    try:
        return directory.is_ours
    except OSError as error:
        raise UserError(f"{named} cannot be read: {error.strerror}.") from error


@contextlib.contextmanager
def _held(directory: RunDirectory, named: str) -> Iterator[None]:
    """Keep runs out of a directory without writing in it."""
    try:
        file = (directory.hidden / "lock").open("rb")
    except OSError:  # brought here without it, so that no run has it
        yield
        return
    with file:
        try:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except ImportError:
            pass
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise UserError(f"A run is using {named}: wait for it.") from error
        yield


def _read_part(directory: RunDirectory, named: str) -> Part:
    table, described = directory.place / "matrix.csv", directory.place / "run.json"
    try:
        cells = [_object(line) for line, *_ in lines(directory.cells)]
        run = _object(described.read_bytes())
        whole = csv_bytes(from_cells(cells)) == table.read_bytes()
    except (OSError, ValueError, TypeError, RecursionError, UserError) as error:
        said = error.strerror or error if isinstance(error, OSError) else error
        raise UserError(f"{named} has no whole result ({said}): {AGAIN}.") from error
    if not whole:
        raise UserError(f"The last run in {named} did not end: {AGAIN}.")
    return Part(named, cells, run)


def _object(content: bytes) -> dict[str, Any]:
    read = json.loads(content)
    if not isinstance(read, dict):
        raise TypeError("what should be a JSON object is none")
    return read


def _copied(directory: RunDirectory, named: str, scratch: Path) -> Records:
    """Open a copy of the records, since a log that a killed run left is taken in when opening."""
    scratch.mkdir(parents=True)
    place = scratch / directory.records.name
    try:
        for more in ("", *BESIDE):
            file = directory.records.with_name(directory.records.name + more)
            if not more or file.exists():
                shutil.copyfile(file, place.with_name(place.name + more))
    except OSError as error:
        raise UserError(
            f"The records of {named} cannot be read ({error.strerror}): bring the whole directory "
            f"here, or {AGAIN}."
        ) from error

    def refused(said: str) -> None:
        raise UserError(f"The records of {named} are damaged: {AGAIN}.")

    return Records(place, refused)


def _record(source: Source, key: str) -> Mapping[str, Any]:
    try:
        return next(source.records.rows([key])).record
    except (sqlite3.Error, StopIteration) as error:
        raise UserError(f"The records of {source.part.named} are damaged: {AGAIN}.") from error


def _name_of(key: str, sources: Sequence[Source]) -> str:
    """Return the cell that a record is of, by its names; without one, what its log would be."""
    for source in sources:
        for cell in source.part.cells:
            if cell.get("key") == key:
                names = ("case", "remedy", "producer", "loader", "consumer")
                return ", ".join(str(cell[name]) for name in names)
    return f"the step {key[:16]}"


def _copy_artifact(source: Source, content: str, store: Store) -> bool:
    """Copy an artifact that is not there yet; say whether that was done."""
    theirs, ours = source.directory.artifacts / content, store.artifacts / content
    if ours.is_dir() or not theirs.is_dir():
        return False
    part = store.directory.unfinished / content
    remove(part)
    shutil.copytree(theirs, part, ignore=shutil.ignore_patterns(*BESIDE_CONTENT), symlinks=True)
    if content_hash(part) != content:
        remove(part)
        raise UserError(
            f"{theirs} is not as it was saved: bring {source.part.named} here again, whole."
        )
    for name in BESIDE_CONTENT:
        if (theirs / name).is_file():
            shutil.copyfile(theirs / name, part / name)
    part.replace(ours)
    return True


def _copy_logs(logs: Path, store: Store, *, replace: bool) -> None:
    for log in sorted(logs.iterdir()) if logs.is_dir() else ():
        place = store.logs / log.name
        if _LOG.fullmatch(log.name) and log.is_file() and (replace or not place.exists()):
            part = store.directory.unfinished / log.name
            shutil.copyfile(log, part)
            part.replace(place)

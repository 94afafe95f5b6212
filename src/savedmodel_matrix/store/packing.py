"""A run directory as one archive, to travel from the machine where it was made."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from savedmodel_matrix.store.database import BESIDE
from savedmodel_matrix.store.run_directory import MARK, RunDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = ("cells.jsonl", "matrix.csv", "run.json")


def pack_run(directory: RunDirectory) -> bytes:
    """Return a run directory whose run has ended, without its report. Raises OSError.

    It is not compressed: records are already, and weights hardly can be.
    """
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for path in _parts(directory):
            archive.add(path, path.relative_to(directory.place).as_posix())
    return written.getvalue()


def unpack_run(content: bytes, place: Path) -> RunDirectory:
    """Write what ``pack_run`` returned into a directory that is not there yet.

    Nothing is written outside of it. Raises OSError, tarfile.TarError.
    """
    place.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(place, filter="tar")
    return RunDirectory(place)


def _parts(directory: RunDirectory) -> Iterator[Path]:
    yield directory.hidden / MARK
    for more in ("", *BESIDE):
        file = directory.records.with_name(directory.records.name + more)
        if file.exists():
            yield file
    for place in (directory.artifacts, directory.logs):
        if place.is_dir():
            yield place
    for name in TABLES:
        yield directory.place / name

"""A result to compare: a run's directory, an accepted table, or a report, on this disk."""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.compared import Result
from savedmodel_matrix.analysis.differences import SELECTION, Coverage
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import key_of, parse_csv
from savedmodel_matrix.store.accepted import CELLS, RUN, TABLE
from savedmodel_matrix.store.run_directory import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.model.table import Row

PACKED = f"{TABLE}.xz"  # as a report has its table
TABLES = (TABLE, PACKED, f"{TABLE}.gz")  # as it is, and as older ones have it
DATA = "data"  # of a report: where its table is
SCHEMA = "cells.schema.json"  # which only a report has beside its table
_UNPACKERS = {b"\x1f\x8b": gzip.decompress, b"\xfd7zXZ\x00": lzma.decompress}  # by magic number
_REMEDY = "name a whole result"


def read_directory(path: Path, named: str) -> Result:
    """Read the result in a directory, or the one that a table's file is part of.

    Raises UserError, naming the file, if there is none or it cannot be read.
    """
    if not path.is_dir():
        if path.name not in TABLES:
            return Result(named, "a table", _rows(path))
        path = path.parent
    elif not _has_table(path) and _has_table(path / DATA):
        path /= DATA
    if not _has_table(path):
        inner = path / "accepted"
        hint = f"did you mean {inner}?" if (inner / TABLE).exists() else "name one of these."
        raise UserError(
            f"{path} has no {TABLE}, so it is no run's directory, accepted table or report: {hint}"
        )
    table = next(path / name for name in TABLES if (path / name).exists())
    rows, run = _rows(table), _run(path / RUN)
    if (path / SCHEMA).exists():
        return Result(named, "a report", rows, run, of_report(rows, run))
    if (path / HIDDEN).exists() or (run and not (path / CELLS).exists()):
        full = run.get("full") is True
        return Result(named, "a run", rows, run, of_kinds(rows) if full else SELECTION)
    return Result(named, "an accepted table" if run else "a table", rows, run)


def of_report(rows: Sequence[Row], run: Mapping[str, Any]) -> Coverage:
    """Return what a report was to have: all of its environments and loaders, or a selection."""
    return SELECTION if run.get("full") is False else of_kinds(rows)


def of_kinds(rows: Sequence[Row]) -> Coverage:
    """Return the coverage of a full run: whatever these producers, loaders and consumers have."""
    return Coverage(frozenset(key_of(row)[2:] for row in rows))


def parsed_run(content: bytes, where: str) -> dict[str, Any]:
    """Return the description of a run. Raises UserError if the content is not one."""
    try:
        run = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where} is not JSON ({error}); {_REMEDY}.") from error
    if not isinstance(run, dict):
        raise UserError(f"{where} is not a JSON object; {_REMEDY}.")
    return run


def parsed_rows(content: bytes, where: str) -> list[Row]:
    """Return the rows of a table. Raises UserError if the content is not one."""
    for magic, unpack in _UNPACKERS.items():
        if content.startswith(magic):
            try:
                content = unpack(content)
            except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
                raise UserError(f"{where} cannot be unpacked ({error}); {_REMEDY}.") from error
            break
    return parse_csv(content, where, remedy=_REMEDY)


def _has_table(place: Path) -> bool:
    return any((place / name).exists() for name in TABLES)


def _rows(path: Path) -> list[Row]:
    return parsed_rows(_bytes(path), str(path))


def _run(path: Path) -> dict[str, Any]:
    return parsed_run(_bytes(path), str(path)) if path.exists() else {}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); {_REMEDY}.") from error

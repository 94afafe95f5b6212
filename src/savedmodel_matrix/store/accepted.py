"""The accepted table: outcomes that somebody looked at and found right, under version control."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from savedmodel_matrix.analysis.differences import Differences, compare
from savedmodel_matrix.environments.provenance import merged, still_there
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import (
    Row,
    csv_bytes,
    from_cells,
    key_of,
    read_csv,
    rows_of,
    sort_key,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

TABLE = "matrix.csv"
RUN = "run.json"  # how the table was made: see `provenance`
CELLS = "cells.jsonl.gz"

_REMEDY = "restore the accepted files from version control, or accept a full run"
# Members of a cell's line that say how long it took.
_TIMED = {
    **{
        name: re.compile(rb'"%b": ("(?:[^"\\]|\\.)*")' % name.encode())
        for name in ("case", "remedy", "producer")
    },
    "seconds": re.compile(rb'"seconds": (\{[^{}]*\})'),
}


@dataclass(frozen=True)
class Publishable:
    """Cells of which every one was judged: the only ones that may be accepted and published.

    Raises UserError if a cell is not-run, or if there is none.
    """

    cells: Sequence[Mapping[str, object]]

    def __post_init__(self) -> None:
        if not self.cells:
            raise UserError(
                "No cell ran, so there is nothing to --accept; select cells that exist."
            )
        unknown = [cell for cell in self.cells if cell["status"] == "not-run"]
        if unknown:
            raise UserError(
                f"{len(unknown)} of {len(self.cells)} cells are not-run, so nothing is accepted "
                f"(the first: {', '.join(key_of(cast('Row', unknown[0])))}); make them run, or "
                "select the others."
            )


def load_table(directory: Path, cases: Collection[str] | None = None) -> pd.DataFrame:
    """Return the accepted table in this directory, an empty one if nothing was accepted yet.

    With ``cases``, only their rows.
    """
    path = directory / TABLE
    return read_csv(path, cases) if path.exists() else from_cells([])


def check(directory: Path) -> None:
    """Raise UserError if what `accept` would replace in it is not an accepted table of ours."""
    load_table(directory)
    others = [directory / name for name in (RUN, CELLS)]
    if not (directory / TABLE).exists() and any(path.exists() for path in others):
        raise UserError(
            f"{directory} has no {TABLE} but other files by the names that are accepted, so "
            "nothing is replaced: move them away, or restore it from version control."
        )


def load_cells(directory: Path) -> list[dict[str, object]]:
    """Return the accepted cells whole, in the table's order; see `read_cells`."""
    return list(read_cells(directory))


def read_cells(
    directory: Path, cases: Collection[str] | None = None
) -> Iterator[dict[str, object]]:
    """Yield the accepted cells whole, in the table's order; none if nothing was accepted yet.

    With ``cases``, only theirs, and little time is spent on the others. Raises UserError, naming
    file and line, if they cannot be read.
    """
    path = directory / CELLS
    if not path.exists():
        return
    named = [json.dumps(case).encode() for case in cases] if cases is not None else [b""]
    for number, line in enumerate(_lines(path), start=1):
        if line.isspace() or not any(name in line for name in named):
            continue
        try:
            cell = json.loads(line.decode())
        except UnicodeDecodeError as error:
            raise UserError(f"{path} cannot be read ({error}); {_REMEDY}.") from error
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path}, line {number}: not JSON ({error}); {_REMEDY}.") from error
        if not isinstance(cell, dict):
            raise UserError(f"{path}, line {number}: not a JSON object; {_REMEDY}.")
        if cases is None or cell.get("case") in cases:
            yield cell


def read_durations(directory: Path) -> Iterator[dict[str, Any]]:
    """Yield case, remedy, producer and seconds of each accepted cell, in a sixth of the time.

    Lines are not parsed whole: what a cell says in its texts has its quotes escaped, so that it
    cannot pass for a member. Raises UserError where the file cannot be read.
    """
    path = directory / CELLS
    known: dict[bytes, Any] = {}  # names, which come again and again
    for line in _lines(path) if path.exists() else ():
        found = [one[1] for pattern in _TIMED.values() if (one := pattern.search(line))]
        if len(found) == len(_TIMED):
            try:
                for name in found[:-1]:
                    if name not in known:
                        known[name] = json.loads(name)
                members = [*(known[name] for name in found[:-1]), json.loads(found[-1])]
            except ValueError:
                continue  # whoever reads the cell itself says so
            yield dict(zip(_TIMED, members, strict=True))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as lines:
            yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read ({error}); {_REMEDY}.") from error


def load_run(directory: Path) -> dict[str, Any]:
    """Return how the accepted table was made; empty if nothing was accepted yet.

    Raises UserError if the description cannot be read.
    """
    path = directory / RUN
    if not path.exists():
        return {}
    try:
        run = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}); {_REMEDY}.") from error
    if not isinstance(run, dict):
        raise UserError(f"{path} is not a JSON object; {_REMEDY}.")
    return run


def accept(
    ran: Publishable,
    directory: Path,
    *,
    full: bool,
    run: Mapping[str, Any],
    planned: Collection[tuple[str, str, str]] | None = None,
    beside: Mapping[Path, bytes] | None = None,
) -> Differences:
    """Take these cells over into the accepted table and return what that changes in it.

    The cells of a full run replace all that are of its kind, which `planned` states as for
    `compare`; those of a selection replace themselves only. All files are replaced together, with
    `run`, the description of the run, and with the files `beside`. Raises UserError, and replaces
    nothing, if the accepted files do not belong together.
    """
    accepted = load_table(directory)
    new = together(ran, directory, full=full, run=run, planned=planned)
    write_files(
        {
            directory / RUN: (json.dumps(new.run, indent=1) + "\n").encode(),
            directory / CELLS: _jsonl_gz(new.cells),
            directory / TABLE: csv_bytes(from_cells(new.cells)),
            **(beside or {}),
        }
    )
    return compare(from_cells(ran.cells), accepted, full=full, planned=planned)


@dataclass(frozen=True)
class Together:
    """What an accepted table will hold: all its cells, in order, and how it was made."""

    cells: Sequence[Mapping[str, object]]
    run: Mapping[str, Any]


def together(
    ran: Publishable,
    directory: Path,
    *,
    full: bool,
    run: Mapping[str, Any],
    planned: Collection[tuple[str, str, str]] | None = None,
) -> Together:
    """Return what `accept` would write. Raises UserError as that does."""
    accepted = load_table(directory)
    rows = rows_of(from_cells(ran.cells))
    kept = _kept(rows, accepted, directory) if not full or planned else []
    if full and planned:
        kept = [cell for cell in kept if key_of(cast("Row", cell))[2:] not in planned]
    cells = sorted([*kept, *ran.cells], key=lambda cell: sort_key(cast("Row", cell)))
    before = load_run(directory) if kept else {}
    if full:
        known = {**before.get("environments", {}), **run.get("environments", {})}
        pairs = {(str(cell["producer"]), str(cell["consumer"])) for cell in kept}
        noted = still_there(before.get("selections", ()), pairs)
        return Together(
            cells,
            dict(run)
            | ({"environments": known} if known else {})
            | ({"selections": noted} if noted else {}),
        )
    return Together(cells, merged(load_run(directory), run, len(ran.cells)))


def _kept(rows: list[Row], accepted: pd.DataFrame, directory: Path) -> list[Mapping[str, object]]:
    """Return the accepted cells, whole, that a selection of these rows leaves as they are."""
    cells = load_cells(directory)
    try:
        together = csv_bytes(from_cells(cells)) == csv_bytes(accepted)
    except UserError as error:
        raise UserError(f"{directory / CELLS}, which was accepted: {error}") from error
    if not together:
        raise UserError(f"{directory / TABLE} and {CELLS} do not state the same cells; {_REMEDY}.")
    ran = {key_of(row) for row in rows}
    return [cell for cell in cells if key_of(cast("Row", cell)) not in ran]


def _jsonl_gz(cells: Sequence[Mapping[str, object]]) -> bytes:
    """Return the cells as compressed JSON lines, the same bytes for the same cells."""
    lines = "".join(json.dumps(cell, sort_keys=True) + "\n" for cell in cells)
    buffer = io.BytesIO()
    # Not gzip.compress: the header it writes depends on the platform and on Python's version.
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(lines.encode())
    return buffer.getvalue()

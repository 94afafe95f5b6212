"""The comparison table: one row per cell, all text, sorted, without clocks.

Equal outcomes give equal bytes, so two runs can be compared with `cmp`. Python's csv module does
the reading because pandas turns "NA" and "" into missing values; the few lines of writing are here
because which fields csv quotes (a lone carriage return, for one) depends on Python's version.
"""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

KEY = ("case", "remedy", "producer", "loader", "consumer")
OUTCOME = ("status", "stage", "reason", "fingerprint", "signature")
COLUMNS = (*KEY, *OUTCOME)
FAILURES = ("fail", "crash", "timeout")
STATUSES = ("pass", *FAILURES, "not-applicable", "not-run")
AS_WRITTEN = "as-written"  # the remedy that changes nothing
STAGES = ("environment", "build", "save", "load", "run", "values")

Row = dict[str, str]

_key_of: Callable[[Mapping[str, str]], tuple[str, ...]] = itemgetter(*KEY)
_FAMILIES = ("tf", "keras")  # of environments, as they start
_REMEDY = "restore the file from version control, or remove it and run `nox -s matrix` again"


def from_cells(cells: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Return the table of these cells; what a cell holds beyond COLUMNS is left out.

    Raises UserError if a cell lacks a column, states no outcome there is, or comes twice.
    """
    seen: dict[tuple[str, ...], Row] = {}
    for cell in cells:
        complaint = _complaint(cell)
        row = {column: _encodable(cell.get(column, "")) for column in COLUMNS}
        key = key_of(row)
        if complaint or key in seen:
            raise UserError(
                f"The cell {', '.join(key)} {complaint or 'comes twice'}; run again with --fresh."
            )
        seen[key] = row
    return _frame(seen.values())


def _frame(rows: Iterable[Row]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - `explain` needs the words above, and has no pandas

    ordered = [list(row.values()) for row in sorted(rows, key=sort_key)]
    # dtype object: the same plain str in pandas 2 and pandas 3.
    return pd.DataFrame(ordered, columns=list(COLUMNS), dtype=object)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Return the table's rows in their order."""
    # Ten times as fast as to_dict, which asks every value for its type.
    values: list[list[str]] = table[list(COLUMNS)].to_numpy().tolist()
    return [dict(zip(COLUMNS, row, strict=True)) for row in values]


def key_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """Return what names the cell: case, remedy, producer, loader, consumer."""
    return _key_of(row)


def sort_key(row: Mapping[str, str]) -> tuple[object, ...]:
    """Order rows by case, remedy, producer, loader and consumer, environments by version."""
    case, remedy, producer, loader, consumer = key_of(row)
    return case, remedy, environment_order(producer), loader, environment_order(consumer)


@cache
def environment_order(name: str) -> tuple[object, ...]:
    """Order environment names by version: tf2.9 before tf2.15, keras3.4 before keras3.14.

    TensorFlow's versions come first, then Keras's, and then whatever else there is, by name.
    Digits compare by their count and then as text, which is their value whatever their length.
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    numbers = [part.lstrip("0") if part[0] in "0123456789" else None for part in parts]
    order = (
        (0, 0, part) if number is None else (1, len(number), number)
        for part, number in zip(parts, numbers, strict=True)
    )
    family = _FAMILIES.index(parts[0]) if parts and parts[0] in _FAMILIES else len(_FAMILIES)
    return (family, *order, (-1, 0, name))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write the table, sorted, all of it or nothing. Raises UserError if it cannot be written."""
    write_files({path: csv_bytes(table)})


def csv_bytes(table: pd.DataFrame) -> bytes:
    r"""Return the table as UTF-8 CSV (RFC 4180, but lines end in \n), sorted."""
    rows = [COLUMNS, *(row.values() for row in rows_of(from_cells(rows_of(table))))]
    return "".join(",".join(map(_field, row)) + "\n" for row in rows).encode()


def read_csv(path: Path, cases: Collection[str] | None = None) -> pd.DataFrame:
    """Read a table, every field as the text it is. With ``cases``, only their rows, checked alone.

    Raises UserError, naming file and line, if the file cannot be read or is not such a table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}); {_REMEDY}.") from error
    return _frame(parse_csv(content, str(path), cases))


def parse_csv(
    content: bytes, where: str, cases: Collection[str] | None = None, remedy: str = _REMEDY
) -> list[Row]:
    """Return the rows of a table as they come, from wherever its bytes are.

    ``where`` is what an error calls them, ``remedy`` what it says to do. With ``cases``, only
    their rows. Raises UserError, naming the line, if that is not such a table.
    """
    try:
        text = content.decode("utf-8-sig")  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(f"{where}, line {line}: not UTF-8 text; {remedy}.") from error
    return _read_rows(text, where, cases, remedy)


def _read_rows(text: str, where: str, cases: Collection[str] | None, remedy: str) -> list[Row]:
    # A signature of thousands of tensors is longer than csv's own limit of 128 KiB.
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    lines: dict[tuple[str, ...], int] = {}
    line = 1  # where the record starts; a quoted field may go on for several lines
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise UserError(f"{where}, line 1: not the header of a table; {remedy}.")
        line = reader.line_num + 1
        for fields in reader:
            if cases is not None and fields and fields[0] not in cases:
                line = reader.line_num + 1
                continue
            row = dict(zip(COLUMNS, fields, strict=False))
            if len(fields) != len(COLUMNS):
                complaint = f"should have {len(COLUMNS)} fields and has {len(fields)}"
            elif not (complaint := _complaint(row)) and key_of(row) in lines:
                complaint = f"states the cell of line {lines[key_of(row)]} again"
            if complaint:
                raise UserError(f"{where}, line {line}: this row {complaint}; {remedy}.")
            lines[key_of(row)] = line
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{where}, line {line}: not CSV ({error}); {remedy}.") from error
    return rows


def _complaint(cell: Mapping[str, object]) -> str:
    """Return what is wrong with a cell, as the rest of a sentence about it, or nothing."""
    for column in COLUMNS:
        if not isinstance(cell.get(column), str):
            return f"has no text as its {column}"
    for column in KEY:
        if not cell[column]:
            return f"names no {column}"
    status, stage = cell["status"], cell["stage"]
    if status not in STATUSES:
        return f"has the status {status!r}, which is none of {', '.join(STATUSES)}"
    expected = {"pass": ("values",), "not-applicable": ("",)}.get(str(status), STAGES)
    if stage not in expected:
        return f"has the status {status} at stage {stage!r}, where it cannot end"
    return ""


def _field(text: str) -> str:
    if any(character in text for character in '",\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _encodable(value: object) -> str:
    """Spell out lone surrogates (undecodable file names, JSON escapes), which UTF-8 cannot hold."""
    text = str(value)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

"""How a run differs from the accepted table, and what that makes of its exit status.

An accepted failure that starts passing is as loud as a new failure: either way the table no longer
says what is true. A cell that was never accepted is listed and by default leaves the status alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import Row, key_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd


@dataclass(frozen=True)
class Change:
    """One cell whose outcome is another than the accepted one: both rows, whole."""

    before: Row
    after: Row


@dataclass(frozen=True)
class Differences:
    """How a run differs from what was accepted; `gone` is known of a full run only."""

    changed: tuple[Change, ...]
    new: tuple[Row, ...]
    gone: tuple[Row, ...]


def compare(
    table: pd.DataFrame,
    before: pd.DataFrame,
    *,
    full: bool,
    planned: Collection[tuple[str, str, str]] | None = None,
) -> Differences:
    """Say how this run's table differs from the accepted one, which is `before`.

    Only the cells that were selected are compared; what the accepted table holds beyond them is
    gone only if the run was a full one, and if it was to have such a cell: `planned` are the
    (producer, loader, consumer) that it was to run, whether or not it came to it. Without
    `planned`, that is all of them.
    """
    left = {key_of(row): row for row in rows_of(before)}
    changed, new = [], []
    for row in rows_of(table):
        known = left.pop(key_of(row), None)
        if known is None:
            new.append(row)
        elif known != row:
            changed.append(Change(before=known, after=row))
    gone = tuple(row for key, row in left.items() if planned is None or key[2:] in planned)
    return Differences(tuple(changed), tuple(new), gone if full else ())


def exit_status(differences: Differences, table: pd.DataFrame, *, strict: bool) -> int:
    """Return 2 if a cell is not-run, 1 if something differs, else 0.

    A cell that is gone differs; a cell that is new does only if `strict`.
    """
    if any(row["status"] == "not-run" for row in rows_of(table)):
        return 2
    differs = differences.changed or differences.gone or (strict and differences.new)
    return 1 if differs else 0

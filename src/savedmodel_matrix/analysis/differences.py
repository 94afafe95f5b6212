"""How two results differ, cell by cell, and what that makes of a run's exit status.

An accepted failure that starts passing is as loud as a new failure: either way the table no longer
says what is true. A cell that was never accepted is listed and by default leaves the status alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from savedmodel_matrix.analysis.change_class import ChangeClass, classify
from savedmodel_matrix.model.table import Row, key_of, rows_of, sort_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd

Kind = tuple[str, ...]  # producer, loader, consumer


@dataclass(frozen=True)
class Change:
    """One cell that differs: both rows, whole, None where a result does not have it."""

    kind: ChangeClass
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The cell as it is now or, where it is gone, as it was."""
        return cast("Row", self.after or self.before)


@dataclass(frozen=True)
class Coverage:
    """Which cells a result was to have beside those that it has.

    ``kinds`` are (producer, loader, consumer): every cell of these, every cell at all for None, and
    no other cell if it is empty, as for a selection.
    """

    kinds: Collection[Kind] | None = None

    def includes(self, key: tuple[str, ...]) -> bool:
        """Say whether the result was to have this cell."""
        return self.kinds is None or key[2:] in self.kinds


EVERYTHING, SELECTION = Coverage(), Coverage(frozenset())


@dataclass(frozen=True)
class Differences:
    """How two results differ; every cell of either is in exactly one class.

    ``counts`` has every class, those without a cell too. ``changes`` has the cells themselves, in
    the table's order, of the classes that are changes.
    """

    counts: Mapping[ChangeClass, int]
    changes: Mapping[ChangeClass, tuple[Change, ...]]

    @property
    def total(self) -> int:
        """The cells of both results, each once."""
        return sum(self.counts.values())

    @property
    def every(self) -> tuple[Change, ...]:
        """All changes, class by class."""
        return tuple(change for kind in ChangeClass for change in self.changes.get(kind, ()))

    @property
    def changed(self) -> tuple[Change, ...]:
        """The cells that both results have, and that differ."""
        return tuple(one for one in self.every if one.before is not None and one.after is not None)

    @property
    def new(self) -> tuple[Row, ...]:
        """The cells that only the second result has."""
        return tuple(one.after for one in self.every if one.before is None and one.after)

    @property
    def gone(self) -> tuple[Row, ...]:
        """The cells that only the first result has, though the second was to have them."""
        return tuple(one.before for one in self.every if one.after is None and one.before)


def compare_rows(
    before: Iterable[Row],
    after: Iterable[Row],
    *,
    covered_before: Coverage = EVERYTHING,
    covered_after: Coverage = EVERYTHING,
) -> Differences:
    """Put every cell of two results into its class."""
    left = {key_of(row): row for row in before}
    counts = dict.fromkeys(ChangeClass, 0)
    found: dict[ChangeClass, list[Change]] = defaultdict(list)

    def put(then: Row | None, now: Row | None, *, covered: bool) -> None:
        kind = classify(then, now, covered=covered)
        counts[kind] += 1
        if kind.is_change:
            found[kind].append(Change(kind, then, now))

    for row in after:
        key = key_of(row)
        then = left.pop(key, None)
        put(then, row, covered=then is not None or covered_before.includes(key))
    for key, row in left.items():
        put(row, None, covered=covered_after.includes(key))
    return Differences(
        counts,
        {
            kind: tuple(sorted(found[kind], key=lambda one: sort_key(one.row)))
            for kind in ChangeClass
            if kind in found
        },
    )


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
    covered = Coverage(planned) if full else SELECTION
    return compare_rows(rows_of(before), rows_of(table), covered_after=covered)


def exit_status(differences: Differences, table: pd.DataFrame, *, strict: bool) -> int:
    """Return 2 if a cell is not-run, 1 if something differs, else 0.

    A cell that is gone differs; a cell that is new does only if `strict`.
    """
    if any(row["status"] == "not-run" for row in rows_of(table)):
        return 2
    differs = differences.changed or differences.gone or (strict and differences.new)
    return 1 if differs else 0

"""A loader's part of the table, whole and folded: what is alike is told once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from savedmodel_matrix.analysis.counting import Counts, count, outcome
from savedmodel_matrix.analysis.crossing import apart, heading, own_environments
from savedmodel_matrix.model.table import environment_order, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.model.table import Row

# A loader that repeats a table at least this long is told by what differs from it.
_LONG = 10


@dataclass(frozen=True)
class Block:
    """Cases with the same outcomes, and their remedies, those with the same outcomes together."""

    cases: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # (remedies, outcome per column)

    @property
    def passes(self) -> bool:
        """Whether something passes here and nothing else than not-applicable stands beside it."""
        outcomes = {outcome for _, row in self.rows for outcome in row if outcome}
        return "pass values" in outcomes and outcomes <= {"pass values", "not-applicable"}


@dataclass(frozen=True)
class LoaderResult:
    """One loader's part of the table, whole and folded."""

    loader: str
    heading: str
    counts: Counts
    matrix: pd.DataFrame
    passing: tuple[str, ...]  # cases of which every applicable cell passes
    like: str  # another loader with the same outcomes but for the cases in `blocks`, or nothing
    blocks: tuple[Block, ...]  # the other cases


def matrix(table: pd.DataFrame, loader: str) -> pd.DataFrame:
    """Return a loader's outcomes: rows (case, remedy), a column per producer, "" for no cell.

    Cross cells are left out: `crossing.grids` is about them.
    """
    rows, _ = apart(rows_of(table))
    return _matrix([row for row in rows if row["loader"] == loader])


def _matrix(rows: Iterable[Row]) -> pd.DataFrame:
    cells: dict[tuple[str, str], dict[str, str]] = {}
    producers = set()
    for row in rows:
        producers.add(row["producer"])
        cells.setdefault((row["case"], row["remedy"]), {})[row["producer"]] = outcome(row)
    names = sorted(producers, key=environment_order)
    return pd.DataFrame(
        [[outcomes.get(name, "") for name in names] for outcomes in cells.values()],
        index=pd.MultiIndex.from_tuples(list(cells), names=["case", "remedy"]),
        columns=names,
        dtype=object,
    )


def loader_results(table: pd.DataFrame) -> tuple[LoaderResult, ...]:
    """Return the outcomes, folded, of every loader that has other than cross cells.

    A long table that repeats an earlier one in three quarters of the cases is told by the rest.
    """
    everything = rows_of(table)
    own = own_environments(everything)
    rows, _ = apart(everything)
    results: list[LoaderResult] = []
    for loader in sorted({row["loader"] for row in rows}):
        of_it = [row for row in rows if row["loader"] == loader]
        whole = _matrix(of_it)
        folded = fold(_by_case(whole))
        passing = tuple(case for block in folded if block.passes for case in block.cases)
        blocks = tuple(block for block in folded if not block.passes)
        like = ""
        if sum(len(block.rows) for block in blocks) >= _LONG:
            for earlier in results:
                others = _others(earlier.matrix, whole)
                if not earlier.like and others is not None:
                    like, blocks = earlier.loader, fold(others)
                    break
        results.append(
            LoaderResult(loader, heading(loader, own), count(of_it), whole, passing, like, blocks)
        )
    return tuple(results)


_Case = tuple[tuple[str, tuple[str, ...]], ...]  # (remedy, outcome per column), in order


def _by_case(whole: pd.DataFrame) -> dict[str, _Case]:
    rows = zip(whole.index, whole.to_numpy().tolist(), strict=True)
    return {
        case: tuple((remedy, tuple(outcomes)) for (_, remedy), outcomes in group)
        for case, group in groupby(rows, key=lambda row: row[0][0])
    }


def fold(cases: Mapping[str, _Case]) -> tuple[Block, ...]:
    """Put remedies with equal outcomes together, and then cases that are alike in all of them."""
    alike: dict[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], list[str]] = {}
    for case, rows in cases.items():
        remedies: dict[tuple[str, ...], list[str]] = {}
        for remedy, outcomes in rows:
            remedies.setdefault(outcomes, []).append(remedy)
        folded = tuple((tuple(names), outcomes) for outcomes, names in remedies.items())
        alike.setdefault(folded, []).append(case)
    return tuple(Block(tuple(names), rows) for rows, names in alike.items())


def _others(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, _Case] | None:
    """Return the cases in which two loaders differ, or None if they are too many."""
    if list(earlier.columns) != list(later.columns):
        return None
    known, cases = _by_case(earlier), _by_case(later)
    others = {case: rows for case, rows in cases.items() if rows != known.get(case)}
    return others if known.keys() == cases.keys() and 4 * len(others) <= len(cases) else None

"""A case's matrix in as few rows and fields as tell it: what is equal is told once.

Remedies with the same outcomes share a row, environments beside one another share a field, and
loaders with the same rows share a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.report.views import Mark, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.views.report.facts import Cell, Facts


@dataclass(frozen=True)
class Run:
    """Environments beside one another with the same outcome; None where there is no cell."""

    mark: Mark | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """Remedies with the same outcomes."""

    remedies: tuple[str, ...]
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Table:
    """Loaders with the same rows."""

    loaders: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(facts: Facts, case: str, outcome_of: Mapping[tuple[str, ...], str]) -> tuple[Table, ...]:
    """Return the tables of a case; ``outcome_of``: the anchor of each cell's outcome."""
    found: dict[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], list[str]] = {}
    cells: dict[tuple[str, ...], list[Cell | None]] = {}
    for loader in facts.loader_names:
        rows: dict[tuple[str, ...], list[str]] = {}
        for remedy in facts.remedy_names:
            row = [facts.at(case, remedy, loader, column) for column in facts.columns]
            if any(row):
                ends = tuple(outcome_of[key_of(cell)] if cell else "" for cell in row)
                cells.setdefault(ends, row)
                rows.setdefault(ends, []).append(remedy)
        if rows:
            same = tuple((ends, tuple(remedies)) for ends, remedies in rows.items())
            found.setdefault(same, []).append(loader)
    return tuple(
        Table(
            tuple(loaders),
            tuple(Row(remedies, _runs(facts, ends, cells[ends])) for ends, remedies in same),
        )
        for same, loaders in found.items()
    )


def _runs(facts: Facts, ends: tuple[str, ...], row: list[Cell | None]) -> tuple[Run, ...]:
    runs = []
    for end, group in groupby(range(len(ends)), key=ends.__getitem__):
        columns = list(group)
        cell = row[columns[0]]
        shown = mark(cell, facts, f"#{end}") if cell else None
        runs.append(Run(shown, tuple(facts.columns[at] for at in columns)))
    return tuple(runs)

"""Root causes: failures grouped by fingerprint, explained in plain words where that was done.

Where a fingerprint has several explanations, the cells of each are a root cause of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.explanations import Explanation, Explanations, explanations
from savedmodel_matrix.model.table import FAILURES, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.views.report.facts import Cell, Facts


@dataclass(frozen=True)
class Cause:
    """All failing cells with one fingerprint and one explanation, cross cells apart."""

    fingerprint: str
    reason: str
    cells: tuple[Cell, ...]
    crossed: tuple[Cell, ...]
    explanation: Explanation | None

    @property
    def anchor(self) -> str:
        """Its place on its page: its fingerprint, unless that has other explanations too."""
        if self.explanation and self.explanation.limited:
            return f"{self.fingerprint}.{self.explanation.name}"
        return self.fingerprint

    @cached_property
    def cases(self) -> frozenset[str]:
        """The cases that have it."""
        return frozenset(cell["case"] for cell in (*self.cells, *self.crossed))

    @property
    def title(self) -> str:
        """What to call it: the explanation's title, else the masked message."""
        return self.explanation.title if self.explanation else self.reason


def causes(facts: Facts, known: Explanations | None = None) -> list[Cause]:
    """Return the root causes, the one behind most cells first."""
    plain = (explanations() if known is None else known).of((*facts.cells, *facts.crossed))
    groups: dict[tuple[str, Explanation | None], tuple[list[Cell], list[Cell]]] = {}
    for place, cells in enumerate((facts.cells, facts.crossed)):
        for cell in cells:
            if cell["status"] in FAILURES:
                group = cell["fingerprint"], plain.get(key_of(cell))
                groups.setdefault(group, ([], []))[place].append(cell)
    found = [
        Cause(
            fingerprint,
            (*straight, *crossed)[0]["reason"],
            tuple(straight),
            tuple(crossed),
            explanation,
        )
        for (fingerprint, explanation), (straight, crossed) in groups.items()
    ]
    return sorted(found, key=lambda cause: (-len(cause.cells), -len(cause.crossed), cause.anchor))


def by_cell(found: Iterable[Cause]) -> dict[tuple[str, ...], Cause]:
    """Return the root cause of each failing cell, by `key_of`."""
    return {key_of(cell): cause for cause in found for cell in (*cause.cells, *cause.crossed)}

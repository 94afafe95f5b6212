"""Root causes: failures grouped by fingerprint, explained in plain words where that was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.explanations import Explanation, explanations
from savedmodel_matrix.table import FAILURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.report.facts import Cell, Facts


@dataclass(frozen=True)
class Cause:
    """All failing cells with one fingerprint, cross cells apart."""

    fingerprint: str
    reason: str
    cells: tuple[Cell, ...]
    crossed: tuple[Cell, ...]
    explanation: Explanation | None

    @property
    def title(self) -> str:
        """What to call it: the explanation's title, else the masked message."""
        return self.explanation.title if self.explanation else self.reason


def causes(facts: Facts, known: Mapping[str, Explanation] | None = None) -> list[Cause]:
    """Return the root causes, the one behind most cells first."""
    explained = explanations() if known is None else known
    groups: dict[str, tuple[list[Cell], list[Cell]]] = {}
    for place, cells in enumerate((facts.cells, facts.crossed)):
        for cell in cells:
            if cell["status"] in FAILURES:
                groups.setdefault(cell["fingerprint"], ([], []))[place].append(cell)
    found = [
        Cause(
            fingerprint,
            (*straight, *crossed)[0]["reason"],
            tuple(straight),
            tuple(crossed),
            explained.get(fingerprint),
        )
        for fingerprint, (straight, crossed) in groups.items()
    ]
    return sorted(
        found, key=lambda cause: (-len(cause.cells), -len(cause.crossed), cause.fingerprint)
    )

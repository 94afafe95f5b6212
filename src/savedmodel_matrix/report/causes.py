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
    """All failing cells with one fingerprint."""

    fingerprint: str
    reason: str
    cells: tuple[Cell, ...]
    explanation: Explanation | None

    @property
    def title(self) -> str:
        """What to call it: the explanation's title, else the masked message."""
        return self.explanation.title if self.explanation else self.reason


def causes(facts: Facts, known: Mapping[str, Explanation] | None = None) -> list[Cause]:
    """Return the root causes, the one behind most cells first."""
    explained = explanations() if known is None else known
    groups: dict[str, list[Cell]] = {}
    for cell in facts.cells:
        if cell["status"] in FAILURES:
            groups.setdefault(cell["fingerprint"], []).append(cell)
    found = [
        Cause(fingerprint, cells[0]["reason"], tuple(cells), explained.get(fingerprint))
        for fingerprint, cells in groups.items()
    ]
    return sorted(found, key=lambda cause: (-len(cause.cells), cause.fingerprint))

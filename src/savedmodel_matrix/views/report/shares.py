"""How far each remedy carries: shares of cases, by loader and environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import FAILURES
from savedmodel_matrix.views.report.findings import counts

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.counting import Counts
    from savedmodel_matrix.views.report.facts import Facts


@dataclass(frozen=True)
class Share:
    """One remedy, loader and column: how many cases pass, and which do not."""

    counts: Counts
    failing: tuple[str, ...]

    @property
    def level(self) -> int:
        """The share of applicable cases that pass in tenths, rounded down; -1 for no verdict."""
        applicable = self.counts.applicable
        return self.counts.passed * 10 // applicable if applicable else -1


@dataclass(frozen=True)
class RemedyShares:
    """One remedy with one loader: a share per column, and the cases that fail somewhere."""

    remedy: str
    shares: tuple[Share, ...]
    failing: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Whether any case has a verdict: what applies nowhere neither works nor fails."""
        return any(share.counts.applicable for share in self.shares)


def share_of(counts: Counts | None) -> Share | None:
    """Return counts as a share of a grid, which names no cases; None where there is no cell."""
    return Share(counts, ()) if counts else None


def remedy_shares(facts: Facts) -> list[tuple[str, list[RemedyShares]]]:
    """Return, loader by loader, how far each remedy that it reads carries in each column."""
    cells: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    for cell in facts.cells:
        key = (cell["loader"], cell["remedy"], cell["producer"])
        cells.setdefault(key, []).append(cell)
    found = []
    for loader in facts.loader_names:
        rows = []
        for remedy in facts.remedy_names:
            if not any((loader, remedy, column) in cells for column in facts.columns):
                continue
            shares = [_share(cells.get((loader, remedy, column), [])) for column in facts.columns]
            failing = sorted({case for share in shares for case in share.failing})
            rows.append(RemedyShares(remedy, tuple(shares), tuple(failing)))
        found.append((loader, rows))
    return found


def _share(cells: list[dict[str, object]]) -> Share:
    failing = sorted({str(cell["case"]) for cell in cells if cell["status"] in FAILURES})
    return Share(counts(cells), tuple(failing))

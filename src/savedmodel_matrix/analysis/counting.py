"""How many cells ended how: the one place that says what counts as what.

Unknown is a state of its own: a not-run cell counts neither as a pass nor as a failure, and
shares count neither it nor a not-applicable cell.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.table import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Of several remedies, the outcome that a person would take: lower is better.
RANK = {"pass": 0, "fail": 1, "timeout": 2, "crash": 3, "not-run": 4, "not-applicable": 5}


@dataclass(frozen=True)
class Counts:
    """How many cells ended in which status."""

    by_status: Mapping[str, int]

    @property
    def passed(self) -> int:
        """Cells that pass."""
        return self.by_status.get("pass", 0)

    @property
    def failed(self) -> int:
        """Cells that fail, crash or time out."""
        return sum(self.by_status.get(status, 0) for status in FAILURES)

    @property
    def applicable(self) -> int:
        """Cells that have a verdict: those that pass and those that fail."""
        return self.passed + self.failed

    @property
    def not_run(self) -> int:
        """Cells of which nothing is known."""
        return self.by_status.get("not-run", 0)

    @property
    def total(self) -> int:
        """All cells."""
        return sum(self.by_status.values())

    @property
    def works(self) -> bool:
        """Whether every applicable cell passes, there is one, and nothing is unknown."""
        return self.passed > 0 and not self.failed and not self.not_run


def count(rows: Iterable[Mapping[str, Any]]) -> Counts:
    """Count cells by status."""
    return Counts(Counter(row["status"] for row in rows))


def outcome(row: Mapping[str, Any]) -> str:
    """Return status and stage in one, such as "fail run", "pass values" or "not-applicable"."""
    return f"{row['status']} {row['stage']}".rstrip()

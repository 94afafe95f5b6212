"""What the files of artifacts predict against what happened, counted over many cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.predictions import FAILS, RUNS
from savedmodel_matrix.model.table import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PREDICTED = "predicted"  # the member of a cell: {"verdict", "because"}
PASSES, CANNOT, WRONG = "passes", "fails", "wrong numbers"
HAPPENED = (PASSES, CANNOT, WRONG)


def happened(cell: Mapping[str, Any]) -> str:
    """Return what a loader did with an artifact: one of `HAPPENED`, "" if it was not reached."""
    if cell["status"] == "pass":
        return PASSES
    if cell["status"] not in FAILURES:
        return ""
    if cell["stage"] == "values":
        return WRONG
    return CANNOT if cell["stage"] in ("load", "run") else ""


def verdict(cell: Mapping[str, Any]) -> str:
    """Return what the files say of a cell, "" where they say nothing."""
    said = cell.get(PREDICTED)
    return str(said["verdict"]) if said else ""


def is_miss(cell: Mapping[str, Any]) -> bool:
    """Say whether the files say that it runs, and it does not, or gives wrong numbers."""
    return verdict(cell) == RUNS and happened(cell) in (CANNOT, WRONG)


def is_false_alarm(cell: Mapping[str, Any]) -> bool:
    """Say whether the files say that it fails, and it passes."""
    return verdict(cell) == FAILS and happened(cell) == PASSES


@dataclass
class Confusion:
    """One loader: how many cells were predicted as what, and came out as what."""

    loader: str
    counts: dict[tuple[str, str], int] = field(default_factory=dict)  # (verdict, happened)
    misses: dict[tuple[str, str], int] = field(default_factory=dict)  # by case and reason
    alarms: dict[tuple[str, str], int] = field(default_factory=dict)

    def count(self, predicted: str, came_out: str) -> int:
        """Return how many cells were predicted so and came out so."""
        return self.counts.get((predicted, came_out), 0)

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return sum(self.counts.values())

    @property
    def agreeing(self) -> int:
        """How many came out as predicted; what fails gives no numbers, right or wrong."""
        wrong = self.count(FAILS, CANNOT) + self.count(FAILS, WRONG)
        return self.count(RUNS, PASSES) + wrong


def confusion(cells: Iterable[Mapping[str, Any]]) -> Sequence[Confusion]:
    """Return a table for each loader of which the files say something, by its name."""
    found: dict[str, Confusion] = {}
    for cell in cells:
        predicted, came_out = verdict(cell), happened(cell)
        if predicted not in (RUNS, FAILS) or not came_out:
            continue
        one = found.setdefault(cell["loader"], Confusion(cell["loader"]))
        one.counts[predicted, came_out] = one.count(predicted, came_out) + 1
        why = (cell["case"], cell["reason"])
        if is_miss(cell):
            one.misses[why] = one.misses.get(why, 0) + 1
        if is_false_alarm(cell):
            one.alarms[why] = one.alarms.get(why, 0) + 1
    return [found[name] for name in sorted(found)]

"""What the files of an artifact predict, beside what happened when it was loaded and run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.model.table import FAILURES, environment_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUNS, FAILS, UNKNOWN = "runs", "fails", "unknown"


@dataclass(frozen=True)
class Told:
    """What the files say of a loader: RUNS, FAILS or UNKNOWN, why, and between which versions."""

    verdict: str
    because: str = ""
    since: str | None = None  # the first TensorFlow that can read it
    until: str | None = None  # the last one

    def for_version(self, tensorflow: str) -> str:
        """Return the verdict for one version of TensorFlow."""
        if self.verdict != RUNS or not tensorflow:
            return self.verdict
        here = _numbers(tensorflow)
        too_old = self.since is not None and here < _numbers(self.since)[:2]
        too_new = self.until is not None and here > _numbers(self.until)[:2]
        return FAILS if too_old or too_new else RUNS


@dataclass(frozen=True)
class Checked:
    """One artifact: its cells, and what its files said before anything was run."""

    path: str
    reference: str  # the environment whose Python loader says what is expected; "" if a file did
    wrote: str  # the TensorFlow that wrote it, "" if it does not say
    told: Mapping[str, Told]  # by loader
    cells: Sequence[Mapping[str, Any]]
    versions: Mapping[str, str] = field(default_factory=dict)  # TensorFlow by environment
    remedies: tuple[str, ...] = ()

    @property
    def environments(self) -> list[str]:
        """Where it was loaded, in the order of versions."""
        return sorted({cell["consumer"] for cell in self.cells}, key=environment_order)

    @property
    def loaders(self) -> list[str]:
        """What loaded it, in the order of the cells."""
        return list(dict.fromkeys(cell["loader"] for cell in self.cells))

    def at(self, loader: str, environment: str) -> Mapping[str, Any] | None:
        """Return the cell of a loader in an environment, if there is one."""
        found = (c for c in self.cells if (c["loader"], c["consumer"]) == (loader, environment))
        return next(found, None)

    def predicted(self, cell: Mapping[str, Any]) -> str:
        """Return what the files say of a cell: RUNS, FAILS or UNKNOWN."""
        told = self.told.get(cell["loader"], Told(UNKNOWN))
        return told.for_version(self.versions.get(cell["consumer"], ""))

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain data, as `--format json` prints it."""
        wrong = {(cell["loader"], cell["consumer"]) for cell in disagreements(self)}
        return {
            "path": self.path,
            "reference": self.reference or None,
            "tensorflow": self.wrote or None,
            "cells": [
                {
                    "loader": cell["loader"],
                    "environment": cell["consumer"],
                    "status": cell["status"],
                    "stage": cell["stage"],
                    "message": cell.get("message") or cell["reason"],
                    "predicted": self.predicted(cell),
                    "agrees": (cell["loader"], cell["consumer"]) not in wrong,
                    "largest_error": cell.get("largest_error"),
                }
                for cell in self.cells
            ],
            "remedies": list(self.remedies),
        }


def disagreements(checked: Checked) -> list[Mapping[str, Any]]:
    """Return the cells that came out otherwise than the files say.

    A cell that ended before it reached the loader, and one that the files say nothing of, agrees.
    """
    found = []
    for cell in checked.cells:
        predicted = checked.predicted(cell)
        reached = cell["stage"] in ("load", "run", "values") or cell["status"] in ("pass", "crash")
        failed = cell["status"] in FAILURES and reached
        if (predicted == RUNS and failed) or (predicted == FAILS and cell["status"] == "pass"):
            found.append(cell)
    return found


def ends(checked: Checked, loader: str) -> list[str]:
    """Return a loader's outcome in each environment, "" where it has no cell."""
    cells = [checked.at(loader, environment) for environment in checked.environments]
    return [outcome(cell) if cell else "" for cell in cells]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())

"""How long cells will take, from what they took when they were accepted.

Only the proportions matter: a run finds out by itself how fast its machine is. They serve two
ends, an honest time left, and the longest saves first, so that no core idles at the end.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.requirements import extended_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.model.steps import Save

SAVING = ("build", "save")
UNKNOWN = 1.0  # seconds of a save where nothing at all is known
BESIDE = 0.15  # seconds of a cell beyond its stages: its share of `show` and of the engine


class Estimate:
    """Seconds of one core that saves and whole cells will take, about."""

    def __init__(self, cells: Iterable[Mapping[str, Any]]) -> None:
        self._saves: dict[tuple[str, ...], float] = {}
        self._loads: dict[str, list[float]] = defaultdict(list)
        by_remedy: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for cell in cells:
            seconds = cell.get("seconds") or {}
            saving = sum(seconds.get(stage, 0.0) for stage in SAVING)
            self._saves[cell["case"], cell["remedy"], cell["producer"]] = saving
            by_remedy[cell["case"], cell["remedy"]].append(saving)
            self._loads[cell["case"]].append(sum(seconds.values()) - saving)
        self._remedies = {key: statistics.fmean(found) for key, found in by_remedy.items()}
        self._typical = statistics.median(self._saves.values()) if self._saves else UNKNOWN

    def of_save(self, save: Save) -> float:
        """Return what a save will take: as known, else as in other environments, else typically."""
        names = (save.case.name, save.remedy.name)
        known = self._saves.get((*names, extended_by(save.producer)))
        return known if known is not None else self._remedies.get(names, self._typical)

    def of_cell(self, save: Save, sharing: int, *, made: bool = False) -> float:
        """Return what a cell will take that shares its save with so many cells, itself included.

        ``made``: its artifact is there already.
        """
        loads = self._loads.get(save.case.name)
        loading = statistics.fmean(loads) if loads else self._typical / 4
        saving = 0.0 if made else self.of_save(save) / sharing
        return saving + loading + BESIDE

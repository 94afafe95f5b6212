"""Running cells of many cases in mixtures of environments, each started once a batch."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.attribution import ended
from savedmodel_matrix.commands.job import worked
from savedmodel_matrix.engine.planning import Selected, plan_cells
from savedmodel_matrix.model.table import AS_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis.attribution import Changed, Ended
    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
    from savedmodel_matrix.store.run_directory import RunDirectory
    from savedmodel_matrix.workspace.project import Project

Asked = tuple["Changed", "Environment"]  # the first cell of a group, and where it is run


@dataclass(frozen=True)
class Clock:
    """How long no further batch is started after."""

    end: float | None

    @classmethod
    def of(cls, minutes: float | None) -> Clock:
        """Return a clock that starts now; without minutes it never ends."""
        return cls(None if minutes is None else time.monotonic() + 60 * minutes)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.end is not None and time.monotonic() > self.end


@dataclass(frozen=True)
class Plugins:
    """Cases, remedies and loaders by name, and every converter."""

    cases: Mapping[str, Case]
    remedies: Mapping[str, Remedy]
    loaders: Mapping[str, Loader]
    converters: Sequence[Converter]

    def order(self, rows: Iterable[Mapping[str, str]]) -> list[str]:
        """Return remedies and loaders, first those of which one is run for its group.

        What is saved as written, and the loader of which most is accepted, and so need not be run.
        """
        remedies = sorted(self.remedies, key=lambda name: name != AS_WRITTEN)
        known = Counter(row["loader"] for row in rows)
        return [*remedies, *sorted(self.loaders, key=lambda name: (-known[name], name))]

    def knows(self, one: Changed) -> bool:
        """Say whether the cell of a group can be planned still."""
        remedy, loader = one.cells[0]
        return one.case in self.cases and remedy in self.remedies and loader in self.loaders


@dataclass
class Mixtures:
    """Runs groups of cells in environments; what is known already is not run again.

    ``refused``: why an environment cannot be had, by its name. ``ran`` counts cells.
    """

    project: Project
    plugins: Plugins
    directory: RunDirectory
    progress: Console
    options: Mapping[str, Any]
    refused: dict[str, str] = field(default_factory=dict)
    ran: int = 0

    def run(self, asked: Sequence[Asked], said: str) -> list[Ended | None]:
        """Run each group's cell in its environment, all in one run, and say how it ended.

        None where its environment cannot be had, or it was not run. ``said`` is what a person is
        told of the run.
        """
        if not asked:
            return []
        more = {environment.name: environment for _, environment in asked}
        project = replace(self.project, environments={**self.project.environments, **more})
        cells = [self._cell(one, environment) for one, environment in asked]
        planned = {cell.key: cell for cell in cells if cell}
        options = {**self.options, "cross": False}
        loaders = list(self.plugins.loaders.values())
        with worked(
            project, list(planned.values()), loaders, self.directory, self.progress, options, said
        ) as run:
            self.ran += run.ran
            known = run.describe()["environments"]
            return [self._ended(cell, run.cells, known) if cell else None for cell in cells]

    def _cell(self, one: Changed, environment: Environment) -> Cell | None:
        remedy, loader = one.cells[0]
        own = self.plugins.loaders[loader]
        selected = Selected(
            environments=(environment,),
            producers=(environment.name,),
            consumers=(environment.name,),
            own=tuple(
                one for one in self.project.environments.values() if one.name == own.environment
            ),
        )
        planned = plan_cells(
            [self.plugins.cases[one.case]],
            [self.plugins.remedies[remedy]],
            [own],
            selected,
            self.plugins.converters,
        )
        return planned[0] if planned else None

    def _ended(
        self,
        cell: Cell,
        cells: Mapping[tuple[str, ...], Mapping[str, Any]],
        known: Mapping[str, Any],
    ) -> Ended | None:
        whole = cells[cell.key]
        if missing := [name for name in cell.environments if name not in known]:
            self.refused.setdefault(missing[0], str(whole["reason"]))
            return None
        return ended({name: str(whole[name]) for name in ("status", "stage", "fingerprint")})

"""Running one cell at one release after another, in a run directory of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.bisected import Side, Tried
from savedmodel_matrix.commands.job import worked
from savedmodel_matrix.engine.planning import Selected, plan_cells, producing
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
    from savedmodel_matrix.store.run_directory import RunDirectory
    from savedmodel_matrix.workspace.project import Project

Ends = tuple["Environment", "Environment"]  # where a cell saves, and where it loads


@dataclass(frozen=True)
class Question:
    """The cell whose outcome is searched, but for its environments."""

    case: Case
    remedy: Remedy
    loader: Loader
    loaders: Sequence[Loader]
    converters: Sequence[Converter]


class Trials:
    """Runs the cell of a question in environments; what is known already is not run again."""

    def __init__(
        self,
        project: Project,
        question: Question,
        directory: RunDirectory,
        progress: Console,
        options: Mapping[str, Any],
    ) -> None:
        self._project, self._question = project, question
        self._directory, self._progress = directory, progress
        self._options = {**options, "cross": False}

    def run(self, ends: Sequence[Ends], said: str) -> list[Tried]:
        """Run the cell from each environment that saves to the one that loads, all in one run.

        ``said`` is what a person is told of it. Raises UserError where there is no such cell.
        """
        more = {one.name: one for pair in ends for one in pair}
        project = replace(self._project, environments={**self._project.environments, **more})
        cells = [self._cell(project, *pair) for pair in ends]
        with worked(
            project,
            list({cell.key: cell for cell in cells}.values()),
            self._question.loaders,
            self._directory,
            self._progress,
            dict(self._options),
            said,
        ) as run:
            environments = run.describe()["environments"]
            return [_tried(cell, run.cells[cell.key], environments) for cell in cells]

    def _cell(self, project: Project, saves: Environment, loads: Environment) -> Cell:
        asked = self._question
        selected = Selected(
            environments=tuple(producing(list(project.environments.values()), asked.loaders)),
            producers=(saves.name,),
            consumers=(loads.name,),
            own=(loads,) if loads.runs(asked.loader) else _own(project, asked.loader),
        )
        planned = plan_cells(
            [asked.case], [asked.remedy], [asked.loader], selected, asked.converters
        )
        if not planned:
            raise UserError(
                f"There is no cell to bisect: {asked.loader.name} does not read what "
                f"{asked.remedy.name} writes, or not in {loads.name}. Name another with --loader."
            )
        return planned[0]


def _own(project: Project, loader: Loader) -> tuple[Environment, ...]:
    return tuple(one for one in project.environments.values() if one.name == loader.environment)


def ends_of(one: Environment, fixed: Environment, side: Side) -> Ends:
    """Return where a release's cell saves and loads."""
    return (
        one if side is not Side.LOAD else fixed,
        one if side is not Side.SAVE else fixed,
    )


def _tried(cell: Cell, whole: Mapping[str, Any], environments: Mapping[str, Any]) -> Tried:
    """Return what became of a cell; it was skipped if one of its environments cannot be had."""
    needed = [name for name in cell.environments if name not in environments]
    if needed:
        return Tried(whole, skipped=str(whole["reason"] or f"{needed[0]} cannot be had"))
    unknown = (whole.get("message") or whole["reason"]) if whole["status"] == "not-run" else ""
    return Tried(
        whole,
        skipped=str(unknown),
        packages=environments[cell.with_required(cell.producer)]["packages"],
        consumer_packages=environments[cell.loads_in]["packages"],
    )

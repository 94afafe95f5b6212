"""Which cells a selection has, and what the hosts of their steps import."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from savedmodel_matrix.model.cell import Cell
from savedmodel_matrix.model.plugin import SAVE_PRELOAD
from savedmodel_matrix.model.requirements import overlay_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
    from savedmodel_matrix.model.steps import HostKey
    from savedmodel_matrix.workspace.project import Project


@dataclass(frozen=True)
class Selected:
    """Which environments take part, and how.

    ``environments`` are all that can save; ``producers`` of these do. Without ``consumers`` each
    loads what it saved itself, and with ``cross`` what every other producer saved as well, for the
    loaders that cross. ``own`` are those of loaders with an environment of their own, in the order
    of the project.
    """

    environments: tuple[Environment, ...]
    producers: tuple[str, ...]
    consumers: tuple[str, ...] | None = None
    own: tuple[Environment, ...] = ()
    cross: bool = False

    def consumers_of(self, producer: Environment, loader: Loader) -> list[str]:
        """Return where a loader loads what a producer saved."""
        if loader.environment:
            return [one.name for one in self.own if one.runs(loader)]
        if self.consumers is not None:
            wanted: Sequence[str] = self.consumers
        else:
            wanted = self.producers if self.cross and loader.crosses else [producer.name]
        return [e.name for e in self.environments if e.name in wanted and _has(e, loader)]


def plan_cells(
    cases: Sequence[Case],
    remedies: Sequence[Remedy],
    loaders: Sequence[Loader],
    selected: Selected,
    converters: Sequence[Converter] = (),
) -> list[Cell]:
    """Return the cells of the selected environments.

    Where remedy and loader share no format and no converter lies between them there is no cell.
    """
    return [
        Cell(
            case,
            remedy,
            producer.name,
            loader,
            consumer,
            converter,
            (producer.name if loader.environment else consumer) if converter else "",
        )
        for producer in selected.environments
        if producer.name in selected.producers
        for case in cases
        for remedy in remedies
        for loader in loaders
        for converter in _ways(remedy, loader, converters)
        for consumer in selected.consumers_of(producer, loader)
    ]


def with_overlays(project: Project, cells: Sequence[Cell]) -> Project:
    """Return the project with every environment that its cells run in, overlays too."""
    needed = {name for cell in cells for name in cell.environments}
    overlays = {
        one.name: one
        for case in dict.fromkeys(cell.case for cell in cells if cell.case.requires)
        for name in project.environments
        if overlay_name(name, case.requires) in needed
        for one in [project.environment_for(case, name)]
    }
    return replace(project, environments={**project.environments, **overlays})


def producing(environments: Sequence[Environment], loaders: Sequence[Loader]) -> list[Environment]:
    """Return the environments that can save: with TensorFlow, and no loader's own."""
    return [
        one
        for one in environments
        if one.has_tensorflow and not any(one.runs(loader) for loader in loaders)
    ]


def _ways(
    remedy: Remedy, loader: Loader, converters: Sequence[Converter]
) -> Sequence[Converter | None]:
    """Return what lies between remedy and loader, [None] if they share a format, [] if nothing."""
    if remedy.writes in loader.reads:
        return [None]
    found = [c for c in converters if c.reads == remedy.writes and c.writes in loader.reads]
    return found[:1]


def _has(environment: Environment, loader: Loader) -> bool:
    return not loader.since or _release(environment) >= _numbers(loader.since)


def _release(environment: Environment) -> tuple[int, ...]:
    """Return the TensorFlow of an environment, or of the one that it lies over."""
    return _numbers((environment.base or environment).tensorflow)[:2]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def preloads(
    key: HostKey, environment: Environment, loaders: Sequence[Loader]
) -> tuple[list[str], list[str]]:
    """Return what such a host imports, and the loaders whose ``prepare`` it calls."""
    own = [loader for loader in loaders if environment.runs(loader)]
    sharing = own or [loader for loader in loaders if not loader.environment]
    sharing = [loader for loader in sharing if loader.preload[0] == key.kind]
    modules = list(SAVE_PRELOAD) if key.kind == SAVE_PRELOAD[0] else []
    for loader in sharing:
        modules += [module for module in loader.preload if module not in modules]
    return modules, [str(loader.path) for loader in sharing if loader.prepares]

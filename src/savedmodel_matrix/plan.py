"""Which cells a selection has, which steps they take, and which hosts the steps run in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.catalogue import SAVE_PRELOAD, Case, Loader, Remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.project import Environment


@dataclass(frozen=True, order=True)
class HostKey:
    """One import: an environment, the process-wide settings, and what is imported."""

    environment: str
    kind: str  # the first module of the preload; loaders that share it share a host
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Cell:
    """One (case, remedy, producer, loader, consumer)."""

    case: Case
    remedy: Remedy
    producer: str
    loader: Loader
    consumer: str

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """The names that identify the cell in every table."""
        return (self.case.name, self.remedy.name, self.producer, self.loader.name, self.consumer)


@dataclass(frozen=True)
class Save:
    """The making of one artifact, shared by all loaders."""

    case: Case
    remedy: Remedy
    producer: str

    @property
    def host(self) -> HostKey:
        """Where it runs: the settings hold for the producer only."""
        return HostKey(self.producer, SAVE_PRELOAD[0], tuple(sorted(self.remedy.settings.items())))


@dataclass(frozen=True)
class Load:
    """One loader on one artifact; ``loader`` None is ``saved_model_cli show --all``."""

    save: Save
    loader: Loader | None
    consumer: str

    @property
    def host(self) -> HostKey:
        """Where it runs: the consumer, as clean as it comes."""
        preload = self.loader.preload if self.loader else SAVE_PRELOAD
        return HostKey(self.consumer, preload[0])


def plan_cells(
    cases: Sequence[Case],
    remedies: Sequence[Remedy],
    loaders: Sequence[Loader],
    producers: Sequence[Environment],
    consumers: Sequence[Environment] | None,
) -> list[Cell]:
    """Return the cells; without ``consumers`` every producer consumes what it made itself.

    Where remedy and loader share no format there is no cell.
    """
    return [
        Cell(case, remedy, producer.name, loader, consumer.name)
        for producer in producers
        for case in cases
        for remedy in remedies
        for loader in loaders
        if loader.reads == remedy.writes
        for consumer in (consumers if consumers is not None else [producer])
    ]


def save_of(cell: Cell) -> Save:
    """Return the step that makes the cell's artifact."""
    return Save(cell.case, cell.remedy, cell.producer)


def load_of(cell: Cell) -> Load:
    """Return the step that judges the cell."""
    return Load(save_of(cell), cell.loader, cell.consumer)


def preloads(kind: str, loaders: Sequence[Loader]) -> tuple[list[str], list[str]]:
    """Return what a host of that kind imports, and the loaders whose ``prepare`` it calls."""
    sharing = [loader for loader in loaders if loader.preload[0] == kind]
    modules = list(SAVE_PRELOAD) if kind == SAVE_PRELOAD[0] else []
    for loader in sharing:
        modules += [module for module in loader.preload if module not in modules]
    return modules, [str(loader.path) for loader in sharing if loader.prepares]

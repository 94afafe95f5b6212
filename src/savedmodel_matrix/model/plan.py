"""Which cells a selection has, which steps they take, and which hosts the steps run in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.plugin import SAVE_PRELOAD, Converter, Loader, Remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.environment import Environment


@dataclass(frozen=True, order=True)
class HostKey:
    """One import: an environment, the process-wide settings, and what is imported."""

    environment: str
    kind: str  # the first module of the preload; loaders that share it share a host
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Cell:
    """One (case, remedy, producer, loader, consumer), and how the loader gets what it reads.

    ``converter`` turns the artifact into what the loader reads, in the environment ``converts_in``;
    None where it reads what the remedy writes.
    """

    case: Case
    remedy: Remedy
    producer: str
    loader: Loader
    consumer: str
    converter: Converter | None = None
    converts_in: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """The names that identify the cell in every table."""
        return (self.case.name, self.remedy.name, self.producer, self.loader.name, self.consumer)

    @property
    def environments(self) -> tuple[str, ...]:
        """Every environment that the cell needs."""
        needed = (self.producer, self.converts_in or self.producer, self.consumer)
        return tuple(dict.fromkeys(needed))


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
class Convert:
    """The conversion of one artifact, shared by all loaders that read what comes of it."""

    save: Save
    converter: Converter
    environment: str

    @property
    def host(self) -> HostKey:
        """Where it runs: an environment with TensorFlow, as clean as it comes."""
        return HostKey(self.environment, SAVE_PRELOAD[0])


@dataclass(frozen=True)
class Load:
    """One loader on one artifact; ``loader`` None is ``saved_model_cli show --all``."""

    save: Save
    loader: Loader | None
    consumer: str
    convert: Convert | None = None

    @property
    def host(self) -> HostKey:
        """Where it runs: the consumer, as clean as it comes."""
        preload = self.loader.preload if self.loader else SAVE_PRELOAD
        return HostKey(self.consumer, preload[0])

    @property
    def crosses(self) -> bool:
        """Whether another environment loads than saved, which can wait for all saves."""
        return self.consumer != self.save.producer


@dataclass(frozen=True)
class Selected:
    """Which environments take part, and how.

    ``environments`` are all that can save; ``producers`` of these do. Without ``consumers`` each
    loads what it saved itself, and with ``cross`` what every other producer saved as well, for the
    loaders that cross. ``own`` are those of loaders with an environment of their own.
    """

    environments: tuple[Environment, ...]
    producers: tuple[str, ...]
    consumers: tuple[str, ...] | None = None
    own: frozenset[str] = frozenset()
    cross: bool = False

    def consumers_of(self, producer: Environment, loader: Loader) -> list[str]:
        """Return where a loader loads what a producer saved."""
        if loader.environment:
            return [loader.environment] if loader.environment in self.own else []
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


def producing(environments: Sequence[Environment], loaders: Sequence[Loader]) -> list[Environment]:
    """Return the environments that can save: with TensorFlow, and no loader's own."""
    own = {loader.environment for loader in loaders}
    return [one for one in environments if one.has_tensorflow and one.name not in own]


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


def save_of(cell: Cell) -> Save:
    """Return the step that makes the cell's artifact."""
    return Save(cell.case, cell.remedy, cell.producer)


def convert_of(cell: Cell) -> Convert | None:
    """Return the step that converts the cell's artifact, None if none is needed."""
    if cell.converter is None:
        return None
    return Convert(save_of(cell), cell.converter, cell.converts_in)


def load_of(cell: Cell) -> Load:
    """Return the step that judges the cell."""
    return Load(save_of(cell), cell.loader, cell.consumer, convert_of(cell))


def preloads(key: HostKey, loaders: Sequence[Loader]) -> tuple[list[str], list[str]]:
    """Return what such a host imports, and the loaders whose ``prepare`` it calls."""
    own = [loader for loader in loaders if loader.environment == key.environment]
    sharing = own or [loader for loader in loaders if not loader.environment]
    sharing = [loader for loader in sharing if loader.preload[0] == key.kind]
    modules = list(SAVE_PRELOAD) if key.kind == SAVE_PRELOAD[0] else []
    for loader in sharing:
        modules += [module for module in loader.preload if module not in modules]
    return modules, [str(loader.path) for loader in sharing if loader.prepares]

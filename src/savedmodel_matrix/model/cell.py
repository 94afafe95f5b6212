"""A cell of the table, and the steps that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.requirements import overlay_name
from savedmodel_matrix.model.steps import Convert, Load, Made, Save

if TYPE_CHECKING:
    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.plugin import Converter, Loader, Remedy


@dataclass(frozen=True)
class Cell:
    """One (case, remedy, producer, loader, consumer), and how the loader gets what it reads.

    ``converter`` turns the artifact into what the loader reads, in the environment ``converts_in``;
    None where it reads what the remedy writes.

    ``producer`` and ``consumer`` are the names in every table. The steps of a case that requires
    more than TensorFlow run in overlays of these environments, but for loaders with one of their
    own.
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
        """Every environment that the cell's steps run in, the one that saves first."""
        saves_in = self.with_required(self.producer)
        converts_in = self.with_required(self.converts_in) if self.converts_in else saves_in
        return tuple(dict.fromkeys((saves_in, converts_in, self.loads_in)))

    @property
    def loads_in(self) -> str:
        """The environment that the loader runs in."""
        return self.consumer if self.loader.environment else self.with_required(self.consumer)

    def with_required(self, environment: str) -> str:
        """Return the name of an environment with what the case requires."""
        return overlay_name(environment, self.case.requires)


def save_of(cell: Cell) -> Save:
    """Return the step that makes the cell's artifact."""
    return Save(cell.case, cell.remedy, cell.with_required(cell.producer))


def convert_of(cell: Cell) -> Convert | None:
    """Return the step that converts the cell's artifact, None if none is needed."""
    if cell.converter is None:
        return None
    return Convert(save_of(cell), cell.converter, cell.with_required(cell.converts_in))


def load_of(cell: Cell) -> Load:
    """Return the step that judges the cell."""
    return Load(Made(save_of(cell), convert_of(cell)), cell.loader, cell.loads_in)

"""A matrix in small pieces for a cluster: each a producer's saves of about a minute or a few.

Finer than the parts of ``sharding``, since a worker takes one after the other: one that dies loses
little, and one that joins late finds something left. A slice has the saves of one environment, so
that a worker needs few, and each save with all that loads or converts its artifact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.cell import save_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from savedmodel_matrix.engine.sharding import Unit
    from savedmodel_matrix.model.cell import Cell

SHORTEST, LONGEST = 60.0, 300.0  # seconds of one core, between which a slice should be
EACH = 4  # slices that each core of the cluster should get, so that none waits long for the last


@dataclass(frozen=True)
class Slice:
    """Cells that are run together, and about how long they take on one core."""

    cells: tuple[Cell, ...]
    milliseconds: int


def seconds_of_slice(units: Iterable[Unit], cores: int) -> float:
    """Return how long a slice should take on a cluster of so many cores.

    Short, where none is there yet: it will grow, and nobody knows how far.
    """
    if not cores:
        return SHORTEST
    total = sum(unit.milliseconds for unit in units) / 1000
    return min(LONGEST, max(SHORTEST, total / (EACH * cores)))


def slices(units: Sequence[Unit], seconds: float, first: str = "") -> list[Slice]:
    """Return the slices of these saves, in the order in which they should begin.

    The longest begin first, but those with cells of the case ``first`` before them. ``units`` are
    in a line in which those of an environment are beside one another.
    """
    found = [piece for group in _by_producer(units) for piece in _cut(group, seconds)]
    return sorted(found, key=lambda one: (not _has(one, first), -one.milliseconds))


def _by_producer(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(save_of(unit.cells[0]).producer, []).append(unit)
    yield from groups.values()


def _cut(units: Sequence[Unit], seconds: float) -> Iterator[Slice]:
    """Cut a line into pieces of about as many seconds, all about as long as one another."""
    total = sum(unit.milliseconds for unit in units)
    number = min(len(units), max(1, round(total / (seconds * 1000))))
    pieces: list[list[Unit]] = [[] for _ in range(number)]
    before = 0
    for unit in units:
        middle = before + unit.milliseconds / 2
        pieces[min(number - 1, int(middle * number / total)) if total else 0].append(unit)
        before += unit.milliseconds
    for piece in filter(None, pieces):
        cells = tuple(cell for unit in piece for cell in unit.cells)
        yield Slice(cells, sum(unit.milliseconds for unit in piece))


def _has(piece: Slice, case: str) -> bool:
    return any(cell.case.name == case for cell in piece.cells)

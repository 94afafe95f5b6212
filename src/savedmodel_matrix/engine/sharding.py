"""Parts of a matrix for several machines: disjoint, together everything, the same everywhere.

Saves are laid out in a line, by environment, case and remedy, and the line is cut. So a part needs
few environments, and loads and conversions are where their save is, in another environment too.
The cuts are the best that this line has: the most expensive part is as cheap as it can be.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from savedmodel_matrix.model.cell import save_of
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import environment_order

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.steps import Save

ENVIRONMENT = 60.0  # seconds that an environment costs: fetched, installed, compiled, imported
MOST = 10_000  # parts, which is more than any matrix has environments and cases
_STATED = re.compile(r"([0-9]{1,6})/([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True)
class Shard:
    """The ``part``-th of so many parts, counted from 1."""

    part: int
    of: int

    @classmethod
    def parse(cls, stated: str) -> Shard:
        """Read what follows ``--shard``. Raises UserError."""
        if match := _STATED.fullmatch(stated.strip()):
            part, of = int(match[1]), int(match[2])
            if 1 <= part <= of <= MOST:
                return cls(part, of)
        raise UserError(
            f"--shard {stated!r} is not one of N parts: write I/N, with I from 1 to N and N up to "
            f"{MOST}, such as --shard 2/3."
        )

    def __str__(self) -> str:
        return f"{self.part}/{self.of}"


@dataclass(frozen=True)
class Unit:
    """A save with its cells, which stay together: what it takes, and where it runs."""

    cells: tuple[Cell, ...]
    environments: frozenset[str]
    milliseconds: int


@dataclass
class Part:
    """The saves of one part, what they need, and about how long they take on one core."""

    units: list[Unit] = field(default_factory=list)
    environments: set[str] = field(default_factory=set)
    milliseconds: int = 0

    def add(self, unit: Unit) -> None:
        """Take in a save and its cells."""
        self.units.append(unit)
        self.environments |= unit.environments
        self.milliseconds += unit.milliseconds

    def cost(self, more: Unit | None = None) -> int:
        """Return its milliseconds with its environments, and with one save more."""
        needed = self.environments | (more.environments if more else set())
        added = more.milliseconds if more else 0
        return self.milliseconds + added + len(needed) * round(ENVIRONMENT * 1000)

    @property
    def cells(self) -> list[Cell]:
        """All of its cells."""
        return [cell for unit in self.units for cell in unit.cells]


def units_of(
    cells: Iterable[Cell], seconds: Callable[[Save, int], float], over: Mapping[str, str]
) -> list[Unit]:
    """Return every save with its cells, in the line that they are cut from; see ``Plan``."""
    by_save: dict[Save, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_save[save_of(cell)].append(cell)
    line = sorted(by_save.items(), key=lambda item: _place(item[0]))
    # Whole milliseconds add up to the same on every machine, in whatever order.
    return [
        Unit(tuple(mine), _needed(mine, over), round(seconds(save, len(mine)) * 1000))
        for save, mine in line
    ]


def _needed(cells: Collection[Cell], over: Mapping[str, str]) -> frozenset[str]:
    """Return the environments of these cells, with those that they lie over."""
    found = {name for cell in cells for name in cell.environments}
    while more := {over[name] for name in found if name in over} - found:
        found |= more
    return frozenset(found)


class Plan:
    """All parts of a matrix.

    ``seconds`` says what a save and its cells take, given how many they are; ``over`` names the
    environment that another one lies over, which has to be there too.
    """

    def __init__(
        self,
        cells: Iterable[Cell],
        of: int,
        seconds: Callable[[Save, int], float],
        over: Mapping[str, str] | None = None,
    ) -> None:
        self._line = units_of(cells, seconds, over or {})
        self.of = of
        self.parts = self._cut()

    def cells(self, part: int, planned: Sequence[Cell]) -> list[Cell]:
        """Return the cells of one part, counted from 1, in the order that they are planned in."""
        mine = {cell.key for cell in self.parts[part - 1].cells}
        return [cell for cell in planned if cell.key in mine]

    @property
    def digest(self) -> str:
        """A hash of what is in which part: parts with the same one belong together."""
        names = [sorted(cell.key for cell in part.cells) for part in self.parts]
        return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]

    def _cut(self) -> list[Part]:
        """Return the parts, of which the most expensive one is as cheap as this line allows."""
        alone = [_together([unit]).cost() for unit in self._line]
        least, most = max(alone, default=0), sum(alone)
        while least < most:
            middle = (least + most) // 2
            if len(self._filled(middle)) <= self.of:
                most = middle
            else:
                least = middle + 1
        parts = self._filled(least)
        while len(parts) < self.of:
            parts = _one_more(parts)
        return parts

    def _filled(self, most: int) -> list[Part]:
        """Return as few parts as there can be if none may cost more than so many milliseconds."""
        parts = [Part()]
        for unit in self._line:
            if parts[-1].units and parts[-1].cost(unit) > most:
                parts.append(Part())
            parts[-1].add(unit)
        return parts


def _one_more(parts: list[Part]) -> list[Part]:
    """Cut the longest part that can be cut into halves; where none can, add an empty one."""
    able = [number for number, part in enumerate(parts) if len(part.units) > 1]
    if not able:
        return [*parts, Part()]
    number = max(able, key=lambda one: parts[one].milliseconds)
    units, half = parts[number].units, parts[number].milliseconds / 2
    cut, before = 1, units[0].milliseconds
    while cut < len(units) - 1 and before + units[cut].milliseconds <= half:
        before += units[cut].milliseconds
        cut += 1
    return [*parts[:number], _together(units[:cut]), _together(units[cut:]), *parts[number + 1 :]]


def _together(units: Iterable[Unit]) -> Part:
    part = Part()
    for unit in units:
        part.add(unit)
    return part


def _place(save: Save) -> tuple[object, ...]:
    """Return where a save is in the line: an environment's saves are beside one another."""
    return environment_order(save.producer), save.case.name, save.remedy.name

"""What follows when a step ends: which steps can begin, and which cells have come out.

Nothing is run, read or written here. A save brings conversions and loads, a conversion brings the
loads that wait for it, and whatever does not pass ends every cell that needs it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from savedmodel_matrix.model.cell import Cell, convert_of, load_of, save_of
from savedmodel_matrix.model.format import format_named
from savedmodel_matrix.model.steps import Convert, Load, Made, Save, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from savedmodel_matrix.model.verdict import Verdict


@dataclass(frozen=True)
class Outcome:
    """How a cell came out: the verdict on its save and, where there was one, on what ended it."""

    cell: Cell
    save: Verdict
    load: Verdict | None = None

    @property
    def last(self) -> Verdict:
        """The verdict that the cell's status is."""
        return self.load or self.save


@dataclass
class Next:
    """What follows: steps that can begin now, and cells that have come out."""

    steps: list[Step] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


class Agenda:
    """The steps of a run's cells in their order.

    ``recall`` returns what is known already of a save or a conversion, None if it has to be run.
    """

    def __init__(self, recall: Callable[[Save | Convert], Verdict | None]) -> None:
        self._recall = recall
        self._cells: dict[Save, list[Cell]] = defaultdict(list)
        self._waiting: dict[Convert, list[Cell]] = defaultdict(list)
        self._cell_of: dict[Load, Cell] = {}
        self._made: dict[Save | Convert, Verdict] = {}

    def made(self, step: Save | Convert) -> Verdict | None:
        """Return the verdict on a save or a conversion that has ended or was known."""
        return self._made.get(step)

    def sharing(self, save: Save) -> int:
        """Return how many cells this run has of that save."""
        return len(self._cells[save])

    def begin(self, cells: Iterable[Cell], cost: Callable[[Save], float] = lambda _: 0.0) -> Next:
        """Take in cells that are not known; those that cost most begin first."""
        saves: list[Save] = []
        late: list[Cell] = []  # whose artifact was made before they were announced
        for cell in cells:
            save = save_of(cell)
            self._cell_of[load_of(cell)] = cell
            if save in self._made:
                late.append(cell)
            elif save not in self._cells:
                saves.append(save)
            self._cells[save].append(cell)
        found = self._follow(late)
        for save in sorted(saves, key=cost, reverse=True):
            known = self._recall(save)
            if known is None or known.status != "pass":
                found.steps.append(save)
                continue
            self._made[save] = known
            _add(found, self._follow(self._cells[save]))
        return found

    def ended(self, step: Step, verdict: Verdict) -> Next:
        """Take in a step's verdict, also that it could not be run; return what follows."""
        if isinstance(step, Load):
            if step.loader is None or not isinstance(step.artifact, Made):
                return Next()
            save = self._made[step.artifact.save]
            return Next(outcomes=[Outcome(self._cell_of[step], save, verdict)])
        self._made[step] = verdict
        if isinstance(step, Convert):
            return self._follow(self._waiting.pop(step, ()))
        found = self._follow(self._cells[step])
        if verdict.status == "pass" and format_named(step.remedy.writes).has_signatures:
            found.steps.append(Load(Made(step), None, step.producer))
        return found

    def _follow(self, cells: Iterable[Cell]) -> Next:
        found = Next()
        for cell in cells:
            made, convert = self._made[save_of(cell)], convert_of(cell)
            converted = self._converted(convert) if convert and made.status == "pass" else None
            if made.status != "pass":
                found.outcomes.append(Outcome(cell, made))
            elif convert is None or (converted and converted.status == "pass"):
                found.steps.append(load_of(cell))
            elif converted:
                found.outcomes.append(Outcome(cell, made, converted))
            else:
                if convert not in self._waiting:
                    found.steps.append(convert)
                self._waiting[convert].append(cell)
        return found

    def _converted(self, convert: Convert) -> Verdict | None:
        if convert not in self._made and (known := self._recall(convert)):
            self._made[convert] = known
        return self._made.get(convert)


def _add(found: Next, more: Next) -> None:
    found.steps += more.steps
    found.outcomes += more.outcomes

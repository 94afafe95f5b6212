"""What is known already: which cells need no step, and which saves and conversions stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.engine.agenda import Outcome
from savedmodel_matrix.model.cell import Cell, convert_of, load_of, save_of
from savedmodel_matrix.model.steps import Convert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.engine.keys import Keys
    from savedmodel_matrix.engine.resting import Resting
    from savedmodel_matrix.model.limits import Limits
    from savedmodel_matrix.model.steps import Save, Step
    from savedmodel_matrix.model.verdict import Judged
    from savedmodel_matrix.store.memory import Store


class Recall:
    """Asks the store by key, and whether what a record rests on is as it was.

    With ``fresh`` nothing is known.
    """

    def __init__(
        self, store: Store, keys: Keys, limits: Limits, resting: Resting, *, fresh: bool
    ) -> None:
        self._store, self._keys, self._limits, self._fresh = store, keys, limits, fresh
        self._resting = resting

    def made(self, step: Save | Convert) -> Judged | None:
        """Return what is known of a save or a conversion whose artifact, if any, is still there."""
        save = self.made(step.save) if isinstance(step, Convert) else None
        return self._made(step, save)

    def _made(self, step: Save | Convert, save: Judged | None) -> Judged | None:
        """Return the same, of a conversion of what ``save`` made."""
        if self._fresh:
            return None
        known = self._store.known_made(self._keys.of(step), self._limits)
        return known if known and self._resting.holds(step, known, lambda _: save) else None

    def look_up(self, cells: Iterable[Cell]) -> None:
        """Ask the store for everything about these cells at once."""
        if not self._fresh:
            self._store.look_up(self._keys.of(step) for cell in cells for step in _steps(cell))

    def outcome(self, cell: Cell) -> Outcome | None:
        """Return the cell's outcome if everything that it takes is known.

        A save or conversion that did not pass is the end of the cells that need it.
        """
        step = save_of(cell)
        save = self.made(step)
        if save is None or save.status != "pass":
            return Outcome(cell, save) if save else None
        made: dict[Save | Convert, Judged] = {step: save}
        if convert := convert_of(cell):
            converted = self._made(convert, save)
            if converted is None or converted.status != "pass":
                return Outcome(cell, save, converted) if converted else None
            made[convert] = converted
        loading = load_of(cell)
        load = self._store.known_load(self._keys.of(loading), self._limits)
        holds = load and self._resting.holds(loading, load, made.get)
        return Outcome(cell, save, load) if holds else None


def _steps(cell: Cell) -> list[Step]:
    """Return the steps that the cell takes."""
    convert = convert_of(cell)
    return [save_of(cell), *([convert] if convert else []), load_of(cell)]

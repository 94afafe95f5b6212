"""The cross cells of a case: a sentence where it makes no difference who loads, else grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import environment_order, key_of
from savedmodel_matrix.views.report.places import Way, Where, together
from savedmodel_matrix.views.report.views import Mark, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.views.report.facts import Cell, Facts

Pair = tuple[str, str]  # producer, consumer


@dataclass(frozen=True)
class Field:
    """One pair in a grid; on the diagonal it is no cross cell."""

    mark: Mark
    straight: bool


@dataclass(frozen=True)
class CellGrid:
    """Outcomes by producer and consumer, and the remedies and loaders with which they are these."""

    where: tuple[Where, ...]
    consumers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Field | None, ...]], ...]


@dataclass(frozen=True)
class Crossed:
    """The cross cells of a case."""

    number: int
    same: tuple[Where, ...]  # where every consumer comes to what the producer itself does
    grids: tuple[CellGrid, ...]


def crossed(facts: Facts, case: str, outcome_of: Mapping[tuple[str, ...], str]) -> Crossed:
    """Return the cross cells of a case; ``outcome_of``: the anchor of each cell's outcome.

    ``facts`` are those of the whole report.
    """
    cells = facts.crossed_of.get(case, ())
    ways: dict[Way, dict[Pair, Cell]] = {}
    for cell in cells:
        pair = cell["producer"], cell["consumer"]
        ways.setdefault((cell["remedy"], cell["loader"]), {})[pair] = cell
    same: dict[Way, str] = {}
    patterns: dict[tuple[tuple[Pair, str], ...], list[Way]] = {}
    for (remedy, loader), pairs in ways.items():
        for producer in facts.columns:
            if straight := facts.at(case, remedy, loader, producer):
                pairs[producer, straight["consumer"]] = straight
        ends = {pair: outcome_of[key_of(cell)] for pair, cell in pairs.items()}
        by_producer: dict[str, set[str]] = {}
        for (producer, _), end in ends.items():
            by_producer.setdefault(producer, set()).add(end)
        if all(len(found) == 1 for found in by_producer.values()):
            same[remedy, loader] = ""
        else:
            patterns.setdefault(tuple(sorted(ends.items())), []).append((remedy, loader))
    return Crossed(
        len(cells),
        together(facts, same),
        tuple(
            _grid(facts, dict.fromkeys(sharing, ""), ways[sharing[0]], dict(ends))
            for ends, sharing in patterns.items()
        ),
    )


def _grid(
    facts: Facts, sharing: Mapping[Way, str], cells: Mapping[Pair, Cell], ends: Mapping[Pair, str]
) -> CellGrid:
    consumers = _ordered(consumer for _, consumer in cells)

    def field(producer: str, consumer: str) -> Field | None:
        cell = cells.get((producer, consumer))
        if cell is None:
            return None
        straight = consumer == facts.own.get(cell["loader"], producer)
        return Field(mark(cell, facts, f"#{ends[producer, consumer]}"), straight)

    return CellGrid(
        together(facts, sharing),
        consumers,
        tuple(
            (producer, tuple(field(producer, consumer) for consumer in consumers))
            for producer in _ordered(producer for producer, _ in cells)
        ),
    )


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=environment_order))

"""The cross cells of one case and remedy: grids, and below them each outcome once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import environment_order, key_of
from savedmodel_matrix.views.report.names import anchor_of, outcome_anchor
from savedmodel_matrix.views.report.views import Mark, command, href_of, mark, sentence_of
from savedmodel_matrix.views.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.views.report.causes import Cause
    from savedmodel_matrix.views.report.facts import Cell, Facts

SHOWN_MESSAGE = 2_000  # characters; all of it is in the data


@dataclass(frozen=True)
class Field:
    """One pair in a grid: its outcome, and its anchor where no other place on the page has it."""

    mark: Mark
    anchor: str


@dataclass(frozen=True)
class Outcome:
    """What several pairs have in common, told once."""

    anchor: str
    status: str
    sentence: str
    number: int
    pairs: tuple[str, ...]
    reason: str
    cause: Cause | None
    message: str
    command: str


@dataclass(frozen=True)
class CellGrid:
    """One loader's cells by producer and consumer; those on the diagonal are no cross cells."""

    loader: str
    consumers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Field | None, ...]], ...]
    outcomes: tuple[Outcome, ...]  # of cross cells, the most frequent first


def cell_grids(
    facts: Facts, case: str, remedy: str, causes: Mapping[tuple[str, ...], Cause]
) -> tuple[CellGrid, ...]:
    """Return a grid for each loader that has cross cells of this case and remedy."""
    by_loader: dict[str, list[Cell]] = {}
    for cell in facts.crossed_of.get((case, remedy), ()):
        by_loader.setdefault(cell["loader"], []).append(cell)
    return tuple(
        _grid(facts, case, remedy, loader, by_loader[loader], causes)
        for loader in facts.loader_names
        if loader in by_loader
    )


def _grid(
    facts: Facts,
    case: str,
    remedy: str,
    loader: str,
    crossed: Sequence[Cell],
    causes: Mapping[tuple[str, ...], Cause],
) -> CellGrid:
    straight = (facts.at(case, remedy, loader, column) for column in facts.columns)
    diagonal = {cell["producer"]: cell for cell in straight if cell}
    producers = _ordered([*diagonal, *(cell["producer"] for cell in crossed)])
    consumers = _ordered([*diagonal, *(cell["consumer"] for cell in crossed)])
    known = {(cell["producer"], cell["consumer"]): cell for cell in crossed}
    ways = _ways(crossed, causes)
    anchors = {way: outcome_anchor(loader, n) for n, way in enumerate(ways, start=1)}

    def field(producer: str, consumer: str) -> Field | None:
        if producer == consumer and producer in diagonal:
            return Field(mark(diagonal[producer], facts), "")
        cell = known.get((producer, consumer))
        if cell is None:
            return None
        place = f"{href_of(cell).partition('#')[0]}#{anchors[_way(cell, causes)]}"
        return Field(mark(cell, facts, place), anchor_of(producer, loader, consumer))

    return CellGrid(
        loader,
        consumers,
        tuple((one, tuple(field(one, other) for other in consumers)) for one in producers),
        tuple(
            _outcome(cells, anchors[way], producers, consumers, causes)
            for way, cells in ways.items()
        ),
    )


def _ways(
    cells: Sequence[Cell], causes: Mapping[tuple[str, ...], Cause]
) -> dict[tuple[str, ...], list[Cell]]:
    """Return the cells by how they ended and why, the most frequent end first."""
    number = Counter(_way(cell, causes) for cell in cells)
    ways: dict[tuple[str, ...], list[Cell]] = {way: [] for way, _ in number.most_common()}
    for cell in cells:
        ways[_way(cell, causes)].append(cell)
    return ways


def _way(cell: Cell, causes: Mapping[tuple[str, ...], Cause]) -> tuple[str, ...]:
    cause = causes.get(key_of(cell))
    return cell["status"], cell["stage"], cell["reason"], cause.anchor if cause else ""


def _outcome(
    cells: Sequence[Cell],
    anchor: str,
    producers: Sequence[str],
    consumers: Sequence[str],
    causes: Mapping[tuple[str, ...], Cause],
) -> Outcome:
    first = cells[0]
    message = first.get("message", "")
    if len(message) > SHOWN_MESSAGE:
        message = f"{message[:SHOWN_MESSAGE]} […]"
    return Outcome(
        anchor,
        first["status"],
        sentence_of(first),
        len(cells),
        _pairs(cells, producers, consumers),
        first["reason"],
        causes.get(key_of(first)),
        message if message != first["reason"] else "",
        command(first),
    )


def _pairs(
    cells: Iterable[Cell], producers: Sequence[str], consumers: Sequence[str]
) -> tuple[str, ...]:
    """Return pairs in words, producers that go with the same consumers together."""
    loading: dict[str, set[str]] = {}
    for cell in cells:
        loading.setdefault(cell["producer"], set()).add(cell["consumer"])
    together: dict[str, list[str]] = {}
    for one, others in loading.items():
        every = others == {*consumers} - {one} and len(others) > 1
        words = "every other environment" if every else span(others, consumers)
        together.setdefault(words, []).append(one)
    return tuple(f"{span(names, producers)} → {words}" for words, names in together.items())


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=environment_order))

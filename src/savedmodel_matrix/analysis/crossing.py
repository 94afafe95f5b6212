"""Who loads what was saved: the same environment, a loader's own, or another, which is a cross.

The only place that tells a cross cell from the others. Tables have the producers as their columns,
because each producer has one consumer there; cross cells are shown in grids.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from savedmodel_matrix.analysis.counting import RANK, Counts
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Cell = TypeVar("Cell", bound="Mapping[str, Any]")
Pair = tuple[str, str]  # producer, consumer


@dataclass(frozen=True)
class Grid:
    """How many cases pass with one loader, by producer and consumer; its diagonal is no cross."""

    loader: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    written: Mapping[Pair, Counts]  # as written
    # Of each case, the remedy that does best for this very pair; of a pair that ran with fewer than
    # half of what the fullest one ran with, nothing: its best is unknown.
    best: Mapping[Pair, Counts]
    crossed: Counts  # all cross cells, whatever the remedy


def own_environments(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return by loader the environment that loads for it, whoever saved.

    A loader has one of its own if all its cells have that one consumer, and nothing in the table
    was ever saved there. Of several such consumers, versions of a runtime, it is the one that the
    loader is named for; what the others load are cross cells.
    """
    consumers: dict[str, set[str]] = {}
    producers: set[str] = set()
    for cell in cells:
        consumers.setdefault(cell["loader"], set()).add(cell["consumer"])
        producers.add(cell["producer"])
    return {
        loader: loader if loader in names else next(iter(names))
        for loader, names in consumers.items()
        if (len(names) == 1 or loader in names) and not names & producers
    }


def apart(cells: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Return the cells that the producer or the loader's own environment loads, and the others."""
    own = own_environments(cells)
    straight: list[Cell] = []
    crossed: list[Cell] = []
    for cell in cells:
        loads = own.get(cell["loader"], cell["producer"])
        (straight if cell["consumer"] == loads else crossed).append(cell)
    return straight, crossed


def heading(loader: str, own: Mapping[str, str]) -> str:
    """Return a loader's name, with the environment that loads for it where that is not plain."""
    where = own.get(loader, loader)
    return loader if where == loader else f"{loader} in {where}"


def grids(cells: Sequence[Mapping[str, Any]]) -> tuple[Grid, ...]:
    """Return a grid for each loader that has cross cells, by name."""
    _, crossed = apart(cells)
    loaders = {cell["loader"] for cell in crossed}
    by_loader: dict[str, list[Mapping[str, Any]]] = {loader: [] for loader in sorted(loaders)}
    for cell in cells:
        if cell["loader"] in loaders:
            by_loader[cell["loader"]].append(cell)
    others = Counter((cell["loader"], cell["status"]) for cell in crossed)
    return tuple(
        _grid(loader, of_it, Counts({s: n for (name, s), n in others.items() if name == loader}))
        for loader, of_it in by_loader.items()
    )


def _grid(loader: str, cells: Iterable[Mapping[str, Any]], crossed: Counts) -> Grid:
    written: dict[Pair, Counter[str]] = {}
    best: dict[tuple[Pair, str], str] = {}
    ran = Counter[Pair]()
    for cell in cells:
        pair, status = (cell["producer"], cell["consumer"]), cell["status"]
        ran[pair] += 1
        if cell["remedy"] == AS_WRITTEN:
            written.setdefault(pair, Counter())[status] += 1
        key = pair, cell["case"]
        best[key] = min(status, best.get(key, status), key=RANK.__getitem__)
    bests: dict[Pair, Counter[str]] = {}
    fullest = max(ran.values(), default=0)
    for (pair, _), status in best.items():
        if ran[pair] * 2 >= fullest:
            bests.setdefault(pair, Counter())[status] += 1
    return Grid(
        loader=loader,
        producers=_ordered(producer for producer, _ in ran),
        consumers=_ordered(consumer for _, consumer in ran),
        written={pair: Counts(counted) for pair, counted in written.items()},
        best={pair: Counts(counted) for pair, counted in bests.items()},
        crossed=crossed,
    )


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=environment_order))

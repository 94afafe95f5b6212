"""In which environments and loaders cells are, as in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.views.wording import few, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.model.table import Row


def where(rows: Sequence[Row], environments: Sequence[str], own: Mapping[str, str]) -> str:
    """Say in which environments and loaders these cells are.

    ``environments`` are the producers, in order; ``own`` are the environments of loaders that have
    one of their own.
    """
    loads = [(row, own.get(row["loader"], row["producer"])) for row in rows]
    crosses = [row for row, consumer in loads if row["consumer"] != consumer]
    crossed = _crossed([(row["producer"], row["consumer"]) for row in crosses], environments)
    straight = (row["producer"] for row, consumer in loads if row["consumer"] == consumer)
    places = ", ".join(filter(None, [span(straight, environments), *few(crossed)]))
    return f"in {places}; {', '.join(few(distinct(rows, 'loader')))}"


def distinct(rows: Iterable[Row], column: str) -> list[str]:
    """Return what the rows have in a column, each once, in their order."""
    return list(dict.fromkeys(row[column] for row in rows))


def _crossed(pairs: Iterable[tuple[str, str]], environments: Sequence[str]) -> list[str]:
    """Name pairs of producer and consumer, as one span where they are all that the two can make."""
    known = list(dict.fromkeys(pairs))
    producers, consumers = ({pair[side] for pair in known} for side in (0, 1))
    every = [(p, c) for p in producers for c in consumers if p != c]
    if len(known) > 1 and set(known) == set(every):
        saved, loaded = (span(names, environments) for names in (producers, consumers))
        return [f"saved in {saved} and loaded in {loaded}"]
    return [f"{producer} → {consumer}" for producer, consumer in known]

"""In which environments and loaders cells are, as in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.families import families
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
    places = ", ".join(filter(None, [by_family(straight, environments), *few(crossed)]))
    return f"in {places}; {', '.join(few(distinct(rows, 'loader')))}"


def by_family(names: Iterable[str], environments: Sequence[str]) -> str:
    """Return environments as spans of those that differ in one version only.

    As in "tf2.15 to tf2.21, keras3.4", whatever other environments are between these in order.
    """
    wanted = set(names)
    if wanted >= set(environments) and len(wanted) > 1:
        return span(wanted, environments)
    known = families([*environments, *wanted])
    # The gap at the end keeps a whole family from being called every environment.
    spans = (span(wanted & {*one.environments}, [*one.environments, ""]) for one in known)
    return ", ".join(filter(None, spans))


def distinct(rows: Iterable[Row], column: str) -> list[str]:
    """Return what the rows have in a column, each once, in their order."""
    return list(dict.fromkeys(row[column] for row in rows))


def _crossed(pairs: Iterable[tuple[str, str]], environments: Sequence[str]) -> list[str]:
    """Name pairs of producer and consumer, as one span where they are all that the two can make."""
    known = list(dict.fromkeys(pairs))
    producers, consumers = ({pair[side] for pair in known} for side in (0, 1))
    every = [(p, c) for p in producers for c in consumers if p != c]
    if len(known) > 1 and set(known) == set(every):
        saved, loaded = (by_family(names, environments) for names in (producers, consumers))
        return [f"saved in {saved} and loaded in {loaded}"]
    return [f"{producer} → {consumer}" for producer, consumer in known]


def every_place(rows: Sequence[Row], environments: Sequence[str], own: Mapping[str, str]) -> str:
    """Name every environment that these cells are in, cross cells by both, leaving none out."""
    consumers: dict[str, list[str]] = {}
    straight = []
    for row in rows:
        if row["consumer"] == own.get(row["loader"], row["producer"]):
            straight.append(row["producer"])
        else:
            consumers.setdefault(row["producer"], []).append(row["consumer"])
    crossed = [
        f"{producer} → {by_family(names, environments)}" for producer, names in consumers.items()
    ]
    return "; ".join(filter(None, [by_family(straight, environments), *crossed]))

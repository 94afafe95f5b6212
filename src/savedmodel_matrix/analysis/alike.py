"""Cases that behave alike: the same outcome in every environment, remedy and loader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.model.table import KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Behaviour = frozenset[tuple[tuple[str, ...], str]]


def behaviours(cells: Iterable[Mapping[str, Any]]) -> dict[str, Behaviour]:
    """Return what each case does: the status and stage of each of its cells."""
    found: dict[str, set[tuple[tuple[str, ...], str]]] = {}
    for row in cells:
        place = tuple(row[column] for column in KEY if column != "case")
        found.setdefault(row["case"], set()).add((place, outcome(row)))
    return {case: frozenset(cells) for case, cells in found.items()}


def alike(cells: Iterable[Mapping[str, Any]], order: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the groups of cases that behave alike, by the first of each in ``order``.

    A case that behaves like no other is a group of its own. What ``order`` does not name comes
    after it, by name.
    """
    known = behaviours(cells)
    named = [case for case in order if case in known]
    groups: dict[Behaviour, list[str]] = {}
    for case in [*named, *sorted(known.keys() - set(named))]:
        groups.setdefault(known[case], []).append(case)
    return {cases[0]: tuple(cases) for cases in groups.values()}


def likeness(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return by case which other it behaves like; the first of each group is left out."""
    return {case: first for first, cases in groups.items() for case in cases[1:]}

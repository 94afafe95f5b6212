"""The page of a case: all of its cells, in every part of the report, each outcome once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.views.report.case_scripts import case_scripts
from savedmodel_matrix.views.report.case_tables import tables
from savedmodel_matrix.views.report.crosses import crossed
from savedmodel_matrix.views.report.outcomes import outcomes
from savedmodel_matrix.views.report.places import Where
from savedmodel_matrix.views.wording import span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from savedmodel_matrix.views.report.causes import Cause
    from savedmodel_matrix.views.report.facts import Cell, Facts
    from savedmodel_matrix.views.report.recommend import Advice


def case_context(
    facts: Facts,
    case: str,
    causes: Mapping[tuple[str, ...], Cause],
    advice: Sequence[Advice],
) -> dict[str, Any]:
    """Return what the template of a case's page needs; ``facts`` are those of the front page."""
    whole = facts.whole
    outcome_of, told = outcomes(whole, case, causes)
    cells = whole.by_case[case]
    return {
        "case": whole.cases[case],
        "advice": advice,
        "remedies": [
            name for name in whole.remedy_names if any(cell["remedy"] == name for cell in cells)
        ],
        "tables": tables(facts, case, outcome_of),
        "parts": [
            (inner, found) for inner in facts.parts if (found := tables(inner, case, outcome_of))
        ],
        "crossed": crossed(whole, case, outcome_of),
        "outcomes": told,
        "number": len(cells),
        "scripts": case_scripts(facts, case),
        "signatures": _saved(whole, cells, lambda cell: cell["signature"]),
        "objects": _saved(whole, cells, _objects),
    }


def _objects(cell: Cell) -> str:
    """Return which Keras the saved object came from, as far as it came that far."""
    known: Mapping[str, str] = cell.get("keras") or {}
    return ", ".join(f"{name} {version}" for name, version in sorted(known.items()))


def _saved(
    facts: Facts, cells: Sequence[Cell], told: Callable[[Cell], str]
) -> list[tuple[str, tuple[Where, ...]]]:
    """Return what is told of artifacts, with the remedies and the environments that wrote it so."""
    found: dict[str, dict[str, set[str]]] = {}
    for cell in cells:
        if text := told(cell):
            producers = found.setdefault(text, {}).setdefault(cell["remedy"], set())
            producers.add(cell["producer"])
    return [(text, _where(facts, remedies)) for text, remedies in found.items()]


def _where(facts: Facts, remedies: Mapping[str, set[str]]) -> tuple[Where, ...]:
    together: dict[str, list[str]] = {}
    for remedy in facts.remedy_names:
        if remedy in remedies:
            words = span(remedies[remedy], facts.environments)
            together.setdefault(words, []).append(remedy)
    return tuple(Where(tuple(names), (), words) for words, names in together.items())

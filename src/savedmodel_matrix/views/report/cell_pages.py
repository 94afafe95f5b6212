"""The page of one case and remedy: every cell of it with all that is known, by environment."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.table import STAGES
from savedmodel_matrix.views.report.crosses import cell_grids
from savedmodel_matrix.views.report.facts import Cell, Facts, key_of
from savedmodel_matrix.views.report.names import anchor_of, safe
from savedmodel_matrix.views.report.views import command, href_of, mark, sentence_of
from savedmodel_matrix.views.wording import in_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.views.report.causes import Cause

SHOWN_CELLS = 6  # on other pages, with the same root cause
SHOWN_PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "tf-keras", "numpy", "protobuf")


@dataclass
class _Told:
    """What a page has said already, with the anchor of the cell that said it."""

    at: dict[tuple[str, str], str] = field(default_factory=dict)

    def before(self, kind: str, content: str, anchor: str) -> str:
        """Return the anchor of an earlier cell that said the same, or "" if this is the first."""
        first = self.at.setdefault((kind, content), anchor) if content else anchor
        return "" if first == anchor else first


def cell_page(
    facts: Facts, case: str, remedy: str, causes: Mapping[tuple[str, ...], Cause]
) -> dict[str, Any] | None:
    """Return what the template needs, or None if the case has no cell with this remedy."""
    cells = {
        (column, loader): cell
        for column in facts.columns
        for loader in facts.loader_names
        if (cell := facts.at(case, remedy, loader, column))
    }
    grids = cell_grids(facts, case, remedy, causes)
    if not cells and not grids:
        return None
    marks = {place: mark(cell, facts) for place, cell in cells.items()}
    told = _Told()
    return {
        "case": facts.cases[case],
        "remedy": facts.remedies[remedy],
        "columns": facts.columns,
        "grids": grids,
        "rows": [
            (loader, [marks.get((column, loader)) for column in facts.columns])
            for loader in facts.loader_names
            if any((column, loader) in cells for column in facts.columns)
        ],
        "places": [
            {
                "name": column,
                "anchor": safe(column),
                "packages": _packages(facts, column, here),
                "objects": _objects(here),
                "cells": [_cell(facts, cell, causes, told) for cell in here],
            }
            for column in facts.columns
            if (here := [c for (place, _), c in cells.items() if place == column])
        ],
        "signatures": _signatures(cells.values()),
    }


def _cell(
    facts: Facts, cell: Cell, causes: Mapping[tuple[str, ...], Cause], told: _Told
) -> dict[str, Any]:
    anchor = anchor_of(cell["producer"], cell["loader"], cell["consumer"])
    cause = causes.get(key_of(cell))
    others: list[Cell] = []
    if cause and not told.before("cause", cause.anchor, anchor):
        here = (cell["case"], cell["remedy"])
        others = [one for one in cause.cells if (one["case"], one["remedy"]) != here]
    seconds = cell.get("seconds") or {}
    message, traceback = cell.get("message", ""), cell.get("traceback", "")
    if message in (cell["reason"], traceback):
        message = ""
    numbers = cell.get("numbers") or []
    return {
        "anchor": anchor,
        "loader": cell["loader"],
        "status": cell["status"],
        "reason": cell["reason"],
        "sentence": sentence_of(cell),
        "flaky": _two_ways(facts, cell),
        "stages": " → ".join(f"{s} {seconds[s]:.2f} s" for s in STAGES if s in seconds),
        "error": _error(cell.get("largest_error")),
        "cause": cause,
        "sharing": len(cause.cells) - 1 if cause else 0,
        "others": [(href_of(other), mark(other, facts).label) for other in others[:SHOWN_CELLS]],
        "more": max(0, len(others) - SHOWN_CELLS),
        "message": message,
        "message_at": told.before("message", message, anchor),
        "traceback": traceback,
        "traceback_at": told.before("traceback", traceback, anchor),
        "numbers": numbers,
        "numbers_at": told.before("numbers", json.dumps(numbers) if numbers else "", anchor),
        "command": command(cell),
    }


def _two_ways(facts: Facts, cell: Cell) -> list[str]:
    """Return what the two runs of a selfcheck made of a flaky cell, in words."""
    found = facts.flaky.get(key_of(cell), {})
    ways = [found[run] for run in ("first", "second") if run in found]
    return [
        f"{in_sentence(way['status'], way['stage'])}"
        + (f" ({way['reason']})" if way.get("reason") else "")
        for way in ways
    ]


def _error(largest: Mapping[str, Any] | None) -> str:
    if not largest:
        return ""
    if largest["absolute"] is None:
        return f"not finite, in {largest['output']}"
    relative = largest["relative"] or 0.0
    if not largest["absolute"]:
        return "0"
    return f"{largest['absolute']:.2g} absolute, {relative:.2g} relative, in {largest['output']}"


def _packages(facts: Facts, column: str, cells: list[Cell]) -> list[tuple[str, str, str]]:
    """Return, once for each environment of a column: its role, its name, what is in it."""
    consumers = dict.fromkeys(cell["consumer"] for cell in cells)
    roles = {column: "Producer and consumer" if column in consumers else "Producer"}
    roles |= {name: "Consumer" for name in consumers if name != column}
    found = []
    for name, role in roles.items():
        packages = facts.run.get("environments", {}).get(name, {}).get("packages", {})
        shown = ", ".join(f"{p} {packages[p]}" for p in SHOWN_PACKAGES if p in packages)
        found.append((role, name, shown))
    return found


def _objects(cells: list[Cell]) -> str:
    """Return which Keras the saved object came from, as far as it came that far."""
    known: Mapping[str, str] = next((cell["keras"] for cell in cells if cell.get("keras")), {})
    return ", ".join(f"{name} {version}" for name, version in sorted(known.items()))


def _signatures(cells: Any) -> list[tuple[str, list[str]]]:
    """Return each signature that the artifacts have, with the environments that wrote it so."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        producers = found.setdefault(cell["signature"], []) if cell["signature"] else []
        if cell["producer"] not in producers:
            producers.append(cell["producer"])
    return list(found.items())

"""The page of one case and remedy: every cell of it with all that is known."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.report.facts import Cell, Facts, column_name
from savedmodel_matrix.report.names import anchor_of
from savedmodel_matrix.report.views import href_of, mark, sentence_of
from savedmodel_matrix.table import FAILURES, STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.report.causes import Cause

SHOWN_CELLS = 6  # on other pages, with the same root cause


def cell_page(
    facts: Facts, case: str, remedy: str, causes: Mapping[str, Cause]
) -> dict[str, Any] | None:
    """Return what the template needs, or None if the case has no cell with this remedy."""
    rows: list[tuple[str, list[Any]]] = []
    cells: list[Cell] = []
    for loader in facts.loader_names:
        found = [
            facts.by_key.get((case, remedy, producer, loader, consumer))
            for producer, consumer in facts.columns
        ]
        if any(found):
            rows.append((loader, [mark(cell) if cell else None for cell in found]))
            cells += [cell for cell in found if cell]
    if not cells:
        return None
    told: dict[str, str] = {}
    return {
        "case": facts.cases[case],
        "remedy": facts.remedies[remedy],
        "columns": [column_name(*column) for column in facts.columns],
        "rows": rows,
        "cells": [_cell(facts, cell, causes, told) for cell in cells],
        "signatures": _signatures(cells),
    }


def _cell(
    facts: Facts,
    cell: Cell,
    causes: Mapping[str, Cause],
    told: dict[str, str],
) -> dict[str, Any]:
    anchor = anchor_of(cell["producer"], cell["loader"], cell["consumer"])
    failed = cell["status"] in FAILURES
    cause = causes.get(cell["fingerprint"]) if failed else None
    # Cells of one page often end in the same lines, of the same cause: that is told once.
    traceback = cell.get("traceback", "")
    first = told.setdefault(traceback, anchor) if traceback else ""
    others = []
    if cause and told.setdefault(cause.fingerprint, anchor) == anchor:
        here = (cell["case"], cell["remedy"])
        others = [one for one in cause.cells if (one["case"], one["remedy"]) != here]
    seconds = cell.get("seconds") or {}
    return {
        "anchor": anchor,
        "cell": cell,
        "mark": mark(cell),
        "sentence": sentence_of(cell),
        "where": column_name(cell["producer"], cell["consumer"]),
        "stages": [(stage, seconds[stage]) for stage in STAGES if stage in seconds],
        "cause": cause,
        "others": [(href_of(other), mark(other)) for other in others[:SHOWN_CELLS]],
        "others_count": len(others),
        "sharing": len(cause.cells) - 1 if cause else 0,
        "traceback": traceback if first == anchor else "",
        "traceback_at": first if first != anchor else "",
        "command": command(cell),
        "numbers": cell.get("numbers") or [],
        "keras": ", ".join(f"{name} {v}" for name, v in sorted(cell.get("keras", {}).items())),
        "packages": [
            (role, name, facts.run.get("environments", {}).get(name, {}).get("packages", {}))
            for role, name in (("producer", cell["producer"]), ("consumer", cell["consumer"]))
        ],
    }


def command(cell: Cell) -> str:
    """Return the line that reproduces one cell."""
    words = ["nox", "-s", "matrix", "--", "--fresh"]
    for option in ("case", "remedy", "loader"):
        words += [f"--{option}", cell[option]]
    if cell["producer"] == cell["consumer"]:
        words += ["--environment", cell["producer"]]
    else:
        words += ["--producer", cell["producer"], "--consumer", cell["consumer"]]
    return shlex.join(words)


def _signatures(cells: list[Cell]) -> list[tuple[str, list[str]]]:
    """Return each signature that the artifacts have, with the environments that wrote it so."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        producers = found.setdefault(cell["signature"], []) if cell["signature"] else []
        if cell["producer"] not in producers:
            producers.append(cell["producer"])
    return list(found.items())

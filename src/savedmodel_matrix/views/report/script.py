"""The data of the scripts of a matrix: names, and every cell in as few numbers as tell it.

`static/matrix.js` turns it into what the other scripts read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.versions import FIRST, differing
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.report.names import anchor_of, case_page, safe
from savedmodel_matrix.views.report.views import word_of
from savedmodel_matrix.views.wording import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.views.report.causes import Cause
    from savedmodel_matrix.views.report.facts import Facts
    from savedmodel_matrix.views.report.recommend import Advice, Choice

SCRIPT = "data/outcomes.js"


def script(
    facts: Facts,
    advice: Mapping[str, Sequence[Advice]],
    cause_of: Mapping[tuple[str, ...], Cause],
    chosen: Mapping[tuple[str, str], Choice],
) -> str:
    """Return the data as a script, so that it needs no server. ``cause_of``: by `key_of`."""
    data = script_data(facts, advice, cause_of, chosen)
    return f"window.matrix = {json.dumps(data, separators=(',', ':'))};\n"


def script_data(
    facts: Facts,
    advice: Mapping[str, Sequence[Advice]],
    cause_of: Mapping[tuple[str, ...], Cause],
    chosen: Mapping[tuple[str, str], Choice],
) -> dict[str, Any]:
    """Return what the scripts need to show any view. Names are as the pages show them.

    ``at`` has an index into ``rows`` by case, remedy and loader, -1 where there is no cell. A row
    has two numbers a column: the outcome and the root cause of a cell, -1 where there is none.
    """
    outcomes: dict[tuple[str, str, bool], int] = {}
    causes = _causes(facts, cause_of)
    number_of = {anchor: number for number, anchor in enumerate(causes)}
    rows: dict[tuple[int, ...], int] = {}
    at = []

    def numbers(case: str, remedy: str, loader: str, column: str) -> tuple[int, int]:
        cell = facts.at(case, remedy, loader, column)
        if cell is None:
            return -1, -1
        key = key_of(cell)
        end = (cell["status"], cell["stage"], key in facts.flaky)
        cause = cause_of.get(key)
        root = number_of[cause.anchor] if cause else -1
        return outcomes.setdefault(end, len(outcomes)), root

    none = (-1,) * (2 * len(facts.columns))
    for case in facts.case_names:
        for remedy in facts.remedy_names:
            for loader in facts.loader_names:
                both = [numbers(case, remedy, loader, column) for column in facts.columns]
                row = tuple(number for pair in both for number in pair)
                at.append(-1 if row == none else rows.setdefault(row, len(rows)))
    remedies = {name: number for number, name in enumerate(facts.remedy_names)}
    told: dict[tuple[Any, ...], int] = {}
    return {
        "outcomes": [
            {
                "status": status,
                "stage": stage,
                "symbol": SYMBOLS[status],
                "word": word_of(status, stage, flaky=flaky),
            }
            for status, stage, flaky in outcomes
        ],
        "causes": [_cause(facts, cause) for cause in causes.values()],
        "cases": [
            {
                "name": one_line(case),
                "title": one_line(facts.cases[case].title),
                "group": one_line(facts.cases[case].group),
                "order": [remedies[one.remedy] for one in advice[case]],
                "choices": [
                    told.setdefault(_told(chosen.get((case, loader)), remedies), len(told))
                    for loader in facts.loader_names
                ],
                "page": case_page(case),
            }
            for case in facts.case_names
        ],
        "choices": [list(one) for one in told],  # after the cases, which number them
        "remedies": [one_line(name) for name in facts.remedy_names],
        "loaders": [one_line(name) for name in facts.loader_names],
        "headings": [one_line(facts.heading(name)) for name in facts.loader_names],
        "baselines": [facts.remedy_names.index(facts.baselines[n]) for n in facts.loader_names],
        "columns": [one_line(name) for name in facts.columns],
        "packages": _versions(facts),
        "first": list(FIRST),
        "anchors": {
            "remedies": [safe(name) for name in facts.remedy_names],
            "loaders": [safe(name) for name in facts.loader_names],
            "columns": [safe(name) for name in facts.columns],
            # Of loaders that have an environment of their own, by remedy and column.
            "own": [_own(facts, name) for name in facts.loader_names],
        },
        "rows": [list(row) for row in rows],
        "at": at,
    }


def _told(choice: Choice | None, remedies: Mapping[str, int]) -> tuple[Any, ...]:
    """Return what to do as words, and the numbers of what to take."""
    return (choice.words, *(remedies[name] for name in choice.remedies)) if choice else ("",)


def _own(facts: Facts, loader: str) -> list[list[str]]:
    if loader not in facts.own:
        return []
    return [
        [anchor_of(remedy, column, loader, facts.own[loader]) for column in facts.columns]
        for remedy in facts.remedy_names
    ]


def _causes(facts: Facts, cause_of: Mapping[tuple[str, ...], Cause]) -> dict[str, Cause]:
    """Return the root causes of these cells by anchor, in the order of the report's own."""
    seen = {cause.anchor for cell in facts.every if (cause := cause_of.get(key_of(cell)))}
    return {one.anchor: one for one in cause_of.values() if one.anchor in seen}


def _cause(facts: Facts, cause: Cause) -> dict[str, Any]:
    return {
        "title": one_line(cause.title),
        "reason": one_line(cause.reason),
        "href": f"causes.html#{cause.anchor}",
        "code": bool(cause.explanation and cause.explanation.remedy in facts.remedies),
        "cells": len(cause.cells) or len(cause.crossed),
    }


def _versions(facts: Facts) -> list[tuple[str, list[str]]]:
    """Return each package with its version by column, where those were written down."""
    stated = facts.run.get("environments", {})
    if not all(name in stated for name in facts.columns):
        return []
    return differing({name: stated[name] for name in facts.columns})

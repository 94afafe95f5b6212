"""Which models work in which releases: those that agree are one range, and models one line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.views.naming import uses
from savedmodel_matrix.views.report.releases import Link
from savedmodel_matrix.views.report.series import release
from savedmodel_matrix.views.report.views import Mark, href_of, mark
from savedmodel_matrix.views.wording import DASH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.views.report.facts import Cell, Facts


@dataclass(frozen=True)
class Pattern:
    """Models that come out alike in every release: what each range of releases has, and which."""

    ranges: tuple[tuple[str, Mark | None], ...]
    releases: tuple[tuple[str, Mark | None], ...]  # the same, each release apart
    models: tuple[tuple[str, tuple[Link, ...]], ...]  # title, and a link per range


def supports(facts: Facts) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
    """Return for each loader its patterns, the one of most models first.

    Shown is what is saved as written or, with a loader that does not read it, what comes first of
    what it reads.
    """
    order = [name for use in uses(facts.loader_names) for name in use.loaders]
    return tuple((loader, _patterns(facts, loader)) for loader in order)


def _patterns(facts: Facts, loader: str) -> tuple[Pattern, ...]:
    remedy = facts.baselines[loader]
    alike: dict[tuple[str, ...], list[tuple[str, Sequence[Cell | None]]]] = {}
    for case in facts.case_names:
        cells = [facts.at(case, remedy, loader, column) for column in facts.columns]
        if any(cells):
            ends = tuple(outcome(cell) if cell else "" for cell in cells)
            alike.setdefault(ends, []).append((case, cells))
    ordered = sorted(alike.items(), key=lambda item: -len(item[1]))
    return tuple(_pattern(facts, ends, models) for ends, models in ordered)


def _pattern(
    facts: Facts, ends: Sequence[str], models: Sequence[tuple[str, Sequence[Cell | None]]]
) -> Pattern:
    labels = [release(facts, name).label for name in facts.columns]
    if len({*labels}) < len(labels):
        labels = list(facts.columns)
    marks = {end: mark(cell, facts) for end, cell in zip(ends, models[0][1], strict=True) if cell}
    spans = ranges(labels, ends)
    return Pattern(
        tuple((label, marks.get(ends[start])) for label, start in spans),
        tuple((label, marks.get(end)) for label, end in zip(labels, ends, strict=True)),
        tuple(
            (
                facts.cases[case].title,
                tuple(
                    Link(label, href_of(cell)) for label, start in spans if (cell := cells[start])
                ),
            )
            for case, cells in models
        ),
    )


def ranges(labels: Sequence[str], ends: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return spans of labels that have one end, "2.16 to 2.21" with a dash, and where each begins.

    Labels stand in order; an end that comes back later has a span of its own.
    """
    found = []
    for _, run in groupby(range(len(labels)), key=lambda number: ends[number]):
        numbers = list(run)
        first, last = labels[numbers[0]], labels[numbers[-1]]
        found.append((first if first == last else f"{first}{DASH}{last}", numbers[0]))
    return tuple(found)

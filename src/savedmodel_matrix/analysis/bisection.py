"""Where along an ordered row of releases an outcome changes, from as few runs as will do.

Which points have to be run next follows from what is known, and from nothing else: a search that
was cut short goes on where it was. An outcome is any text, and None where a point gave none: a
release that cannot be installed, or a cell that was not run.

Between two points with the same outcome nothing is assumed to change. That is checked where it
costs little: at ``coarse`` points, which a caller spreads or knows to differ, at the neighbours of
each change, and where the order of numbers is not that of days. A change that came out in 3.12.1 is
not in 3.13.0 if that is older. ``linear`` runs every point and assumes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    Outcomes = Mapping[int, str | None]


@dataclass(frozen=True)
class Change:
    """Two points with different outcomes, and no outcome between them.

    ``skipped`` are the points between them that gave none: the change may be in one of these.
    """

    before: int
    after: int
    was: str
    now: str
    skipped: tuple[int, ...] = ()


def next_points(
    outcomes: Outcomes,
    count: int,
    *,
    coarse: Collection[int] = (),
    width: int = 1,
    linear: bool = False,
    days: Sequence[str] = (),
) -> list[int]:
    """Return which of ``count`` points to run next, in order; none when the search is over.

    ``width`` is how many points between two different outcomes are run at once. ``days`` are when
    the points came out, as "2024-06-25", "" where that is not known.
    """
    if linear:
        return [point for point in range(count) if point not in outcomes]
    first = _outermost(outcomes, range(count))
    last = _outermost(outcomes, range(count - 1, -1, -1))
    fixed = {first, last, *(point for point in coarse if 0 <= point < count)} - {None}
    if unknown := sorted(point for point in fixed if point is not None and point not in outcomes):
        return unknown
    found = changes(outcomes)
    inside = [
        point
        for change in found
        for point in _spread(
            [p for p in range(change.before + 1, change.after) if p not in outcomes], width
        )
    ]
    if inside:
        return inside
    beside = {
        point
        for change in found
        for row in (range(change.before - 1, -1, -1), range(change.after + 1, count))
        if (point := _outermost(outcomes, row)) is not None and point not in outcomes
    }
    if not beside and days:
        beside = {point for change in found for point in _untimely(change, outcomes, days)}
    return sorted(beside)


def _untimely(change: Change, outcomes: Outcomes, days: Sequence[str]) -> list[int]:
    """Return what was not run, and may lack a change that is before it, or have one after it.

    That is the first point after the change that is older, and the last one before it that is not.
    """
    day = days[change.after]
    older = [p for p in range(change.after + 1, len(days)) if "" < days[p] < day]
    younger = [p for p in range(change.before - 1, -1, -1) if days[p] >= day > ""]
    found = (_outermost(outcomes, row) for row in (older, younger))
    return [point for point in found if point is not None and point not in outcomes]


def changes(outcomes: Outcomes) -> list[Change]:
    """Return every two neighbours, of the points with an outcome, whose outcomes differ.

    Before the search is over there may be points between them that were not run.
    """
    known = [(point, value) for point, value in sorted(outcomes.items()) if value is not None]
    return [
        Change(before, after, was, now, _silent(outcomes, before, after))
        for (before, was), (after, now) in pairwise(known)
        if was != now
    ]


def spread(count: int, wanted: int) -> list[int]:
    """Return so many of ``count`` points, the first and the last among them, evenly spread."""
    if count <= wanted:
        return list(range(count))
    if wanted < 2:
        return list(range(count))[:wanted]
    return sorted({round(n * (count - 1) / (wanted - 1)) for n in range(wanted)})


def _silent(outcomes: Outcomes, before: int, after: int) -> tuple[int, ...]:
    between = range(before + 1, after)
    return tuple(point for point in between if point in outcomes and outcomes[point] is None)


def _outermost(outcomes: Outcomes, row: Iterable[int]) -> int | None:
    """Return the first point of a row that has an outcome or was not run; None if there is none."""
    return next((point for point in row if outcomes.get(point, "") is not None), None)


def _spread(points: list[int], wanted: int) -> list[int]:
    """Return so many points, which divide all of them into parts of about the same length."""
    most = min(wanted, len(points))
    return sorted({points[len(points) * (n + 1) // (most + 1)] for n in range(most)})

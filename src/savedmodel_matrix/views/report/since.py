"""Since which release outcomes are what they are, as far as `attribute` found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.attribution import Made, ended
from savedmodel_matrix.views.release_links import release_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.analysis.attribution import Attributed
    from savedmodel_matrix.views.report.facts import Cell, Facts

UNKNOWN = "its outcome is another than when differences were attributed"


@dataclass(frozen=True)
class Since:
    """Outcomes that go back to one release; ``why`` is said where it is not known.

    ``alike`` of them were not run: others ended alike before and after, and were.
    """

    words: str
    href: str
    outcomes: int
    alike: int
    why: str = ""


def since(facts: Facts, pairs: Iterable[tuple[Cell, Cell]]) -> tuple[Since, ...]:
    """Return since which releases these outcomes changed, the most outcomes first.

    Each pair is a cell before and after. Nothing where differences between these two environments
    were never attributed.
    """
    counted: dict[tuple[str, str, str], list[int]] = {}
    for before, after in pairs:
        known = facts.attributed.get((before["producer"], after["producer"]))
        if known is None:
            continue
        one = _holding(known, before, after)
        if one and one.package:
            key = (one.words, release_link(one.package, one.since), "")
        else:
            key = ("not attributed", "", one.why if one else UNKNOWN)
        numbers = counted.setdefault(key, [0, 0])
        numbers[0] += 1
        numbers[1] += bool(one and one.made is Made.ALIKE)
    found = [
        Since(words, href, outcomes, alike, why)
        for (words, href, why), (outcomes, alike) in counted.items()
    ]
    return tuple(sorted(found, key=lambda one: (bool(one.why), -one.outcomes, one.words, one.why)))


def _holding(
    known: Mapping[tuple[str, str, str], Attributed], before: Cell, after: Cell
) -> Attributed | None:
    """Return what a difference goes back to, None if its cells ended otherwise at that time."""
    one = known.get((after["case"], after["remedy"], after["loader"]))
    if one and (one.changed.was, one.changed.now) == (ended(before), ended(after)):
        return one
    return None

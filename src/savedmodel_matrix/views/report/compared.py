"""Two environments compared: the cells that come out otherwise, by the packages that goes with.

`static/compare.js` does the same for any two environments, from the data of the front page's
script; here it is done for neighbours, for readers without JavaScript.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.analysis.versions import FIRST
from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.views.report.views import Mark, href_of, mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.views.report.facts import Cell, Facts


@dataclass(frozen=True)
class Change:
    """Cells that ended in one way before and in one way after."""

    before: Mark
    after: Mark
    written: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # case; loader and permalink
    others: int  # with other remedies


@dataclass(frozen=True)
class Group:
    """Changes that go with the same packages; with none that is known of if there are none."""

    packages: tuple[str, ...]
    number: int
    changes: tuple[Change, ...]


def changes(facts: Facts, one: str, other: str) -> tuple[Group, ...]:
    """Return what comes out otherwise in another environment, the largest group first.

    An outcome goes with a package if its version alone tells, in every environment of the table,
    which of the two outcomes it is.
    """
    versions = _versions(facts, one, other)
    groups: dict[tuple[str, ...], dict[tuple[str, str], list[tuple[Cell, Cell]]]] = {}
    for case in facts.case_names:
        for remedy in facts.remedy_names:
            for loader in facts.loader_names:
                ended = _ended(facts, case, remedy, loader)
                if one not in ended or other not in ended:
                    continue
                before, after = ended[one], ended[other]
                way = outcome(before), outcome(after)
                if way[0] == way[1]:
                    continue
                ends = {name: outcome(cell) for name, cell in ended.items()}
                packages = tuple(
                    name for name, known in versions.items() if _goes(known, ends, one, other)
                )
                groups.setdefault(packages, {}).setdefault(way, []).append((before, after))
    found = [
        Group(
            packages,
            sum(map(len, ways.values())),
            tuple(_change(facts, cells) for cells in ways.values()),
        )
        for packages, ways in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -group.number))


def _versions(facts: Facts, one: str, other: str) -> dict[str, dict[str, str]]:
    """Return the versions, by environment, of each package that matters and differs."""
    stated = facts.run.get("environments", {})
    if not all(name in stated for name in facts.columns):
        return {}
    known = {
        package: {name: stated[name]["packages"].get(package, "") for name in facts.columns}
        for package in FIRST
    }
    return {name: by for name, by in known.items() if by[one] != by[other]}


def _ended(facts: Facts, case: str, remedy: str, loader: str) -> dict[str, Cell]:
    cells = ((name, facts.at(case, remedy, loader, name)) for name in facts.columns)
    return {name: cell for name, cell in cells if cell and cell["status"] != "not-run"}


def _goes(versions: Mapping[str, str], ends: Mapping[str, str], one: str, other: str) -> bool:
    """Say whether no version is seen with both ends."""
    seen = {(versions[name], end) for name, end in ends.items() if end in (ends[one], ends[other])}
    return len(seen) == len({version for version, _ in seen})


def _change(facts: Facts, cells: Sequence[tuple[Cell, Cell]]) -> Change:
    before, after = cells[0]
    written = [cell for _, cell in cells if cell["remedy"] == AS_WRITTEN]
    by_case: dict[str, list[tuple[str, str]]] = {}
    for cell in written:
        by_case.setdefault(cell["case"], []).append((cell["loader"], href_of(cell)))
    return Change(
        mark(before, facts),
        mark(after, facts),
        tuple((case, tuple(links)) for case, links in by_case.items()),
        len(cells) - len(written),
    )

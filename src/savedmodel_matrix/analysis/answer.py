"""What the table answers: what stops working, where and since when, and which remedy cures it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import Counts, count
from savedmodel_matrix.analysis.families import split
from savedmodel_matrix.model.table import AS_WRITTEN, FAILURES, environment_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from savedmodel_matrix.model.table import Row

_VERDICTS = ("pass", *FAILURES)


@dataclass(frozen=True)
class Lost:
    """Cases that pass in the first environment and, from a later one on, fail in these loaders."""

    loaders: tuple[str, ...]
    cases: frozenset[str]
    of: frozenset[str]  # all cases that pass in the first environment
    since: str  # the earliest environment from which on one of them fails
    at_once: bool  # whether all of them fail from there on


@dataclass(frozen=True)
class Failing:
    """Cases that fail somewhere in these loaders."""

    loaders: tuple[str, ...]
    cases: frozenset[str]


@dataclass(frozen=True)
class Cured:
    """A remedy and the cases, failing as written, that pass with it in all its cells."""

    remedy: str
    cases: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """Everything that the sentence above the table is made from; cross cells are left out.

    The first half is about the cells of one ``remedy``: as written, or the only one that ran. It
    is "" where several ran and none of them is as written; then it is about all cells.
    """

    remedy: str
    counts: Counts
    cases: tuple[str, ...]  # with a verdict
    environments: tuple[str, ...]  # with a verdict, by version
    loaders: tuple[str, ...]  # with a verdict
    lost: tuple[Lost, ...]  # those with most cases first
    unhurt: tuple[str, ...]  # loaders that lose nothing of what passes in the first environment
    failing: tuple[Failing, ...]  # those with most cases first
    needy: tuple[str, ...]  # cases that fail as written and ran with another remedy
    cured: tuple[Cured, ...]  # the remedies that cure most of them first
    helped: frozenset[str]  # the needy cases that some remedy cures
    open: frozenset[str]  # the needy cases of which a cell with a remedy was not run
    reason: str  # why nothing applies, where nothing does


def answer(rows: Sequence[Row]) -> Answer:
    """Work out what these rows answer, none of which is a cross cell."""
    remedies = list(dict.fromkeys(row["remedy"] for row in rows))
    chosen = AS_WRITTEN if AS_WRITTEN in remedies else remedies[0] if len(remedies) == 1 else ""
    of_it = [row for row in rows if not chosen or row["remedy"] == chosen]
    judged = [row for row in of_it if row["status"] in _VERDICTS]
    bad = [row for row in judged if row["status"] != "pass"]
    # Only what the same loaders read can stand in place of what is saved as written.
    loaders = {row["loader"] for row in of_it}
    instead = {row["remedy"] for row in rows if row["loader"] in loaders} - {chosen}
    others = [row for row in rows if row["remedy"] in instead] if chosen == AS_WRITTEN else []
    tried = {row["case"] for row in others if row["status"] in _VERDICTS}
    needy = tuple(dict.fromkeys(row["case"] for row in bad if row["case"] in tried))
    cured = _cured(others, needy)
    environments = sorted({row["producer"] for row in judged}, key=environment_order)
    one_family = len({split(name)[0] for name in environments}) == 1
    lost, unhurt = _lost(judged, environments) if chosen and one_family else ((), ())
    return Answer(
        remedy=chosen,
        counts=count(of_it),
        cases=tuple(dict.fromkeys(row["case"] for row in judged)),
        environments=tuple(environments),
        loaders=tuple(sorted({row["loader"] for row in judged})),
        lost=lost,
        unhurt=unhurt,
        failing=_failing(bad),
        needy=needy,
        cured=cured,
        helped=frozenset().union(*(one.cases for one in cured)),
        open=frozenset(row["case"] for row in others if row["status"] == "not-run"),
        reason=next((row["reason"] for row in of_it if row["status"] == "not-applicable"), ""),
    )


def _lost(
    judged: Iterable[Row], environments: Sequence[str]
) -> tuple[tuple[Lost, ...], tuple[str, ...]]:
    """Return what loaders lose after the first environment, and which of them lose nothing."""
    verdicts: dict[str, dict[str, dict[str, bool]]] = {}
    for row in judged:
        of_case = verdicts.setdefault(row["loader"], {}).setdefault(row["case"], {})
        of_case[row["producer"]] = row["status"] == "pass"
    alike: dict[tuple[frozenset[str], frozenset[str], str, bool], list[str]] = {}
    unhurt = []
    for loader, cases in sorted(verdicts.items()):
        base = {case: ends for case, ends in cases.items() if ends.get(environments[0])}
        since: dict[str, str] = {}
        for case, ends in base.items():
            ordered = [name for name in environments if name in ends]
            passing = max(i for i, name in enumerate(ordered) if ends[name])
            if passing + 1 < len(ordered):
                since[case] = ordered[passing + 1]
        if since:
            first = min(since.values(), key=environment_order)
            at_once = set(since.values()) == {first}
            alike.setdefault((frozenset(since), frozenset(base), first, at_once), []).append(loader)
        elif base:
            unhurt.append(loader)
    found = [Lost(tuple(loaders), *facts) for facts, loaders in alike.items()]
    found.sort(key=lambda one: (-len(one.cases), one.loaders))
    return tuple(found), tuple(unhurt)


def _failing(bad: Iterable[Row]) -> tuple[Failing, ...]:
    cases: dict[str, set[str]] = {}
    for row in bad:
        cases.setdefault(row["loader"], set()).add(row["case"])
    alike: dict[frozenset[str], list[str]] = {}
    for loader, names in sorted(cases.items()):
        alike.setdefault(frozenset(names), []).append(loader)
    found = [Failing(tuple(loaders), names) for names, loaders in alike.items()]
    return tuple(sorted(found, key=lambda one: (-len(one.cases), one.loaders)))


def _cured(others: Iterable[Row], needy: Sequence[str]) -> tuple[Cured, ...]:
    """Return which of the needy cases each remedy cures: all of its cells that apply pass."""
    cells: dict[str, dict[str, list[Row]]] = {}
    for row in others:
        if row["case"] in needy:
            cells.setdefault(row["remedy"], {}).setdefault(row["case"], []).append(row)
    found = [
        Cured(remedy, frozenset(case for case, rows in cases.items() if count(rows).works))
        for remedy, cases in sorted(cells.items())
    ]
    return tuple(sorted((one for one in found if one.cases), key=lambda one: -len(one.cases)))

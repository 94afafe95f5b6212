"""What the cells say, in shares and sentences: pure functions, nothing of how it looks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import RANK, Counts, count, outcome
from savedmodel_matrix.analysis.summary import remedy_results
from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.views.wording import CROSSED, share, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.views.report.facts import Cell, Facts

MOST_NAMES = 3  # in one sentence


@dataclass(frozen=True)
class Stop:
    """A case that works as written in an earlier environment and, from ``since`` on, no longer."""

    case: str
    loader: str
    since: str


def counts(cells: Iterable[Cell]) -> Counts:
    """Count cells by status."""
    return Counts(Counter(cell["status"] for cell in cells))


def best(facts: Facts, case: str, loader: str, producer: str, order: Sequence[str]) -> Cell:
    """Return the cell of the best remedy; among equals the one first in ``order``.

    A case as written that passes needs no remedy. Raises KeyError where there is no cell at all.
    """
    found = [
        cell
        for remedy in dict.fromkeys((facts.baselines[loader], *order, *facts.remedy_names))
        if (cell := facts.at(case, remedy, loader, producer))
    ]
    if not found:
        raise KeyError((case, loader, producer))
    return min(found, key=lambda cell: RANK[cell["status"]])


def stops(facts: Facts) -> list[Stop]:
    """Return which cases stop working as written, in which loader and since when.

    A case counts if it passes in the first environment where it has a verdict, fails in a later
    one and in every one after that.
    """
    found = []
    for case in facts.case_names:
        for loader in facts.loader_names:
            verdicts = [
                (producer, cell["status"] == "pass")
                for producer in facts.columns
                if (cell := facts.at(case, AS_WRITTEN, loader, producer))
                and cell["status"] not in ("not-run", "not-applicable")
            ]
            if not verdicts or not verdicts[0][1] or verdicts[-1][1]:
                continue
            passing = max(i for i, (_, passed) in enumerate(verdicts) if passed)
            found.append(Stop(case, loader, verdicts[passing + 1][0]))
    return found


def finding(facts: Facts, *, led: bool = False) -> list[str]:
    """Return the report in two or three sentences; ``led``: after that of `lead`."""
    if facts.crossed and not facts.cells:
        return [f"Of the applicable cells {share(count(facts.crossed))} pass {CROSSED}."]
    if facts.part and facts.part.twins:
        sentences = [_beside_sentence(facts, facts.part.twins), _unknown_sentence(facts)]
    elif led:
        sentences = [_unknown_sentence(facts)]
    else:
        sentences = [_fail_sentence(facts), _remedy_sentence(facts), _unknown_sentence(facts)]
    return [sentence for sentence in sentences if sentence]


def _beside_sentence(facts: Facts, twins: Mapping[str, str]) -> str:
    """Say of the environments of a part in how many cases they and their twins disagree."""
    cases = {name: _apart(facts, name, twin) for name, twin in twins.items()}
    parted = set().union(*cases.values())
    than = set(twins.values())
    other = f"in {than.pop()}" if len(than) == 1 else "in the environment beside"
    told = f"Saved as written, {len(parted)} of {len(facts.case_names)} cases come out otherwise"
    if not parted:
        return f"Saved as written, every case comes out as {other}."
    if len(twins) == 1:
        return f"{told} in {next(iter(twins))} than {other}."
    runs = groupby(twins, key=lambda name: len(cases[name]))
    numbers = [f"{n or 'none'} in {span(names, [*twins, ''])}" for n, names in runs]
    return f"{told} than {other}: {'; '.join(numbers)}."


def _apart(facts: Facts, one: str, other: str) -> set[str]:
    """Return the cases that, saved as written, end otherwise in one environment with a loader."""
    found = set()
    for case in facts.case_names:
        for loader in facts.loader_names:
            ends = [facts.at(case, AS_WRITTEN, loader, name) for name in (one, other)]
            known = [outcome(cell) for cell in ends if cell and cell["status"] != "not-run"]
            if len(known) == len(ends) and known[0] != known[1]:
                found.add(case)
    return found


def _fail_sentence(facts: Facts) -> str:
    total = len(facts.case_names)
    failing = {c["case"] for c in facts.cells if c["remedy"] == AS_WRITTEN and _failed(c)}
    if failing:
        fail = "fails" if len(failing) == 1 else "fail"
        return f"Saved as written, {len(failing)} of {total} cases {fail} somewhere."
    return f"Saved as written, no case of {total} is seen to fail."


def _remedy_sentence(facts: Facts) -> str:
    others = facts.instead - {AS_WRITTEN}
    results = [one for one in remedy_results(facts.table) if one.remedy in others]
    whole = [one for one in results if one.cells.works]
    if whole:
        everywhere = [one.remedy for one in whole if not one.cases_without]
        partly = [one for one in whole if one.cases_without]
        applied = f"where it can be applied, with {_names([one.remedy for one in partly])}"
        if not partly:
            return f"Every case works with {_names(everywhere)}."
        if not everywhere:
            return f"Every case works, {applied}."
        return f"Every case works with {_names(everywhere)} and, {applied}."
    if results:
        first = results[0]
        works = f"with it {first.cases_working} of {first.cases} cases work"
        farthest = f"The one that carries farthest is {first.remedy}: {works}."
        return f"No remedy works in every case. {farthest}"
    return ""


def _unknown_sentence(facts: Facts) -> str:
    unknown = sum(cell["status"] == "not-run" for cell in facts.cells)
    if not unknown:
        return ""
    was = "was" if unknown == 1 else "were"
    known = f"so nothing is known of {_them(unknown)}"
    return f"{unknown} of {len(facts.cells)} cells {was} not run, {known}."


def _them(number: int) -> str:
    return "it" if number == 1 else "them"


def _failed(cell: Cell) -> bool:
    return cell["status"] in ("fail", "crash", "timeout")


def _names(names: Sequence[str]) -> str:
    if len(names) > MOST_NAMES:
        return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

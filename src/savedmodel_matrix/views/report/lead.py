"""The first sentence of the report: what stopped working, and what makes it work again.

What is counted: a model is lost to a use (serving, say) if one of the use's loaders ran it, saved
as written, in the first environment, and none of the environments from a later one on does. A way
of saving rescues it if every loader that lost it runs it, in every one of those environments.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.views.naming import uses
from savedmodel_matrix.views.report.findings import stops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.views.naming import Use
    from savedmodel_matrix.views.report.facts import Facts


@dataclass(frozen=True)
class Loss:
    """What one use of saved models lost, and what rescues it."""

    use: Use
    before: str  # the first environment
    since: str  # the first one where most of it is lost
    ran: tuple[str, ...]  # the cases that some loader of the use ran there
    lost: tuple[str, ...]  # of these, those that a loader runs no longer
    rescued: tuple[tuple[str, int], ...]  # by remedy, how many of these; the most first
    rescued_by_any: int

    @property
    def hopeless(self) -> int:
        """How many nothing tested rescues."""
        return len(self.lost) - self.rescued_by_any


def since(facts: Facts) -> str:
    """Return the environment from which on most cases that stop working do, "" if none does."""
    found = Counter(stop.since for stop in stops(facts))
    return found.most_common(1)[0][0] if found else ""


def after(facts: Facts) -> tuple[str, ...]:
    """Return the environments that ways of saving are compared in: all from `since` on."""
    start = since(facts) if not facts.part else ""
    return facts.columns[facts.columns.index(start) :] if start else facts.columns


def losses(facts: Facts) -> tuple[Loss, ...]:
    """Return what each use lost, in the order of the uses; none of a use that lost nothing."""
    if facts.part or not since(facts):
        return ()
    readers = [name for name in facts.loader_names if facts.baselines[name] == AS_WRITTEN]
    stopped: dict[str, set[tuple[str, str]]] = {}
    for stop in stops(facts):
        stopped.setdefault(stop.case, set()).add((stop.loader, stop.since))
    found = [_loss(facts, use, stopped) for use in uses(readers)]
    return tuple(one for one in found if one.lost)


def _loss(facts: Facts, use: Use, stopped: dict[str, set[tuple[str, str]]]) -> Loss:
    first = facts.columns[0]
    ran, lost, rescuing = [], [], Counter[str]()
    rescued = 0
    for case in facts.case_names:
        before = {one for one in use.loaders if _passes(facts, case, AS_WRITTEN, one, first)}
        if before:
            ran.append(case)
        of_use = [(loader, at) for loader, at in stopped.get(case, ()) if loader in before]
        if not of_use:
            continue
        lost.append(case)
        ways = [remedy for remedy in facts.remedy_names if _rescues(facts, case, remedy, of_use)]
        rescuing.update(ways)
        rescued += bool(ways)
    start = Counter(at for case in lost for loader, at in stopped[case] if loader in use.loaders)
    return Loss(
        use,
        first,
        start.most_common(1)[0][0] if start else "",
        tuple(ran),
        tuple(lost),
        tuple(sorted(rescuing.items(), key=lambda item: (-item[1], item[0]))),
        rescued,
    )


def _rescues(facts: Facts, case: str, remedy: str, lost: Sequence[tuple[str, str]]) -> bool:
    return all(
        _passes(facts, case, remedy, loader, column)
        for loader, at in lost
        for column in facts.columns[facts.columns.index(at) :]
    )


def _passes(facts: Facts, case: str, remedy: str, loader: str, column: str) -> bool:
    cell = facts.at(case, remedy, loader, column)
    return cell is not None and bool(cell["status"] == "pass")

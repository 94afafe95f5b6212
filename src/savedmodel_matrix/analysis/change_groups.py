"""Changes of one class and one cause together, so that a thousand changed cells can be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.model.signatures import signature_changes
from savedmodel_matrix.model.table import FAILURES, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.analysis.differences import Change, Differences
    from savedmodel_matrix.analysis.explanations import Explanation
    from savedmodel_matrix.model.table import Row

Explained = dict[tuple[str, ...], "Explanation"]  # by `key_of`


@dataclass(frozen=True)
class ChangeGroup:
    """Cells that ended in one way for one cause before, and in one way for one cause now.

    ``then`` and ``now`` are outcomes as of `counting.outcome`, "" where a result has no such cell.
    ``then_title`` and ``now_title`` say why, where an explanation does. ``signature`` says in words
    what a client notices, where it is the signature that changed.
    """

    kind: ChangeClass
    then: str
    now: str
    changes: tuple[Change, ...]
    then_title: str = ""
    now_title: str = ""
    signature: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The cells, each as it is now or, where it is gone, as it was."""
        return tuple(change.row for change in self.changes)

    @property
    def cases(self) -> dict[str, int]:
        """The number of cells of each case, the case with most cells first."""
        return dict(Counter(row["case"] for row in self.rows).most_common())


def grouped(
    differences: Differences,
    before: Mapping[tuple[str, ...], Explanation] | None = None,
    after: Mapping[tuple[str, ...], Explanation] | None = None,
) -> dict[ChangeClass, tuple[ChangeGroup, ...]]:
    """Return the changes of each class that has any, in groups, the largest group first.

    ``before`` and ``after`` are the explanations of `Explanations.of`: failures that one of them
    explains are of one cause, whatever their fingerprints.
    """
    return {
        kind: _groups(kind, changes, before or {}, after or {})
        for kind, changes in differences.changes.items()
    }


def _groups(
    kind: ChangeClass,
    changes: tuple[Change, ...],
    before: Mapping[tuple[str, ...], Explanation],
    after: Mapping[tuple[str, ...], Explanation],
) -> tuple[ChangeGroup, ...]:
    found: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        then, now = change.before, change.after
        signature = _signature(change) if kind is ChangeClass.SIGNATURE_CHANGED else ()
        key = (*_end(then, before), *_end(now, after), signature)
        found.setdefault(key, []).append(change)
    groups = [
        ChangeGroup(
            kind,
            outcome(first.before) if first.before else "",
            outcome(first.after) if first.after else "",
            tuple(alike),
            _title(first.before, before),
            _title(first.after, after),
            _signature(first) if kind is ChangeClass.SIGNATURE_CHANGED else (),
        )
        for alike in found.values()
        for first in alike[:1]
    ]
    return tuple(sorted(groups, key=lambda group: -len(group.changes)))


def _end(row: Row | None, explained: Mapping[tuple[str, ...], Explanation]) -> tuple[str, str, str]:
    """Return how a cell ended and for which cause: an explanation, else the fingerprint."""
    if row is None:
        return "", "", ""
    if explanation := explained.get(key_of(row)):
        return outcome(row), "explained", explanation.name
    return outcome(row), "", row["fingerprint"] or row["reason"]


def _title(row: Row | None, explained: Mapping[tuple[str, ...], Explanation]) -> str:
    if row is None or row["status"] not in FAILURES:
        return ""
    explanation = explained.get(key_of(row))
    return explanation.title if explanation else ""


def _signature(change: Change) -> tuple[str, ...]:
    if not change.before or not change.after:
        return ()
    return signature_changes(change.before["signature"], change.after["signature"])

"""The closed set of classes that a pair of outcomes of one cell can belong to.

Every cell of two results is in exactly one class. What starts to pass is as loud as what starts to
fail, and what was not run is a class of its own: it says nothing about a version.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Self

from savedmodel_matrix.model.table import FAILURES, OUTCOME

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row

NOT_RUN, NOT_APPLICABLE = "not-run", "not-applicable"


class ChangeClass(Enum):
    """How a cell changed from one result to another, in the order in which it is shown.

    The value is its name in every file; ``title`` is what people read, ``says`` the rest of the
    sentence.
    """

    title: str
    says: str

    REGRESSED = ("regressed", "Regressed", "passed before, fails now")
    FIXED = ("fixed", "Fixed", "failed before, passes now")
    FAILURE_CHANGED = ("failure-changed", "Failure changed", "fails both times, in another way")
    VALUES_CHANGED = (
        "values-changed",
        "Values changed",
        "returns wrong values both times, wrong in another way",
    )
    SIGNATURE_CHANGED = (
        "signature-changed",
        "Signature changed",
        "ends the same way, with another signature",
    )
    BECAME_NOT_APPLICABLE = (
        "became-not-applicable",
        "Became not applicable",
        "had an outcome before, is not applicable now",
    )
    BECAME_APPLICABLE = (
        "became-applicable",
        "Became applicable",
        "was not applicable before, has an outcome now",
    )
    HARNESS_TROUBLE = (
        "harness-trouble",
        "Harness trouble",
        "not run in one result or in both, so nothing is known of the change",
    )
    GONE = ("gone", "Gone", "in the first result, and missing in the second")
    NEW = ("new", "New", "in the second result, and missing in the first")
    REASON_CHANGED = (
        "reason-changed",
        "Reason changed",
        "ends the same way, with the reason in other words",
    )
    NOT_COVERED = (
        "not-covered",
        "Not covered",
        "in one result, and the other did not select it",
    )
    SAME = ("same", "Same", "the same outcome, reason and signature")

    def __new__(cls, name: str, title: str, says: str) -> Self:
        """Make a class of its name, which is the value, and its words."""
        made = object.__new__(cls)
        made._value_ = name
        made.title, made.says = title, says
        return made

    @property
    def is_change(self) -> bool:
        """Whether cells of this class are listed one by one: they can be compared and differ."""
        return self not in (ChangeClass.SAME, ChangeClass.NOT_COVERED)

    @property
    def mirror(self) -> ChangeClass:
        """The class of the same cell when the two results change places."""
        return _MIRRORS.get(self, self)


_OPPOSITES = (
    (ChangeClass.REGRESSED, ChangeClass.FIXED),
    (ChangeClass.NEW, ChangeClass.GONE),
    (ChangeClass.BECAME_APPLICABLE, ChangeClass.BECAME_NOT_APPLICABLE),
)
_MIRRORS = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}


def classify(before: Row | None, after: Row | None, *, covered: bool = True) -> ChangeClass:
    """Return the class of a cell, None where a result does not have it.

    ``covered`` says whether the result that does not have it was to have it. Raises ValueError
    where neither has it.
    """
    if before is None and after is None:
        raise ValueError("a cell that neither result has")
    if (before is None or after is None) and not covered:
        return ChangeClass.NOT_COVERED
    if any(row is not None and row["status"] == NOT_RUN for row in (before, after)):
        return ChangeClass.HARNESS_TROUBLE
    if before is None:
        return ChangeClass.NEW
    if after is None:
        return ChangeClass.GONE
    if all(before[column] == after[column] for column in OUTCOME):
        return ChangeClass.SAME
    return _of_outcomes(before, after)


def _of_outcomes(before: Row, after: Row) -> ChangeClass:
    """Return the class of two outcomes that were judged and differ."""
    then, now = before["status"], after["status"]
    if then != now and NOT_APPLICABLE in (then, now):
        applicable = then == NOT_APPLICABLE
        return ChangeClass.BECAME_APPLICABLE if applicable else ChangeClass.BECAME_NOT_APPLICABLE
    failed, fails = then in FAILURES, now in FAILURES
    if failed != fails:
        return ChangeClass.REGRESSED if fails else ChangeClass.FIXED
    if fails and _failure(before) != _failure(after):
        ends = {(row["status"], row["stage"]) for row in (before, after)}
        wrong = ends == {("fail", "values")}
        return ChangeClass.VALUES_CHANGED if wrong else ChangeClass.FAILURE_CHANGED
    if before["signature"] != after["signature"]:
        return ChangeClass.SIGNATURE_CHANGED
    return ChangeClass.REASON_CHANGED


def _failure(row: Row) -> tuple[str, str, str]:
    """Return what two failures have in common if they are one."""
    return row["status"], row["stage"], row["fingerprint"] or row["reason"]

"""The classes that a pair of outcomes can belong to: closed, total, symmetric."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.change_class import ChangeClass, classify
from savedmodel_matrix.model.table import FAILURES, STAGES, STATUSES, Row
from tests.unit.rows import PLAIN, RENAMED, cell

TEXTS = st.sampled_from(["", "no", "another"])


def outcomes() -> st.SearchStrategy[Row]:
    """Return a strategy of every outcome that a table may hold."""
    stages = {"pass": ("values",), "not-applicable": ("",)}
    return st.sampled_from(STATUSES).flatmap(
        lambda status: st.fixed_dictionaries(
            {
                "status": st.just(status),
                "stage": st.sampled_from(stages.get(status, STAGES)),
                "reason": TEXTS,
                "fingerprint": TEXTS,
                "signature": st.sampled_from(["", PLAIN, RENAMED]),
            }
        )
    )


rows = outcomes().map(lambda outcome: cell() | outcome)


# Each class as its sentence has it, written a second time and on its own: not as `classify` does.
def _judged(*pair: Row | None) -> bool:
    return all(row is not None and row["status"] != "not-run" for row in pair)


def _failure(row: Row) -> tuple[str, str, str]:
    return row["status"], row["stage"], row["fingerprint"] or row["reason"]


def holds(before: Row | None, after: Row | None, *, covered: bool) -> set[ChangeClass]:
    """Return every class whose definition a pair satisfies."""
    found = set()
    alone = before is None or after is None
    if alone and not covered:
        return {ChangeClass.NOT_COVERED}
    if any(row and row["status"] == "not-run" for row in (before, after)):
        found.add(ChangeClass.HARNESS_TROUBLE)
    elif before is None:
        found.add(ChangeClass.NEW)
    elif after is None:
        found.add(ChangeClass.GONE)
    if not _judged(before, after):
        return found
    assert before
    assert after
    then, now = before["status"], after["status"]
    both_fail = then in FAILURES and now in FAILURES
    alike = then == now and (not both_fail or _failure(before) == _failure(after))
    same_signature = before["signature"] == after["signature"]
    both_wrong = {then, now} == {"fail"} and before["stage"] == after["stage"] == "values"
    definitions = {
        ChangeClass.SAME: before == after,
        ChangeClass.REGRESSED: then == "pass" and now in FAILURES,
        ChangeClass.FIXED: then in FAILURES and now == "pass",
        ChangeClass.VALUES_CHANGED: both_wrong and not alike,
        ChangeClass.FAILURE_CHANGED: both_fail and not alike and not both_wrong,
        ChangeClass.SIGNATURE_CHANGED: alike and not same_signature,
        ChangeClass.REASON_CHANGED: alike and same_signature and before != after,
        ChangeClass.BECAME_APPLICABLE: then == "not-applicable" != now,
        ChangeClass.BECAME_NOT_APPLICABLE: then != "not-applicable" == now,
    }
    return found | {kind for kind, satisfied in definitions.items() if satisfied}


@given(st.none() | rows, st.none() | rows, st.booleans())
def test_every_pair_satisfies_the_definition_of_exactly_its_class(
    before: Row | None, after: Row | None, covered: bool
) -> None:
    if before is None and after is None:
        with pytest.raises(ValueError, match="neither"):
            classify(before, after, covered=covered)
        return
    assert holds(before, after, covered=covered) == {classify(before, after, covered=covered)}


@given(st.none() | rows, rows, st.booleans())
def test_a_pair_swapped_is_in_the_mirror_class(
    before: Row | None, after: Row, covered: bool
) -> None:
    kind = classify(before, after, covered=covered)
    assert classify(after, before, covered=covered) is kind.mirror
    assert kind.mirror.mirror is kind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (cell(), cell(), ChangeClass.SAME),
        (cell(), cell("fail"), ChangeClass.REGRESSED),
        (cell(), cell("crash"), ChangeClass.REGRESSED),
        (cell(), cell("timeout"), ChangeClass.REGRESSED),
        (cell("crash"), cell(), ChangeClass.FIXED),
        (cell("fail"), cell("crash"), ChangeClass.FAILURE_CHANGED),
        (cell("fail"), cell("fail", stage="load"), ChangeClass.FAILURE_CHANGED),
        (cell("fail", fingerprint="a"), cell("fail", fingerprint="b"), ChangeClass.FAILURE_CHANGED),
        (cell("fail"), cell("fail", stage="values"), ChangeClass.FAILURE_CHANGED),
        (
            cell("fail", stage="values", fingerprint="a"),
            cell("fail", stage="values", fingerprint="b"),
            ChangeClass.VALUES_CHANGED,
        ),
        (cell(), cell(signature=RENAMED), ChangeClass.SIGNATURE_CHANGED),
        (cell("fail"), cell("fail", signature=RENAMED), ChangeClass.SIGNATURE_CHANGED),
        (cell(), cell("fail", signature=RENAMED), ChangeClass.REGRESSED),
        (
            cell("fail", fingerprint="a", reason="x"),
            cell("fail", fingerprint="a", reason="y"),
            ChangeClass.REASON_CHANGED,
        ),
        (cell("not-applicable"), cell(), ChangeClass.BECAME_APPLICABLE),
        (cell("fail"), cell("not-applicable"), ChangeClass.BECAME_NOT_APPLICABLE),
        (
            cell("not-applicable", reason="x"),
            cell("not-applicable", reason="y"),
            ChangeClass.REASON_CHANGED,
        ),
        (cell(), cell("not-run"), ChangeClass.HARNESS_TROUBLE),
        (cell("not-run"), cell("not-run"), ChangeClass.HARNESS_TROUBLE),
        (None, cell("not-run"), ChangeClass.HARNESS_TROUBLE),
        (None, cell(), ChangeClass.NEW),
        (cell(), None, ChangeClass.GONE),
    ],
)
def test_examples(before: Row | None, after: Row | None, kind: ChangeClass) -> None:
    assert classify(before, after) is kind


def test_every_class_has_words_of_its_own() -> None:
    for words in ({kind.value for kind in ChangeClass}, {kind.says for kind in ChangeClass}):
        assert len(words) == len(ChangeClass)

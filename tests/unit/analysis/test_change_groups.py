"""Changes of one class and one cause, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.change_groups import grouped
from savedmodel_matrix.analysis.differences import compare_rows
from savedmodel_matrix.analysis.explanations import Explanation, Explanations
from savedmodel_matrix.model.table import key_of
from tests.unit.analysis.test_differences import results
from tests.unit.rows import RENAMED, cell

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row

CASES = [f"case{number}" for number in range(1000)]


def explained(*fingerprints: str) -> Explanations:
    one = Explanation("name", "No variable", "what", "why", "since", "do", ())
    return Explanations(dict.fromkeys(fingerprints, (one,)))


def test_a_thousand_cells_that_fail_for_one_cause_are_one_group() -> None:
    before = [cell(case=case) for case in CASES]
    after = [cell("fail", case=case, fingerprint="f", reason="no") for case in CASES]
    after[7] = cell("fail", case="case7", fingerprint="g", reason="other")
    found = grouped(compare_rows(before, after))
    large, small = found[ChangeClass.REGRESSED]
    assert (large.then, large.now, len(large.changes)) == ("pass values", "fail run", 999)
    assert small.cases == {"case7": 1}


def test_what_one_explanation_explains_is_one_cause_whatever_its_fingerprints() -> None:
    before = [cell(case=case) for case in "abc"]
    after = [cell("fail", case=case, fingerprint=case) for case in "abc"]
    differences = compare_rows(before, after)
    titles = explained("a", "b").of(after)
    one, other = grouped(differences, {}, titles)[ChangeClass.REGRESSED]
    assert (one.now_title, list(one.cases)) == ("No variable", ["a", "b"])
    assert (one.then_title, other.now_title, list(other.cases)) == ("", "", ["c"])


def test_the_cause_before_tells_groups_apart_too() -> None:
    before = [cell("fail", case=case, fingerprint=case) for case in "ab"]
    after = [cell(case=case) for case in "ab"]
    titles = explained("a").of(before)
    found = grouped(compare_rows(before, after), titles)[ChangeClass.FIXED]
    assert {group.then_title: list(group.cases) for group in found} == {
        "No variable": ["a"],
        "": ["b"],
    }


def test_signatures_that_changed_alike_are_one_group() -> None:
    before = [cell(case=case) for case in "abc"]
    after = [cell(case="a", signature=RENAMED), cell(case="b", signature=RENAMED)]
    after.append(cell(case="c", signature=""))
    renamed, lost = grouped(compare_rows(before, after))[ChangeClass.SIGNATURE_CHANGED]
    assert (renamed.signature, renamed.cases) == (("input x is now inputs",), {"a": 1, "b": 1})
    assert lost.signature == ("signature serving_default is lost",)


@given(results(), results())
def test_every_change_is_in_exactly_one_group(before: list[Row], after: list[Row]) -> None:
    differences = compare_rows(before, after)
    groups = grouped(differences)
    assert groups.keys() == differences.changes.keys()
    for kind, found in groups.items():
        listed = [key_of(change.row) for group in found for change in group.changes]
        assert sorted(listed) == sorted(key_of(one.row) for one in differences.changes[kind])
        assert [len(one.changes) for one in found] == sorted(
            (len(one.changes) for one in found), reverse=True
        )

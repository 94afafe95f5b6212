"""Cases that behave alike are one group, led by the first of the tour."""

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.alike import alike, likeness
from tests.unit.rows import cell

OUTCOMES = st.sampled_from(["pass", "fail", "not-applicable"])


def test_the_same_outcome_everywhere_makes_a_group_whatever_the_reason():
    cells = [
        cell("fail", case="b", reason="one"),
        cell("fail", case="a", reason="another"),
        cell("pass", case="c"),
    ]
    groups = alike(cells, ["c", "b", "a"])
    assert groups == {"c": ("c",), "b": ("b", "a")}
    assert likeness(groups) == {"a": "b"}


def test_one_cell_more_or_another_stage_is_another_behaviour():
    cells = [
        cell("fail", case="a"),
        cell("fail", case="b", stage="load"),
        cell("fail", case="c"),
        cell("fail", case="c", remedy="resave"),
    ]
    assert len(alike(cells, [])) == 3


def test_cases_that_the_tour_does_not_name_come_last_by_name():
    cells = [cell(case="z"), cell(case="y"), cell(case="x")]
    assert alike(cells, ["z"]) == {"z": ("z", "x", "y")}


@given(st.dictionaries(st.text(min_size=1), st.lists(OUTCOMES, min_size=2, max_size=2)))
def test_every_case_is_in_one_group_with_its_equals(outcomes):
    cells = [
        cell(status, case=case, remedy=remedy)
        for case, each in outcomes.items()
        for remedy, status in zip(["as-written", "resave"], each, strict=True)
    ]
    groups = alike(cells, [])
    assert sorted(case for members in groups.values() for case in members) == sorted(outcomes)
    for first, members in groups.items():
        assert first == members[0]
        assert all(outcomes[case] == outcomes[first] for case in members)
    assert len({tuple(outcomes[first]) for first in groups}) == len(groups)

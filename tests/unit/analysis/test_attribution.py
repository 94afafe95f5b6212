"""Groups of differences, what mixtures say of them, and the search over releases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.attribution import (
    NOT_TRIED,
    Attributed,
    Changed,
    Guilty,
    Made,
    as_after,
    bounds,
    by_worth,
    changed_groups,
    guilty,
    next_probe,
    side_of,
    with_alike,
)
from tests.unit.rows import cell

PASS = ("pass", "values", "")
FAIL = ("fail", "run", "aa")
OTHER = ("fail", "load", "bb")
BUILT = ("fail", "build", "cc")


def one(was=PASS, now=FAIL, case="a", cells=(("as-written", "tflite"),)):
    return Changed(case, was, now, tuple(cells))


def row(ended, **given):
    status, stage, fingerprint = ended
    return cell(status, stage=stage, fingerprint=fingerprint, **given)


def test_cells_that_ended_alike_are_one_group_and_the_cheapest_is_first() -> None:
    ways = [("resave", "a"), ("as-written", "b"), ("as-written", "a"), ("as-written", "c")]
    before = [row(PASS, remedy=remedy, loader=loader) for remedy, loader in ways]
    after = [row(FAIL, remedy=remedy, loader=loader) for remedy, loader in ways[:3]]
    after.append(row(PASS, remedy="as-written", loader="c"))
    found = changed_groups(before, after, {}, ["as-written", "resave", "b", "a"])
    assert [group.cells for group in found] == [
        (("as-written", "b"), ("as-written", "a")),
        (("resave", "a"),),
    ]


def test_where_a_case_cannot_be_built_its_remedies_are_one_group_if_settings_are_equal() -> None:
    remedies = ("as-written", "legacy-keras", "resave")
    before = [row(PASS, remedy=remedy) for remedy in remedies]
    after = [row(BUILT, remedy=remedy) for remedy in remedies]
    settings = {"as-written": "[]", "resave": "[]", "legacy-keras": "[TF]"}
    found = changed_groups(before, after, settings, remedies)
    assert [[remedy for remedy, _ in group.cells] for group in found] == [
        ["as-written", "resave"],
        ["legacy-keras"],
    ]


def test_what_was_not_run_or_is_on_one_side_only_does_not_differ() -> None:
    before = [row(PASS), row(PASS, case="gone")]
    after = [cell("not-run"), row(FAIL, case="new")]
    assert changed_groups(before, after, {}, []) == []


def test_a_mixture_says_who_it_was_unless_it_ends_in_a_third_way() -> None:
    assert guilty(one(), FAIL, None) is Guilty.PACKAGES
    assert guilty(one(), PASS, None) is Guilty.TENSORFLOW
    assert guilty(one(), OTHER, PASS) is Guilty.PACKAGES
    assert guilty(one(), OTHER, FAIL) is Guilty.TENSORFLOW
    assert guilty(one(), OTHER, OTHER) is Guilty.UNKNOWN
    assert guilty(one(), None, None) is Guilty.UNKNOWN


def test_any_failure_is_as_good_as_another_only_where_the_other_side_passes() -> None:
    assert as_after(one(PASS, FAIL), OTHER)
    assert not as_after(one(PASS, FAIL), PASS)
    assert as_after(one(FAIL, PASS), PASS)
    assert not as_after(one(FAIL, PASS), OTHER)
    assert as_after(one(OTHER, FAIL), FAIL)
    assert not as_after(one(OTHER, FAIL), BUILT)


@given(st.integers(2, 60), st.data())
def test_one_change_is_found_wherever_it_is(count: int, data: st.DataObject) -> None:
    change = data.draw(st.integers(1, count - 1))
    known, ran = {0: False, count - 1: True}, 0
    while (place := next_probe(known, count, range(count))) is not None:
        assert place not in known
        known[place] = place >= change
        ran += 1
    assert bounds(known, count) == (change - 1, change)
    assert ran <= 8


@given(st.integers(2, 30), st.data())
def test_whatever_ends_how_the_search_ends_between_two_that_differ(
    count: int, data: st.DataObject
) -> None:
    same = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    possible = data.draw(st.sets(st.integers(0, count - 1)))
    known = {0: False, count - 1: True}
    while (place := next_probe(known, count, possible)) is not None:
        known[place] = same[place]
    low, high = bounds(known, count)
    assert not known[low]
    assert known[high]
    assert not possible.intersection(range(low + 1, high)) - known.keys()


def test_a_change_there_and_back_is_told_by_the_last_change() -> None:
    assert bounds({0: False, 2: True, 5: False, 9: True}, 10) == (5, 9)


def test_one_of_each_way_of_ending_comes_first() -> None:
    groups = [
        one(case="a", cells=[("as-written", str(n)) for n in range(3)]),
        one(case="b"),
        one(OTHER, FAIL, case="c"),
    ]
    kinds = dict.fromkeys(groups, "")
    assert [group.case for group in by_worth(groups, kinds)] == ["a", "c", "b"]


def test_what_was_not_tried_goes_with_what_ended_alike_if_that_agrees() -> None:
    ran = Attributed(one(case="a"), package="keras", since="3.0.0", not_yet="2.15.0")
    left = Attributed(one(case="b"), why=NOT_TRIED, side="saving")
    legacy = Attributed(one(case="c", cells=[("legacy-keras", "x")]), why=NOT_TRIED)
    kinds = {ran.changed: "", left.changed: "", legacy.changed: "[TF]"}
    found = with_alike([ran, left, legacy], kinds)
    assert found[0] == ran
    assert (found[1].words, found[1].made) == ("since keras 3.0.0", Made.ALIKE)
    assert (found[1].like, found[1].side, found[1].changed) == ("a", "saving", left.changed)
    assert found[2] == legacy


def test_what_was_not_tried_stays_so_where_the_others_do_not_agree() -> None:
    ran = Attributed(one(case="a"), package="keras", since="3.0.0", not_yet="2.15.0")
    other = Attributed(one(case="b"), package="tensorflow", since="2.16.1", not_yet="2.15.1")
    unsure = Attributed(one(case="b"), why="neither as before nor as after")
    left = Attributed(one(case="c"), why=NOT_TRIED)
    kinds = {each.changed: "" for each in (ran, other, left)}
    assert with_alike([ran, other, left], kinds)[2] == left
    assert with_alike([ran, unsure, left], kinds)[2] == left
    assert with_alike([unsure, left], kinds)[1] == left


def test_an_attribution_ends_a_sentence() -> None:
    exact = Attributed(one(), package="keras", since="3.6.0", not_yet="3.5.0")
    assert exact.words == "since keras 3.6.0"
    untried = Attributed(
        one(), package="tensorflow", since="2.18.1", untried=("2.18.0",), together=("tf-keras",)
    )
    assert untried.words == "in one of tensorflow 2.18.0 to 2.18.1 with tf-keras of its own"
    assert Attributed(one(), why=NOT_TRIED).words == "not attributed"


def test_cross_cells_say_which_side_it_was() -> None:
    assert side_of(one(), (PASS, FAIL)) == "saving"
    assert side_of(one(), (FAIL, PASS)) == "loading"
    assert side_of(one(), (None, PASS)) == ""

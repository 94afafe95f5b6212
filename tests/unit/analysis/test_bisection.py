"""Which points a search runs, and which changes it finds, against a look at every point."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.bisection import Change, changes, next_points, spread

OUTCOMES = st.lists(st.sampled_from(["pass", "fail", "wrong", None]), max_size=24)


def search(truth, **options):
    """Search a row whose outcomes are all known; return what was run, and how many rounds it took."""
    known: dict[int, str | None] = {}
    rounds = 0
    while points := next_points(known, len(truth), **options):
        assert points == sorted(set(points))
        assert not known.keys() & set(points), "nothing is run twice"
        known |= {point: truth[point] for point in points}
        rounds += 1
    return known, rounds


def brute_force(truth):
    """Return the pairs of neighbours that differ, of the points with an outcome."""
    known = [(i, value) for i, value in enumerate(truth) if value is not None]
    return [(a, b) for (a, was), (b, now) in pairwise(known) if was != now]


def pairs(known):
    return [(change.before, change.after) for change in changes(known)]


@given(OUTCOMES)
def test_linear_finds_every_change(truth):
    known, rounds = search(truth, linear=True)
    assert len(known) == len(truth)
    assert rounds <= 1
    assert pairs(known) == brute_force(truth)


@given(st.integers(0, 40), st.integers(0, 40), st.sets(st.integers(0, 80)), st.integers(1, 4))
def test_one_change_is_found_whatever_cannot_be_installed(before, after, gone, width):
    values = ["pass"] * before + ["fail"] * after
    truth = [None if point in gone else value for point, value in enumerate(values)]
    known, _ = search(truth, width=width)
    assert pairs(known) == brute_force(truth)


@given(OUTCOMES, st.sets(st.integers(-2, 30), max_size=6), st.integers(1, 3))
def test_what_is_found_is_true_and_its_neighbours_were_run(truth, coarse, width):
    known, _ = search(truth, coarse=coarse, width=width)
    assert set(pairs(known)) <= set(brute_force(truth))
    for change in changes(known):
        assert all(truth[point] is None for point in range(change.before + 1, change.after))
        assert set(change.skipped) == set(range(change.before + 1, change.after))
        outer = [p for p in range(change.before) if truth[p] is not None][-1:]
        outer += [p for p in range(change.after + 1, len(truth)) if truth[p] is not None][:1]
        assert set(outer) <= known.keys()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6)), max_size=6))
def test_coarse_points_in_every_stretch_find_every_change(stretches):
    truth: list[str] = []
    coarse = []
    for outcome, length in stretches:
        coarse.append(len(truth))
        truth += [outcome] * length
    known, _ = search(truth, coarse=coarse)
    assert pairs(known) == brute_force(truth)


@given(OUTCOMES, st.integers(0, 12))
def test_a_search_that_was_cut_short_goes_on_where_it_was(truth, rounds):
    known: dict[int, str | None] = {}
    for _ in range(rounds):
        points = next_points(known, len(truth))
        known |= {point: truth[point] for point in points[:1]}  # the others were never finished
    while points := next_points(known, len(truth)):
        known |= {point: truth[point] for point in points}
    whole, _ = search(truth)
    assert set(pairs(whole)) <= set(pairs(known))


def test_a_patch_release_beside_the_change_is_seen():
    truth = ["pass"] * 8 + ["fail", "pass", "fail"] + ["fail"] * 9
    known, _ = search(truth)
    assert pairs(known) == [(7, 8), (8, 9), (9, 10)]


def test_a_binary_search_is_short():
    truth = ["pass"] * 37 + ["fail"] * 27
    known, rounds = search(truth)
    assert len(known) <= 10
    wide, fewer = search(truth, width=2)
    assert pairs(known) == pairs(wide) == [(36, 37)]
    assert fewer < rounds


def test_no_change_is_an_answer():
    assert search(["pass"] * 30) == ({0: "pass", 29: "pass"}, 1)
    assert search([]) == ({}, 0)
    assert search(["fail"]) == ({0: "fail"}, 1)
    assert search([None, None, None])[0] == {0: None, 1: None, 2: None}


def test_what_was_skipped_in_a_change_is_said():
    known, _ = search(["pass", "pass", None, "fail"])
    assert changes(known) == [Change(1, 3, "pass", "fail", (2,))]


@given(st.integers(0, 60), st.integers(0, 10))
def test_points_are_spread_from_end_to_end(count, wanted):
    found = spread(count, wanted)
    assert len(found) == min(count, wanted)
    if wanted >= 2 and count:
        assert found[0] == 0
        assert found[-1] == count - 1


DAYS = ["2025-10", "2026-01-30", "2025-12", "2026-01-14", "2026-01-30", "2026-04"]
BROKEN_LATER = ["pass", "fail", "pass", "pass", "fail", "fail"]  # in 3.12.1, and in 3.13.2


def test_what_is_higher_and_older_need_not_have_a_change():
    known, _ = search(BROKEN_LATER, days=DAYS)
    assert pairs(known) == [(0, 1), (1, 2), (3, 4)]


def test_what_is_lower_and_no_older_may_have_it_too():
    mended = ["fail", "pass", "fail", "fail", "pass", "pass"]
    known, _ = search(mended, days=DAYS, coarse=[3])
    assert pairs(known) == [(0, 1), (1, 2), (3, 4)]


@given(OUTCOMES, st.data())
def test_days_add_to_what_is_found_and_the_search_ends(truth, data):
    days = [data.draw(st.sampled_from(["", "2025-01", "2025-02", "2025-03"])) for _ in truth]
    known, _ = search(truth, days=days)
    assert set(pairs(known)) <= set(brute_force(truth))
    assert set(search(truth)[0]) <= set(known)

"""The colour scale: every step can be read, in both schemes, and steps follow shares."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.views.report.scale import (
    DARK,
    LIGHT,
    STEPS,
    colour,
    contrast,
    ink,
    step,
    stylesheet,
)


@pytest.mark.parametrize("stops", [LIGHT, DARK])
def test_the_ink_of_every_step_can_be_read(stops):
    for number in range(STEPS + 1):
        ground = colour(stops, number)
        assert contrast(ink(ground), ground) >= 4.5, number


@pytest.mark.parametrize("stops", [LIGHT, DARK])
def test_the_scale_goes_through_its_colours_without_a_jump(stops):
    for number, stop in ((0, stops[0]), (STEPS // 2, stops[1]), (STEPS, stops[2])):
        assert colour(stops, number) == pytest.approx(stop, abs=0.005)
    steps = [colour(stops, number) for number in range(STEPS + 1)]
    for one, other in pairwise(steps):
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) < 0.03


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((0.4, 0.4, 0.4), (0.4, 0.4, 0.4)) == 1


@given(st.integers(1, 10_000), st.data())
def test_only_all_is_a_hundred_and_only_none_is_nought(of, data):
    passed = data.draw(st.integers(0, of))
    found = step(passed, of)
    assert (found == STEPS) == (passed == of)
    assert (found == 0) == (passed == 0)
    assert abs(found - 100 * passed / of) <= 1
    assert step(0, 0) == -1


def test_there_is_a_rule_for_every_step_in_both_schemes():
    text = stylesheet()
    assert text.count(".s100{") == text.count(".s0{") == 2
    assert text.count("--ink") == 2 * (STEPS + 1)
    assert text.count("{") == text.count("}")

"""Three answers: known, possibly one of these, not known; never an empty one."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from savedmodel_matrix.analysis.error_building import entries
from savedmodel_matrix.analysis.error_index import KNOWN, POSSIBLE, Match
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.views.explained import REPORT, WORDS, answer, as_json
from tests.unit.pages import acts, hostile

EXPLAINED = {one.name: one for one in entries(explanations())}
KEYS = list(EXPLAINED)


def printed(matches, width=100):
    raw = io.StringIO()
    Console(file=raw, width=width).print(answer(matches, EXPLAINED), highlight=False)
    return raw.getvalue()


def matches(number, confidence, line="a line"):
    return [Match(key, confidence, 9, line) for key in KEYS[:number]]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (matches(1, KNOWN), WORDS["known"]),
        (matches(1, POSSIBLE), WORDS["possible"]),
        (matches(2, POSSIBLE), WORDS["possibles"]),
        ([], WORDS["unknown"]),
    ],
)
def test_the_answer_is_the_first_line(found, said):
    page = printed(found)
    assert page.splitlines()[0][2:] == said
    for match in found:
        assert EXPLAINED[match.key].title in page
        assert EXPLAINED[match.key].links[0] in page
    assert ("Why  " in page) == bool(found and found[0].confidence == KNOWN)
    assert all((label in page) == (not found) for label, _ in REPORT)


def test_more_than_three_are_titles():
    page = printed(matches(6, POSSIBLE))
    assert page.count("What to do") == 3
    assert EXPLAINED[KEYS[5]].title in page


@given(hostile, st.integers(20, 200))
def test_nothing_of_what_was_pasted_acts(line, width):
    page = printed(matches(1, KNOWN, line), width)
    assert not any(acts(character) for character in page)


def test_plain_data_has_all_that_is_known_of_a_cause():
    [one] = as_json(matches(1, KNOWN), EXPLAINED)
    assert one["key"] == KEYS[0]
    assert one["title"] == EXPLAINED[KEYS[0]].title
    assert one["links"] == list(EXPLAINED[KEYS[0]].links)
    assert as_json([], EXPLAINED) == []

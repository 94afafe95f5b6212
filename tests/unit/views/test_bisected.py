"""What a bisection says: one sentence first, whatever was found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.bisected import (
    Asked,
    Bisected,
    Blame,
    Found,
    Row,
    Side,
    Tried,
    changes_of,
)
from savedmodel_matrix.analysis.versions import Difference
from savedmodel_matrix.views.bisected import bisected_lines, trial_line
from savedmodel_matrix.views.bisected_json import bisected_json
from savedmodel_matrix.views.bisected_sentence import phrase, sentence
from savedmodel_matrix.views.release_links import compare_link, release_link
from tests.unit.rows import RENAMED, cell

if TYPE_CHECKING:
    from collections.abc import Sequence

PASS, LOAD, SAVE = cell(), cell("fail", stage="load"), cell("fail", stage="save")


def bisected(rows: Sequence[dict[str, str] | None], asked: Asked = Asked.PASS) -> Bisected:
    """Return what was found in releases 3.0.0, 3.1.0 …, of which None were not tried."""
    tried = {
        place: Tried(row, packages={"keras": f"3.{place}.0", "numpy": "2.0.0"})
        for place, row in enumerate(rows)
        if row
    }
    return Bisected(
        case="dense",
        remedy="as-written",
        loader="tf.saved_model.load",
        package="keras",
        over="tf2.21",
        side=Side.BOTH,
        asked=asked,
        rows=[Row(f"3.{place}.0", "2024-01-02", "e") for place in range(len(rows))],
        tried=tried,
        found=[Found(change) for change in changes_of(tried, asked)],
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([PASS, LOAD], "keras 3.0.0 passes, 3.1.0 fails at load; NumPy 2.0.0 unchanged."),
        (
            [PASS, LOAD, PASS],
            "keras 3.0.0 passes, 3.1.0 fails at load; passes again from 3.2.0; NumPy 2.0.0 unchanged.",
        ),
        (
            [SAVE, None, PASS, LOAD, LOAD],
            (
                "keras 3.0.0 fails at save, 3.2.0 passes; fails at load from 3.3.0; the same up to "
                "3.4.0, the newest that was searched; NumPy 2.0.0 unchanged."
            ),
        ),
        (
            [PASS, None, PASS],
            "No bad release: of keras 3.0.0 to 3.2.0, each of the 2 releases that were run passes.",
        ),
        (
            [LOAD, SAVE],
            (
                "No good release: of keras 3.0.0 to 3.1.0, each of the 2 releases that were run fails "
                "at load or fails at save."
            ),
        ),
        ([None, None], "No release of keras gave an outcome."),
    ],
)
def test_the_answer_is_one_sentence(rows: list[dict[str, str] | None], said: str) -> None:
    assert sentence(bisected(rows)) == said
    assert bisected_lines(bisected(rows))[0] == said


def test_the_last_release_that_came_out_the_same_is_said_of_the_last_stretch() -> None:
    said = sentence(bisected([PASS, PASS, LOAD, PASS, PASS]))
    assert "passes again from 3.3.0; the same up to 3.4.0, the newest that was searched" in said


def test_signatures_are_said_as_they_are() -> None:
    renamed = bisected([PASS, {**PASS, "signature": RENAMED}], Asked.SIGNATURE)
    assert f"3.1.0 has {RENAMED}" in sentence(renamed)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (cell("crash", stage="run"), "crashes at run"),
        (cell("timeout", stage="load"), "does not end at load"),
        (cell("not-applicable", stage=""), "does not apply"),
        (cell("not-run", stage="environment"), "cannot be tried"),
    ],
)
def test_every_outcome_has_words(row: dict[str, str], said: str) -> None:
    assert phrase(Tried(row), Asked.PASS) == said


def test_a_skipped_release_says_why_and_nothing_in_it_acts() -> None:
    line = trial_line(Row("3.0.0", "", "e"), Tried(PASS, skipped="no\x1b[31m wheel"), Asked.PASS)
    assert line == "  3.0.0 cannot be tried: no wheel"


def test_each_change_says_what_else_differs_and_which_side_it_was() -> None:
    result = bisected([PASS, LOAD])
    (found,) = result.found
    others = (Difference("keras", "3.0.0", "3.1.0"), Difference("optree", "", "0.13"))
    full = replace(found, differences=others, blame=Blame.LOADING)
    lines = bisected_lines(replace(result, found=[full]))
    assert "  Also differ: optree (none) → 0.13" in lines
    assert any("the side that loads" in line for line in lines)
    assert "  https://github.com/keras-team/keras/releases/tag/v3.1.0" in lines


@given(st.lists(st.sampled_from([PASS, LOAD, SAVE, None]), max_size=8), st.sampled_from(Asked))
def test_whatever_was_found_can_be_said(rows: list[dict[str, str] | None], asked: Asked) -> None:
    result = bisected(rows, asked)
    assert all("\n" not in line for line in bisected_lines(result))
    found = json.loads(bisected_json(result))
    assert found["sentence"] == sentence(result)
    assert len(found["releases"]) == len(rows)
    assert len(found["changes"]) == len(result.found)


def test_links_are_of_packages_whose_tags_are_known() -> None:
    assert release_link("h5py", "3.14.0").endswith("h5py/releases/tag/3.14.0")
    assert release_link("protobuf", "7.36.2") == ""
    assert release_link("keras", "3.4.0/../x") == ""
    assert compare_link("keras", "3.4.0", "3.4.0") == ""
    assert compare_link("numpy", "2.0.0", "2.0.1").endswith("/compare/v2.0.0...v2.0.1")


def test_how_releases_end_after_the_last_change_is_told_where_they_differ() -> None:
    crash, values = cell("crash", stage="run"), cell("fail", stage="values")
    said = sentence(bisected([PASS, crash, crash, values, values]))
    assert said == (
        "keras 3.0.0 passes, 3.1.0 crashes at run; fails at values in 3.3.0; no better up to "
        "3.4.0, the newest that was searched; NumPy 2.0.0 unchanged."
    )


def test_one_outcome_alone_is_no_answer() -> None:
    found = bisected([PASS])
    skipped = Tried({}, skipped="no wheel")
    rows = [*found.rows, Row("3.1.0", "", "e")]
    alone = replace(found, tried={**found.tried, 1: skipped}, rows=rows)
    assert sentence(alone).startswith(
        "Nothing to compare: keras 3.0.0 passes, and of 1 other releases that were tried none could be run"
    )


def test_where_all_fail_each_reason_is_told_once() -> None:
    one = {**LOAD, "reason": "TypeError: bad <n>", "message": "bad 5"}
    other = {**SAVE, "reason": "ValueError: worse", "message": "worse"}
    assert bisected_lines(bisected([one, one, other]))[1:3] == [
        "  3.0.0 and 1 more: fails at load: TypeError: bad 5",
        "  3.2.0 fails at save: ValueError: worse",
    ]


NESTED = """<class 'Dense'> could not be deserialized properly. Please ensure that …
Exception encountered: <class 'GlorotUniform'> could not be deserialized properly.
Exception encountered: GlorotUniform.__init__() got an unexpected keyword argument 'input_axes'"""
OBJECTS = """A total of 2 objects could not be loaded. Example error message for object <Dense 'd'>:

Layer 'd' expected 2 variables"""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (NESTED, "GlorotUniform.__init__() got an unexpected keyword argument 'input_axes'"),
        (OBJECTS, "Layer 'd' expected 2 variables"),
    ],
)
def test_a_reason_begins_where_the_cause_does(message: str, said: str) -> None:
    failed = {**LOAD, "reason": "TypeError: <class <name>> could …", "message": message}
    lines = bisected_lines(bisected([failed, PASS]))
    assert any(line.endswith(f"fails at load: TypeError: {said}") for line in lines)


def test_what_fails_before_anything_is_loaded_is_said_so() -> None:
    building = bisected([cell("fail", stage="build"), PASS])
    assert "  The case's own code fails, before anything is saved." in bisected_lines(building)
    saving = bisected([SAVE, PASS])
    assert "  It fails to save, so nothing is loaded." in bisected_lines(saving)


def test_two_failures_of_one_stage_are_told_apart() -> None:
    one, other = ({**LOAD, "fingerprint": text} for text in ("a", "b"))
    said = sentence(bisected([one, other, PASS], Asked.FINGERPRINT))
    assert said.startswith("keras 3.0.0 fails at load, 3.1.0 in another way; passes from 3.2.0")

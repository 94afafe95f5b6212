"""What is kept of attributions, there and back, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.attribution import Attributed, Changed, Made, Step
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.attribution import (
    FILE,
    Attribution,
    content,
    load_attribution,
    parse,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = st.text(max_size=8)
SOME = st.text(min_size=1, max_size=8)
ENDED = st.tuples(TEXT, TEXT, TEXT)
CHANGED = st.builds(
    Changed, TEXT, ENDED, ENDED, st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3).map(tuple)
)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
FOUND = st.builds(
    Attributed,
    CHANGED,
    package=SOME,
    since=TEXT,
    not_yet=TEXT,
    untried=TEXTS,
    over=TEXT,
    made=st.sampled_from(Made),
    together=TEXTS,
    side=TEXT,
    like=TEXT,
)
UNKNOWN = st.builds(Attributed, CHANGED, why=SOME)
STEP = st.builds(
    Step,
    TEXT,
    TEXT,
    st.dictionaries(TEXT, st.tuples(TEXT, TEXT), max_size=2),
    TEXTS,
    st.lists(FOUND | UNKNOWN, max_size=3).map(tuple),
    st.integers(0, 9999),
)
WHOLE = st.builds(Attribution, TEXT, TEXT, TEXT, TEXT, st.lists(STEP, max_size=3).map(tuple))
ONE = Changed("a", ("pass", "values", ""), ("fail", "run", "aa"), (("as-written", "tflite"),))
KEPT = Attribution(
    "ab",
    "2026-11-27T04:42:48Z",
    "2026-11-27",
    "0.1.0",
    (Step("tf2.15", "tf2.16", {"keras": ("2.15.0", "3.15.1")}, (), (Attributed(ONE, why="w"),)),),
)


@given(WHOLE)
def test_what_is_kept_comes_back(kept: Attribution) -> None:
    assert parse(json.loads(content(kept))) == kept


def test_what_a_cell_goes_back_to_is_found_by_its_names(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content(KEPT))
    loaded = load_attribution(tmp_path)
    assert loaded == KEPT
    [found] = loaded.members["tf2.15", "tf2.16"].items()
    assert found == (("a", "as-written", "tflite"), KEPT.steps[0].attributed[0])
    assert load_attribution(tmp_path / "elsewhere") is None


def test_a_group_has_a_line(tmp_path: Path) -> None:
    steps = (replace(KEPT.steps[0], attributed=KEPT.steps[0].attributed * 5),)
    text = content(replace(KEPT, steps=steps)).decode()
    assert sum('"why": "w"' in line for line in text.splitlines()) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2}',
        content(KEPT).decode().replace('"why": "w", ', ""),
        content(KEPT).decode().replace('["as-written", "tflite"]', ""),
        content(KEPT).decode().replace('"why"', '"package": "p", "why"'),
    ],
)
def test_what_is_no_attribution_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UserError, match=r"attribution\.json is no attribution .*remove it and run"):
        load_attribution(tmp_path)

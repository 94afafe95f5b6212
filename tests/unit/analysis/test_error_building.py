"""The index of error texts is what explanations, signs and accepted cells make of it."""

from typing import Any

import pytest

from savedmodel_matrix.analysis.error_building import as_json, build, entries, read_signs, said
from savedmodel_matrix.analysis.error_index import INDEX, KNOWN, explain
from savedmodel_matrix.analysis.explanations import Explanation, Explanations, explanations
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import rows_of
from savedmodel_matrix.store.accepted import load_table
from tests.unit.analysis.test_explanations import ROOT, row

REST: dict[str, Any] = {
    "title": "T",
    "what": "W",
    "why": "Y",
    "since": "S",
    "do": "D",
    "links": ("https://x",),
}


def known(*names, **more):
    return Explanations({name: (Explanation(name, **REST | more),) for name in names})


def test_the_shipped_index_is_up_to_date():
    rows = rows_of(load_table(ROOT / "results" / "accepted"))
    made = as_json(build(explanations(), said(rows, explanations())))
    assert INDEX.read_bytes() == made, "run: savedmodel-matrix report --index"
    assert len(made) < 300_000


def test_every_explanation_can_be_found_and_a_known_sign_is_more_than_a_word_or_two():
    signs = read_signs()
    index = build(explanations(), {})
    assert {one.name for one in entries(explanations())} == {s["cause"] for s in index["signs"]}
    for entry in signs.values():
        assert all(len(sign.split()) >= 3 for sign in entry.get("known", ()))


def test_the_title_of_what_is_known_does_not_make_another_cause_known():
    for one in entries(explanations()):
        sure = {match.key for match in explain(one.title) if match.confidence == KNOWN}
        assert sure <= {one.name}, one.title


def test_signs_have_alternatives_parts_and_conditions():
    stated = {
        "a": {"known": ["{one|two} x … 'Y_z' & with it ! not it"], "possible": ["Lone", "se*"]}
    }
    signs = build(known("a"), {}, stated)["signs"]
    assert [sign["parts"] for sign in signs] == [["onex", "yz"], ["twox", "yz"], ["lone"], ["se*"]]
    assert signs[0] == {
        "cause": "a",
        "known": True,
        "score": 12,
        "parts": ["onex", "yz"],
        "with": ["withit"],
        "without": ["notit"],
    }
    assert [sign.get("alone", False) for sign in signs] == [False, False, True, True]


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"b": {"known": ["a b c"]}}, r"\[b\] is no cause"),
        ({"a": {"known": ["a … !"]}}, "has no letter"),
        ({"a": {"possible": ["..."]}}, "has no letter"),
    ],
)
def test_a_sign_that_means_nothing_is_named(stated, message):
    with pytest.raises(UserError, match=message):
        build(known("a"), {}, stated)


def test_a_file_of_signs_that_states_something_else_is_refused(tmp_path):
    file = tmp_path / "signs.toml"
    file.write_text('[a]\nsure = ["x"]\n')
    with pytest.raises(UserError, match="'sure'"):
        read_signs(file)
    file.write_text("[a\n")
    with pytest.raises(UserError, match="cannot be read"):
        read_signs(file)


@pytest.mark.parametrize(
    ("message", "sure"),
    [
        ("ValueError: A table of this kind is not written by <name> in a saved model", True),
        ("ValueError: A table of this kind is not written by <name> in a very long mes…", True),
        ("AttributeError: <name> object has no attribute very_long_name_of_something_there", False),
        ("ValueError: Too short <name>", False),
    ],
)
def test_a_cause_without_signs_is_recognised_by_what_its_cells_said(message, sure):
    index = build(known("a", "b"), {"a": {message: 3}}, {})
    text = message.replace("<name>", "'that.one'").rstrip("…")
    [match] = [one for one in explain(text, index) if one.key == "a"]
    assert (match.confidence == KNOWN) is sure
    assert index["cells"] == {"a": 3, "b": 0}


def test_what_cells_said_is_counted_by_cause():
    rows = [
        row() | {"reason": "E: one", "remedy": "r"},
        row(case="b")
        | {"reason": "E: one; TF_USE_LEGACY_KERAS does not reach code", "remedy": "r"},
        row(case="c") | {"reason": "E: two", "remedy": "r"},
        row(status="pass") | {"reason": "", "remedy": "r"},
    ]
    assert said(rows, Explanations({"abc": (Explanation("a", **REST),)})) == {
        "a": {"E: one": 2, "E: two": 1}
    }


def test_words_that_any_message_has_weigh_nothing_and_rare_ones_most():
    index = build(known("a", "b", what="ValueError of a rareword"), {"a": {"E: only": 1}}, {})
    assert index["weights"]["valueerror"] == 0
    assert index["weights"]["only"] == 0
    assert index["words"]["rareword"] == ["a", "b"]
    one = build(known("a"), {"a": {"ValueError: HashTableV2 of <name>": 1}}, {})
    assert one["identifiers"] == {"hashtablev2": ["a"]}

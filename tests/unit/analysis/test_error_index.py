"""The index of error texts, on what people pasted: half of it was never tuned on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.error_index import GAP, KNOWN, MOST, POSSIBLE, explain, index
from tests.unit.analysis.errors import FOREIGN, HERE, SHAPES, pasted

EVERY = pasted()
TUNED_AND_NOT = [False, True]


def first(text):
    found = explain(text)
    return (found[0].key, found[0].confidence) if found else (None, None)


def test_the_set_is_large_and_complete():
    assert len(EVERY) >= 60
    assert {one.name for one in EVERY} == {path.stem for path in HERE.glob("*.txt")}
    assert all(one.source.startswith("https://github.com/") for one in EVERY)
    for held_out in TUNED_AND_NOT:
        half = [one.expected for one in EVERY if one.held_out == held_out]
        assert len(half) >= 40
        assert half.count(FOREIGN) >= 15


@pytest.mark.parametrize("held_out", TUNED_AND_NOT)
def test_the_right_cause_comes_first_and_nothing_foreign_is_known(held_out):
    half = [one for one in EVERY if one.held_out == held_out]
    ours = [one for one in half if one.expected != FOREIGN]
    wrong = {one.name: first(one.text) for one in ours if first(one.text)[0] != one.expected}
    unsure = [one.name for one in ours if first(one.text)[1] != KNOWN]
    foreign = {
        one.name: first(one.text)
        for one in half
        if one.expected == FOREIGN and first(one.text)[1] == KNOWN
    }
    assert foreign == {}
    assert len(wrong) <= len(ours) // 20, wrong
    assert len(unsure) <= len(ours) // 8, unsure


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_known_is_known_in_every_shape_and_nothing_else_is(shape):
    for one in EVERY:
        plain, shaped = first(one.text), first(SHAPES[shape](one.text))
        if plain[1] == KNOWN:
            assert shaped == plain, one.name
        else:
            assert shaped[1] != KNOWN, one.name


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("dense/bias", "uninitialised-variable"),
        ("sequential/dense_1/kernel:0", "uninitialised-variable"),
        ("FailedPreconditionError", "uninitialised-variable"),
        ("tf.errors.FailedPreconditionError", "uninitialised-variable"),
        ("OperatorNotAllowedInGraphError", "tensor-as-a-python-bool"),
        ("_UserObject", "slots-of-an-optimizer"),
        ("TensorListReserve", "list-of-unknown-length"),
        ("READ_VARIABLE", "read-before-written"),
    ],
)
def test_a_name_alone_is_possible_and_never_known(text, key):
    assert first(text) == (key, POSSIBLE)


@pytest.mark.parametrize(
    "text",
    [
        *("", " \n", "ValueError", "TypeError", "Killed", "2 root error(s) found.", "the end"),
        "FAILED_PRECONDITION: DNN library initialization failed. Look at the errors above.",
        "ERROR: No matching distribution found for tensorflow==2.15",
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x512 and 256x10)",
        "ValueError: not enough values to unpack (expected 2, got 1)",
        "AttributeError: module 'tensorflow' has no attribute 'Session'",
    ],
)
def test_what_is_anybodys_is_not_known(text):
    assert explain(text) == []


@pytest.mark.parametrize(
    ("text", "context"),
    [
        (
            "ValueError: not enough values to unpack (expected 2, got 0)",
            '  File "keras/src/optimizers/base_optimizer.py", line 1, in apply_gradients\n    x\n',
        ),
        (
            "NotImplementedError: Cannot convert a symbolic tf.Tensor (x:0) to a numpy array.",
            '  File "site-packages/jax/_src/numpy/array_constructors.py", line 1, in array\n    x\n',
        ),
        (
            "AttributeError: 'str' object has no attribute 'base_dtype'",
            '  File "tensorflow/python/training/moving_averages.py", line 1, in apply\n    x\n',
        ),
    ],
)
def test_a_message_that_many_have_is_known_where_its_frames_tell(text, context):
    assert first(text)[1] == POSSIBLE
    assert first(context + text) == (first(text)[0], KNOWN)


def test_an_op_of_tensorflow_itself_is_of_no_package():
    said = "Op type not registered '{}' in binary running on host. Make sure the Op and Kernel are"
    assert first(said.format("CaseFoldUTF8"))[1] == KNOWN
    assert first(said.format("TFText>WhitespaceTokenizeWithOffsetsV2"))[1] == KNOWN
    assert first(said.format("DisableCopyOnRead"))[1] == POSSIBLE


def test_the_line_that_matters_is_shown_without_what_is_around_it():
    [log] = [one.text for one in EVERY if one.name == "serving-docker-log"]
    [match] = explain(log)
    assert match.line.startswith("OP_REQUIRES failed at resource_variable_ops.cc:681 : FAILED")
    assert match.line.endswith("...")


def test_code_that_a_traceback_shows_is_no_message():
    frame = '  File "a.py", line 1, in f\n    raise ValueError("The filename must end in `.weights.h5`.")\n'
    assert explain(f"{frame}KeyError: 3") == []


KNOWN_SIGNS = {
    "cells": {"a": 1, "b": 9, "c": 1},
    "signs": [
        {"cause": "a", "known": True, "score": 10, "parts": ["first", "second"]},
        {"cause": "b", "known": False, "score": 10, "parts": ["first"]},
        {"cause": "c", "known": False, "score": 10, "parts": ["first"], "without": ["second"]},
        {"cause": "a", "known": False, "score": 5, "parts": ["lone"], "alone": True},
        {"cause": "c", "known": False, "score": 10, "parts": ["third"], "with": ["fourth"]},
    ],
    "words": {},
    "weights": {},
    "identifiers": {},
}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("first x second", ["a"]),
        (f"first {'x' * GAP} second", ["a"]),
        (f"first {'x' * (GAP + 1)} second", ["b"]),
        ("second first", ["b"]),
        ("first", ["b", "c"]),  # of two that are equal, the one that more cells have
        ("lone", ["a"]),
        ("lone " * 6, []),
        ("third", []),
        ("third and\nfourth", ["c"]),
    ],
)
def test_parts_in_their_order_with_others_beside_and_without(text, keys):
    assert [match.key for match in explain(text, KNOWN_SIGNS)] == keys


@given(st.text(max_size=200) | st.lists(st.sampled_from(sorted(index()["words"]))).map(" ".join))
def test_any_text_has_an_answer_and_words_alone_make_nothing_known(text):
    found = explain(text)
    assert len(found) <= MOST
    assert len({match.confidence for match in found}) <= 1
    assert [match.key for match in found] == list(dict.fromkeys(match.key for match in found))

"""Two runs of one failure must compare equal, and different failures must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.fingerprint import fingerprint, mask, of_failure, reason

LOST = (
    "Could not find variable {name}. This could mean that the variable has been deleted. In TF1, it "
    "can also mean the variable is uninitialized. Debug info: container=localhost, status error "
    "message=Resource localhost/{name}/N10tensorflow3VarE does not exist.\n\t [[{{{{node {name}}}}}]]"
)


@pytest.mark.parametrize(
    "name",
    [
        "dense_7/kernel",
        "kernel",
        "v.1/bias:0",
        "in_10_hours/kernel",
        "sequential/dense/bias",
        "sequential/batch_normalization_1/moving_variance",
        "bidirectional/forward_lstm/lstm_cell/recurrent_kernel",
        "a/b/c/d/e-f/g",
    ],
)
def test_which_variable_is_named_does_not_matter(name):
    assert mask(LOST.format(name=name)) == mask(LOST.format(name="dense/bias"))


@given(st.from_regex(r"\A[a-z_0-9]{1,9}(/[a-z_0-9]{1,9}){0,5}\Z"))
def test_however_deep_the_variable_is(name):
    assert mask(LOST.format(name=name)) == mask(LOST.format(name="dense/bias"))


def test_the_number_of_root_errors_does_not_matter():
    one = LOST.format(name="dense/bias")
    two = f"2 root error(s) found.\n  (0) FAILED_PRECONDITION: {one}\n  (1) FAILED_PRECONDITION: {one}"
    assert mask(two) == mask(one)


def test_the_prefixes_that_python_and_c_put_before_do_not_matter():
    one = LOST.format(name="dense/bias")
    assert mask(f"Graph execution error:\n\n{one}") == mask(one)
    assert mask(f"FAILED_PRECONDITION: {one}") == mask(one)


def test_paths_addresses_numbers_and_quotes_are_masked():
    first = mask("No file '/tmp/a/b' at 0x7f31: wanted 3, got 4.5 in `Dense.call()`")
    second = mask("No file '/home/x/y/z' at 0x9: wanted 12, got 7 in `LSTM.call()`")
    assert first == second
    assert "3" not in first


def test_different_failures_differ():
    lost = of_failure("FAILED_PRECONDITION", LOST.format(name="dense/bias"))
    other = of_failure(
        "AssertionError", "Tried to export a function which references an 'untracked'"
    )
    assert fingerprint(lost) != fingerprint(other)


def test_no_failure_has_no_fingerprint():
    assert fingerprint("") == ""


@given(st.text())
def test_masking_twice_changes_nothing_visible_and_never_fails(text):
    masked = mask(text)
    assert masked == " ".join(masked.split())
    assert len(reason(masked)) <= 200

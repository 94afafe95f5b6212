"""Comparing numbers and keeping arrays; needs NumPy, no TensorFlow."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from savedmodel_matrix.host import tensors
from savedmodel_matrix.host.values import compare


def array(*values, dtype="float32"):
    return np.array(values, dtype=dtype)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (array(1.0), array(1.000001)),
        (array(np.nan, np.inf, -np.inf, -0.0), array(np.nan, np.inf, -np.inf, 0.0)),
        (array(1.0, dtype="float16"), array(1.005, dtype="float16")),
        (array(), array()),
        (np.float32(1), np.float32(1)),
        (array(3, dtype="int64"), array(3, dtype="int64")),
    ],
)
def test_right(expected, actual):
    assert compare("y", np.asarray(expected), actual, None).difference == ""


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        (array(1.0), array(1.001), "1 of 1 values differ"),
        (array(np.nan), array(1.0), "1 of 1 values differ"),
        (array(np.inf), array(-np.inf), "1 of 1 values differ"),
        (array(1.0, 2.0), array(1.0), "shape"),
        (array(1.0), array(1.0, dtype="float64"), "dtype"),
        (array(3, dtype="int64"), array(4, dtype="int64"), "1 of 1 values differ"),
        (array(True, dtype="bool"), array(False, dtype="bool"), "1 of 1 values differ"),
    ],
)
def test_wrong(expected, actual, said):
    assert said in compare("y", expected, actual, None).difference


def test_the_largest_error_is_recorded_in_a_pass_too():
    compared = compare("y", array(1.0, 2.0), array(1.0, 2.000001), None)
    assert compared.difference == ""
    assert 0 < compared.absolute < 1e-5


def test_a_case_may_state_its_tolerance():
    assert compare("y", array(1.0), array(1.05), 0.1).difference == ""
    assert compare("y", array(0.0), array(0.05), {"atol": 0.1}).difference == ""


def test_strings_are_exact():
    want = tensors.as_array(np.array(["a", "b\0"], dtype=object))
    assert compare("y", want, np.array([b"a", b"b\0"], dtype=object), None).difference == ""
    assert compare("y", want, np.array([b"a", b"b"], dtype=object), None).difference


@given(
    hnp.arrays(
        dtype=st.sampled_from(
            [np.dtype(n) for n in ("float32", "float64", "int64", "bool", "float16", "complex64")]
        ),
        shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
    )
)
def test_arrays_come_back_bit_for_bit(value):
    back = tensors.decode(tensors.encode(value))
    assert back.dtype == value.dtype
    assert back.shape == value.shape
    assert back.tobytes() == value.tobytes()


@given(st.lists(st.binary(), max_size=5))
def test_strings_come_back_with_every_nul(items):
    value: Any = np.empty(len(items), dtype=object)
    value[:] = items
    assert tensors.decode(tensors.encode(value)).tolist() == items


def test_what_has_no_dtype_is_refused():
    with pytest.raises(TypeError, match="no TensorFlow dtype"):
        tensors.as_array(np.array([object()], dtype=object))


def test_the_numbers_shown_begin_where_the_error_is_largest():
    expected: Any = np.arange(20, dtype="float32").reshape(4, 5)
    actual = expected.copy()
    actual[1, 2] += 3
    actual[3, 4] += 1
    shown = compare("y", expected, actual, None).numbers
    assert (shown["dtype"], shown["shape"], shown["index"]) == ("float32", [4, 5], 7)
    assert shown["expected"] == ["7.0", "8.0", "9.0", "10.0", "11.0", "12.0"]
    assert shown["actual"] == ["10.0", "8.0", "9.0", "10.0", "11.0", "12.0"]


def test_the_numbers_shown_of_strings_and_of_other_shapes():
    words = np.array([b"a", b"\xff" * 99], dtype=object)
    shown = compare("y", words, np.array([b"a", b"b"], dtype=object), None).numbers
    assert (shown["dtype"], shown["index"], shown["actual"]) == ("string", 0, ["a", "b"])
    assert shown["expected"][1].startswith("\\xff\\xff")
    assert len(shown["expected"][1]) == 61
    shapes = compare("y", array(1.0, 2.0), array(1.0), None).numbers
    assert (shapes["shape"], shapes["expected"], shapes["actual"]) == ([2], ["1.0", "2.0"], ["1.0"])


@given(
    hnp.arrays(
        st.sampled_from([np.dtype("float32"), np.dtype("int64"), np.dtype("bool")]),
        hnp.array_shapes(min_dims=0, max_side=4),
    )
)
def test_numbers_of_equal_arrays_are_equal(made):
    shown = compare("y", np.asarray(made), made, None).numbers
    assert shown["expected"] == shown["actual"]
    assert len(shown["expected"]) <= 6

"""Arrays for the inputs of a signature: made from dtypes and shapes, or read from a file."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.feeds import Slot, made, read

DTYPES = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "int64": "int64",
    "uint8": "uint8",
    "bool": "bool",
    "complex64": "complex64",
}
SIGNATURES = {
    "serve": {"x": Slot("float", (-1, 4)), "n": Slot("int32", ())},
    "embed": {"x": Slot("float", (2,))},
}


@given(
    dtype=st.sampled_from([*DTYPES, "string"]),
    shape=st.lists(st.integers(-1, 5), max_size=4).map(tuple),
)
def test_an_array_fits_its_slot_and_is_the_same_each_time(dtype, shape):
    first, again = (made({"s": {"k": Slot(dtype, shape)}})["s"]["k"] for _ in range(2))
    assert len(first.shape) == len(shape)
    assert all(stated in (-1, size) for stated, size in zip(shape, first.shape, strict=True))
    assert first.dtype.kind == "S" if dtype == "string" else first.dtype == DTYPES[dtype]
    assert first.tobytes() == again.tobytes()


def test_open_dimensions_are_two_rows_and_eight_of_anything_else():
    assert made({"s": {"k": Slot("float", (-1, -1, 3))}})["s"]["k"].shape == (2, 8, 3)


def test_two_inputs_of_one_kind_are_told_apart():
    both = made({"s": {"left": Slot("float", (4,)), "right": Slot("float", (4,))}})["s"]
    assert both["left"].tolist() != both["right"].tolist()


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        (Slot("float", None), "--inputs"),
        (Slot("resource", ()), "of dtype resource"),
        (Slot("float", (5000, 5000)), "25000000 elements"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(slot, said):
    with pytest.raises(UserError, match="'k' of signature 's'") as caught:
        made({"s": {"k": slot}})
    assert said in str(caught.value)


def test_a_plain_key_is_meant_for_every_signature_and_a_path_for_one(tmp_path):
    arrays: Any = {"x": [1.0], "serve/n": 3}
    np.savez(tmp_path / "in.npz", **arrays)
    found = read(tmp_path / "in.npz", SIGNATURES, "--inputs")
    assert found["serve"]["x"] == found["embed"]["x"] == [1.0]
    assert found["serve"]["n"] == 3
    assert "n" not in found["embed"]


def test_a_key_that_no_signature_has_is_named_with_the_file(tmp_path):
    np.savez(tmp_path / "in.npz", y=[1.0])
    with pytest.raises(UserError, match=r"in\.npz \(--inputs\) has 'y', which is none of n, x"):
        read(tmp_path / "in.npz", SIGNATURES, "--inputs")


def test_where_all_is_needed_what_is_missing_is_named(tmp_path):
    np.savez(tmp_path / "out.npz", x=[1.0])
    with pytest.raises(UserError, match=r"\(--expected\) lacks serve/n"):
        read(tmp_path / "out.npz", SIGNATURES, "--expected", whole=True)


def _one_array(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


def _objects(path):
    np.savez(path, x=np.array([object()]))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: None,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PK\x03\x04 cut short"),
        lambda path: path.write_text("text"),
        _one_array,
        _objects,
        lambda path: path.mkdir(),
    ],
)
def test_a_file_without_arrays_is_one_sentence_with_what_to_write(tmp_path, write):
    write(tmp_path / "in.npz")
    with pytest.raises(UserError, match=r"in\.npz \(--inputs\).*numpy\.savez"):
        read(tmp_path / "in.npz", SIGNATURES, "--inputs")


@given(data=st.binary(max_size=300))
def test_no_bytes_make_a_traceback(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("bytes") / "in.npz"
    file.write_bytes(data)
    with pytest.raises(UserError):
        read(file, SIGNATURES, "--inputs")

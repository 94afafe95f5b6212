"""Ragged and sparse tensors in components; TensorFlow's own types are tried in integration."""

from types import SimpleNamespace

import numpy as np
import pytest

from savedmodel_matrix.host.composites import components, ragged_names
from savedmodel_matrix.host.load import arrays, flat
from savedmodel_matrix.host.outcome import Wrong

VALUES, SPLITS = np.array([1.0, 2.0, 3.0]), np.array([0, 2, 3])
RAGGED = SimpleNamespace(flat_values=VALUES, nested_row_splits=(SPLITS,))
SPARSE = SimpleNamespace(indices=SPLITS, values=VALUES, dense_shape=SPLITS)
EXPECTED = {"r": {"values": "e/0/values", "row_splits": "e/0/row_splits"}, "d": "e/1"}


def test_the_components_have_the_names_that_tensorflow_gives_them():
    assert list(components(RAGGED) or ()) == ["values", "row_splits"]
    assert list(components(SPARSE) or ()) == ["indices", "values", "dense_shape"]
    deep = SimpleNamespace(flat_values=VALUES, nested_row_splits=(SPLITS, SPLITS))
    assert list(components(deep) or ()) == ["values", "row_splits_0", "row_splits_1"]
    assert ragged_names(1) == ["values"]


@pytest.mark.parametrize("plain", [VALUES, 1.0, b"x", [1.0], None])
def test_a_plain_value_has_none(plain):
    assert components(plain) is None


def test_components_are_compared_under_their_own_names():
    assert flat(EXPECTED) == {
        "r.values": "e/0/values",
        "r.row_splits": "e/0/row_splits",
        "d": "e/1",
    }
    for returned in (RAGGED, {"values": VALUES, "row_splits": SPLITS}):
        found = arrays(EXPECTED, {"r": returned, "d": VALUES})
        assert sorted(found) == ["d", "r.row_splits", "r.values"]
        assert found["r.row_splits"].tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"d": VALUES}, "no output 'r' came back"),
        ({"d": VALUES, "r": VALUES}, "as one tensor"),
        ({"d": VALUES, "r": SPARSE}, "without its component 'row_splits'"),
        ({"d": RAGGED, "r": RAGGED}, "in components"),
    ],
)
def test_what_came_back_otherwise_is_wrong(outputs, said):
    with pytest.raises(Wrong, match=said):
        arrays(EXPECTED, outputs)


def test_what_is_no_array_is_the_loaders_failure():
    with pytest.raises(TypeError, match="no TensorFlow dtype"):
        arrays({"d": "e/1"}, {"d": object()})

"""What Keras exported is called by the names of the model's inputs, never by their order."""

from typing import Any

import numpy as np
import pytest

from savedmodel_matrix.plugins.loaders._exported import Exported, in_order


def fed_to(names):
    seen: list[Any] = []

    def run(fed):
        seen.append(fed)
        return ["out"]

    return Exported(names, run), seen


def test_several_inputs_go_in_by_name_whatever_their_order():
    loaded, seen = fed_to(["b", "a"])
    assert loaded({"a": [1], "b": [2]}) == ["out"]
    assert {name: value.tolist() for name, value in seen[0].items()} == {"a": [1], "b": [2]}
    assert all(isinstance(value, np.ndarray) for value in seen[0].values())


def test_one_tensor_goes_into_the_only_input_whatever_it_is_called():
    loaded, seen = fed_to(["keras_tensor"])
    assert loaded([3]) == ["out"]
    assert list(seen[0]) == ["keras_tensor"]


@pytest.mark.parametrize(
    ("names", "given"), [(["a", "c"], {"a": 1, "b": 2}), (["a", "b"], [1]), ([], [1])]
)
def test_other_names_than_the_models_are_an_error_and_nothing_is_run(names, given):
    loaded, seen = fed_to(names)
    with pytest.raises(LookupError, match="the file takes"):
        loaded(given)
    assert seen == []


def test_numbered_outputs_come_in_the_order_of_their_numbers():
    outputs = {f"output_{number}": number for number in (10, 2, 0, 1)}
    assert in_order(outputs) == [0, 1, 2, 10]


def test_outputs_with_names_of_their_own_keep_them():
    assert in_order({"b": 1, "output_0": 2}) == {"b": 1, "output_0": 2}

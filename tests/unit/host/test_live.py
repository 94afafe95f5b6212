"""What a model says of its inputs, in each Keras: none of it may end a step."""

import pytest

from savedmodel_matrix.host.live import input_structure


class Model:
    def __init__(self, sole, every):
        self._sole, self._every = sole, every

    @property
    def input(self):
        return self._answer(self._sole)

    @property
    def inputs(self):
        return self._answer(self._every)

    @staticmethod
    def _answer(value):
        if isinstance(value, Exception):
            raise value
        return value


@pytest.mark.parametrize("error", [AttributeError(), ValueError("not built"), RuntimeError()])
def test_a_model_that_does_not_know_its_inputs_has_none(error):
    assert input_structure(Model(error, error)) is None
    assert input_structure(Model(error, None)) is None
    assert input_structure(object()) is None


def test_the_structure_comes_before_the_list():
    assert input_structure(Model({"x": 1}, [1])) == {"x": 1}
    assert input_structure(Model(AttributeError(), [1])) == 1
    assert input_structure(Model(AttributeError(), [1, 2])) == [1, 2]

"""One line of Keras mended in the process that saves; Keras 2 is left as it is."""

import sys
from types import ModuleType

import pytest

from savedmodel_matrix.plugins.remedies import patch_keras

CORE = "keras.src.backend.tensorflow.core"


class Raw:
    def _export_to_saved_model_graph(self, object_map, tensor_map, options, **kwargs):
        object_map[self] = "what the signature reads"
        return ["resource"]


class Case:
    def save(self, obj, directory):
        self.saved = directory


@pytest.fixture
def core(monkeypatch):
    """Put a Keras 3 of one class in the place of Keras."""

    class Variable:
        def __init__(self):
            self.value = Raw()

        def _export_to_saved_model_graph(self, object_map, tensor_map, options, **kwargs):
            resources = self.value._export_to_saved_model_graph(object_map, tensor_map, options)
            object_map[self] = "a copy"
            return resources

    for number in range(1, len(CORE.split(".")) + 1):
        name = ".".join(CORE.split(".")[:number])
        module = ModuleType(name)
        module.__path__ = []
        monkeypatch.setitem(sys.modules, name, module)
    vars(module)["Variable"] = Variable
    return module


def test_the_wrapper_is_mapped_to_what_the_signature_reads(core):
    case, variable = Case(), core.Variable()
    objects: dict[object, str] = {}
    patch_keras.save(case, None, "here")
    assert case.saved == "here"
    assert variable._export_to_saved_model_graph(objects, {}, None) == ["resource"]
    assert objects == dict.fromkeys((variable, variable.value), "what the signature reads")


@pytest.mark.parametrize("there", ["nothing", "another class"])
def test_what_has_no_such_line_is_saved_as_written(core, monkeypatch, there):
    if there == "nothing":
        monkeypatch.setitem(sys.modules, CORE, None)  # importing it is an ImportError
    else:
        core.Variable = type("Variable", (), {})
    case = Case()
    patch_keras.save(case, None, "here")
    assert case.saved == "here"
    assert not hasattr(core.Variable, "_export_to_saved_model_graph") or there == "nothing"

"""A call of ours that a version lacks is told from an exception of the library's own."""

import sys
import types

import pytest

from savedmodel_matrix.host.misuse import calls_of, is_misuse
from savedmodel_matrix.host.modules import load_plain
from savedmodel_matrix.host.outcome import Failed, NotRun, Stages

LIBRARY = """
class Model:
    def export(self, filepath): pass
    def save(self, filepath, **kwargs):
        raise TypeError("save() got an unexpected keyword argument 'zipped'")  # says Keras itself
    def call(self, x): return x
    def __call__(self, *args): return self.call(*args)

def error_handler(function):
    def error_handler(*args, **kwargs):
        return function(*args, **kwargs)
    return error_handler

@error_handler
def save_weights(filepath): pass

@error_handler
def run(model, *args): pass
"""


@pytest.fixture
def keras(monkeypatch):
    """Return a module that is Keras by name."""
    module = types.ModuleType("keras")
    exec(compile(LIBRARY, "/site-packages/keras/models.py", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, "keras", module)
    return module


def raised_by(tmp_path, body):
    """Return what a plugin with this body raises, and the path of its file."""
    file = tmp_path / "plugin.py"
    file.write_text(f"import keras\n\n\ndef save(obj):\n    {body}\n")
    plugin = load_plain(file)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        plugin.save(Own())
    return caught.value, str(file)


class Own:
    """An object of the case's."""

    __slots__ = ()

    def export(self, filepath):
        raise TypeError("export() got an unexpected keyword argument 'x'")


@pytest.mark.parametrize(
    "body",
    [
        "keras.Model().export('there', input_signature=[])",
        "keras.Model().export()",
        "keras.Model().export('there', 'and', 'more')",
        "keras.save_weights('there', shards=2)",
        "keras.export.ExportArchive()",
        "keras.Model.from_preset",
        "keras.Model().quantize('int8')",
        "int(x=1, nothing=2)",
    ],
)
def test_what_the_version_lacks_is_the_plugins_fault(tmp_path, keras, body):
    assert is_misuse(*raised_by(tmp_path, body))


@pytest.mark.parametrize(
    "body",
    [
        "keras.Model().save('there')",  # the library says so, deeper down
        "keras.Model()(1, 2)",  # what the user's model takes is not ours to know
        "obj.export('there')",
        "obj.v = []",  # an object that takes no attribute: tracking by hand cannot work
        "obj.nothing",
        "raise TypeError('input x is object, and the signature declares DT_FLOAT')",
        "raise ValueError('missing 1 required positional argument')",
        "{}['serving_default']",
    ],
)
def test_what_the_library_or_the_case_says_is_an_answer(tmp_path, keras, body):
    assert not is_misuse(*raised_by(tmp_path, body))


def test_an_argument_missing_in_the_users_call_is_an_answer_through_a_wrapper_too(tmp_path, keras):
    def call(_self):
        raise AssertionError

    keras.Model.call = keras.error_handler(call)
    error, file = raised_by(tmp_path, "keras.Model()(1)")
    assert "takes 1 positional argument but 2 were given" in str(error)
    assert not is_misuse(error, file)


def test_it_is_not_run_with_a_sentence_and_everything_else_fails(tmp_path, keras):
    stages = Stages(str(tmp_path / "stage"))
    error, file = raised_by(tmp_path, "keras.Model().export('there', input_signature=[])")
    with pytest.raises(NotRun) as caught, stages.calling("save"), calls_of(file, stages):
        raise error
    assert caught.value.stage == "save"
    assert str(caught.value) == (
        "plugin.py asks this version for what it does not have: "
        "Model.export() got an unexpected keyword argument 'input_signature'"
    )
    error, file = raised_by(tmp_path, "obj.nothing")
    with pytest.raises(Failed), stages.calling("save"), calls_of(file, stages):
        raise error

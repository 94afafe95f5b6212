"""What a plain script knows of a case, from its source alone."""

from savedmodel_matrix.views.plain_case import plain_case

MODULE = '''"""A title.

And a story.
"""

import numpy as np
import tensorflow as tf

group = "A group"
issue = [
    "https://example.org/1",
]
tolerance = 5e-3  # why
inputs = {"x": np.ones(3), "y": np.ones(3)}


class Scorer(tf.Module):
    @tf.function(input_signature=[])
    def serve(self, x, y):
        return x + y


def build():
    return Scorer()
'''
SIGNATURES = "\n\ndef signatures(scorer):\n    return scorer.serve\n"


def read(text):
    """Return what is known of a case that is one."""
    case = plain_case(text)
    assert case is not None
    return case


def test_what_the_case_states_to_the_matrix_is_left_out_and_all_else_stays():
    case = read(MODULE)
    assert case.docstring == '"""A title.\n\nAnd a story.\n"""'
    assert case.body.startswith("import numpy as np\nimport tensorflow as tf\n\ninputs = {")
    assert not any(word in case.body for word in ("group", "issue", "example.org", "tolerance"))
    assert case.body.endswith("def build():\n    return Scorer()")
    assert "\n\n\n\n" not in case.body
    assert case.tolerance == "0.005"


def test_a_module_is_served_by_its_only_tf_function_unless_it_states_signatures():
    assert read(MODULE).served == "serve"
    stated = read(MODULE + SIGNATURES)
    assert (stated.served, stated.mapping, stated.name) == ("", False, "scorer")
    assert read(MODULE + SIGNATURES.replace("scorer.serve", '{"a": scorer.serve}')).mapping
    two = MODULE.replace(
        "\n\ndef build", "\n    @tf.function\n    def b(self):\n        pass\n\n\ndef build"
    )
    assert read(two).served == ""


def test_the_object_is_not_called_what_something_else_is_called():
    assert read(MODULE).name == "model"
    assert read(f"{MODULE}\n\nmodel = 3\n").name == "built"
    taken = MODULE.replace("inputs =", "scorer = 3\ninputs =") + SIGNATURES
    assert read(taken).name == "model"


def test_inputs_by_signature_are_told_from_inputs():
    nested = MODULE.replace(
        '{"x": np.ones(3), "y": np.ones(3)}', '{"a": {"x": 1, "y": 2}, "b": {"x": 1}}'
    )
    assert read(nested).nested == ()
    case = read(nested + SIGNATURES)
    assert case.nested == ("a", "b")
    assert case.inputs == ("x", "y")


def test_arguments_are_those_of_a_subclassed_models_call():
    text = MODULE.replace("tf.Module", "tf.keras.Model").replace("def serve", "def call")
    case = read(text)
    assert case.call == ("x", "y")
    assert not case.module
    assert read(MODULE).module


def test_imports_from_the_future_stand_apart():
    case = read(MODULE.replace("import numpy", "from __future__ import annotations\nimport numpy"))
    assert case.future == "from __future__ import annotations"
    assert "__future__" not in case.body


def test_what_is_no_case_is_none():
    assert plain_case("def build(:") is None
    assert plain_case("\0") is None
    assert plain_case("") is None
    assert plain_case(MODULE.replace("def build", "def make")) is None
    assert (
        plain_case(
            MODULE.replace("inputs = {", "inputs = dict(**{").replace("ones(3)}", "ones(3)})")
        )
        is None
    )
    assert plain_case(MODULE.replace('"x": np', "**other, 'x': np")) is None

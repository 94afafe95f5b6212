"""What a config asks to run or import: nothing in healthy ones, everything in others."""

import base64
import json
import marshal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel.keras_config import LARGEST, of_config, parse
from savedmodel_matrix.savedmodel.windows import DamagedFile


def code(source):
    return base64.b64encode(marshal.dumps(compile(source, "x", "eval"))).decode()


def function(module, name):
    return {"module": module, "class_name": "function", "config": name}


def worst(config):
    return [(f.rule, f.severity) for f in of_config(config, "config.json")]


def test_a_lambda_is_found_wherever_it_is_and_harmful_code_is_worse():
    plain = {"class_name": "__lambda__", "config": {"code": code("2 + x")}}
    layer = {"class_name": "Lambda", "config": {"name": "l", "function": plain}}
    nested = {"config": {"layers": [{"class_name": "TimeDistributed", "config": {"layer": layer}}]}}
    [finding] = of_config(nested, "config.json")
    assert (finding.rule, finding.severity) == ("lambda", "high")
    assert finding.evidence["place"].endswith(
        "config.layers[0].config.layer.config.function.config.code"
    )
    harmful = {"class_name": "__lambda__", "config": {"code": code("__import__('os').system('x')")}}
    [finding] = of_config({"loss": [harmful]}, "config.json")
    assert finding.severity == "critical"
    assert {"__import__", "os", "system"} <= set(finding.evidence["names"])


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA", None, 7])
def test_a_lambda_whose_code_cannot_be_read_is_a_lambda(text):
    assert worst({"class_name": "__lambda__", "config": {"code": text}}) == [("lambda", "high")]


def test_keras_2_writes_code_as_a_list_and_names_functions_with_a_module():
    old = {"class_name": "Lambda", "config": {"function": [code("x"), None, None]}}
    assert worst(old) == [("lambda", "high")]
    named = {"class_name": "Lambda", "config": {"function": "system", "module": "os"}}
    assert worst(named) == [("module-reference", "critical")]
    own = {"class_name": "Lambda", "config": {"function": "scale", "module": "shop.layers"}}
    assert worst(own) == [("custom-object", "low")]


def test_text_that_begins_as_code_does_is_no_code():
    assert worst({"name": "4wELCOME", "note": "cwA is short", "key": "Yw=="}) == []


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("os", "system", "critical"),
        ("subprocess", "Popen", "critical"),
        ("builtins", "exec", "critical"),
        ("importlib.util", "find_spec", "critical"),
        ("operator", "attrgetter", "high"),
        ("keras.utils", "get_file", "critical"),
        ("keras.config", "enable_unsafe_deserialization", "critical"),
        ("keras.src.saving.saving_api", "load_model", "critical"),
        ("keras.models", "load_model", "critical"),
        ("tensorflow.io", "write_file", "critical"),
        ("tensorflow", "py_function", "critical"),
        ("builtins", "my_activation", None),
        ("keras.activations", "relu", None),
        ("keras.ops", "relu", None),
        ("tensorflow.nn", "relu", None),
        ("collections", "OrderedDict", None),
        ("shop.layers", "scale", "low"),
    ],
)
def test_a_reference_is_judged_by_what_it_reaches(module, name, expected):
    found = [severity for _, severity in worst({"layers": [function(module, name)]})]
    assert found == ([expected] if expected else [])


def test_classes_of_keras_are_no_finding_and_others_are_named_together():
    config = [
        {"module": "keras.layers", "class_name": "Dense", "config": {}},
        {"module": "keras.src.utils.feature", "class_name": "FeatureSpace", "config": {}},
        {"class_name": "Custom>Adam", "config": {}},
        {"module": None, "class_name": "Mine", "registered_name": "shop>Mine", "config": {}},
        {"module": "shop.losses", "class_name": "Loss", "config": {}},
    ]
    [finding] = of_config(config, "config.json")
    assert finding.severity == "low"
    assert finding.evidence["objects"] == ["shop.losses.Loss", "shop>Mine"]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ({"class_name": "TFOpLambda", "config": {"function": "io.write_file"}}, "critical"),
        ({"class_name": "TFOpLambda", "config": {"function": "raw_ops.ReadFile"}}, "critical"),
        ({"class_name": "TFOpLambda", "config": {"function": "math.multiply"}}, None),
        ({"class_name": "TorchModuleWrapper", "config": {"module": "UEsD"}}, "critical"),
        ({"class_name": "TFSMLayer", "config": {"filepath": "/models/x"}}, "high"),
        ({"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}, "high"),
        ({"class_name": "StringLookup", "config": {"vocabulary": "http://host/x"}}, "high"),
        ({"class_name": "StringLookup", "config": {"vocabulary": "..\\x"}}, "high"),
        ({"class_name": "StringLookup", "config": {"vocabulary": "words.txt"}}, "low"),
        ({"class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}}, None),
        ({"class_name": "Dense", "config": {"note": "gASVDAAAAAAAAACMCGJ1aWx0"}}, "critical"),
    ],
)
def test_layers_that_reach_out_of_the_model(layer, expected):
    found = [severity for _, severity in worst({"layers": [layer]})]
    assert found == ([expected] if expected else [])


def test_a_thousand_lambdas_are_twenty_findings():
    one = {"class_name": "__lambda__", "config": {"code": code("x")}}
    assert len(of_config([one] * 1000, "config.json")) == 20


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b"1" * 5000, "is not JSON"),
        (b" " * (LARGEST + 1), "more than the"),
    ],
)
def test_what_is_no_config_is_one_sentence(data, said):
    with pytest.raises(DamagedFile, match=said) as caught:
        parse(data, "config.json")
    assert "\n" not in str(caught.value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["class_name", "config", "module", "function", "layers", "vocabulary"])
            | st.text(max_size=5),
            inner | st.sampled_from(["Lambda", "__lambda__", "function", "os", "TFOpLambda"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(values)
def test_any_json_is_examined(value):
    for finding in of_config(json.loads(json.dumps(value)), "config.json"):
        assert "\n" not in finding.message.replace(repr("\n"), "")

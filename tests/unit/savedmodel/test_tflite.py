"""TFLite models: real ones, ones built to be wrong in one place, and the table of operators."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import tflite_operators
from savedmodel_matrix.savedmodel.diagnose import diagnose
from tests.unit.savedmodel.files import FILES, rules
from tests.unit.savedmodel.flatbuffers import code, model, tensor

ROOT = Path(__file__).parents[3]


@pytest.fixture
def diagnosed(tmp_path):
    def diagnosed(data):
        path = tmp_path / "model.tflite"
        path.write_bytes(data)
        return diagnose(path)

    return diagnosed


@pytest.mark.parametrize("version", ["2.15", "2.21"])
def test_a_real_model_says_its_signature_weights_operators_and_runtimes(version):
    done = diagnose(FILES / f"dense-{version}.tflite")
    assert (done.format, done.verdict, done.findings) == ("TFLite", "sound", ())
    [signature] = done.signatures
    assert signature.name == "serving_default"
    assert {k: (v.dtype, v.shape) for k, v in signature.inputs.items()} == {
        "x": ("float32", (-1, 3))
    }
    assert {k: v.shape for k, v in signature.outputs.items()} == {"y": (-1, 2)}
    assert [(w.dtype, w.shape, w.size) for w in done.weights] == [("float32", (2, 3), 24)]
    assert done.operators == {"FULLY_CONNECTED": 1}
    assert done.converter == "1.5.0"
    assert {name: one.verdict for name, one in done.loaders.items()} == {
        "tflite": "runs",
        "litert": "runs",
    }
    assert done.loaders["tflite"].since == "1.5"


def test_ops_of_tensorflow_run_in_its_interpreter_only():
    done = diagnose(FILES / "flex-2.21.tflite")
    assert (done.verdict, rules(done)) == ("sound", ["flex-op"])
    assert rules(done, "medium") == []
    assert done.loaders["tflite"].verdict == "runs"
    assert done.loaders["litert"].verdict == "fails"
    assert "Flex" in done.loaders["litert"].because


def test_the_newest_operator_decides(diagnosed):
    done = diagnosed(model(codes=[code(0, 1), code(9, 12), code(3, 8)]))
    assert done.loaders["tflite"].since == "2.17"
    assert "FULLY_CONNECTED has version 12" in done.loaders["tflite"].because
    done = diagnosed(model(codes=[code(0, 99)]))
    assert done.loaders["tflite"].verdict == done.loaders["litert"].verdict == "fails"
    assert "version 99 of ADD" in done.loaders["tflite"].because
    done = diagnosed(model(codes=[code(209 + 50)]))
    assert "operator 259" in done.loaders["tflite"].because


def test_custom_ops_are_named_and_those_that_reach_out_are_harmful(diagnosed):
    done = diagnosed(model(codes=[code(32, custom="MyOp")]))
    assert rules(done) == ["custom-op"]
    assert {one.verdict for one in done.loaders.values()} == {"unknown"}
    done = diagnosed(model(codes=[code(32, custom="FlexWriteFile")]))
    assert rules(done, "high") == ["harmful-op"]
    assert done.verdict == "sound"


@pytest.mark.parametrize(
    ("assigned", "verdict"), [((), "defect"), (("v",), "sound"), (("w",), "defect")]
)
def test_a_variable_that_is_read_needs_a_value(diagnosed, assigned, verdict):
    tensors = [tensor(kind=13, name=name) for name in ("v", "w", "value")]
    handles = [
        {"f0": ("I", 0), "f1": [], "f2": [i], "f4": {"f1": name}} for i, name in enumerate("vw")
    ]
    read = {"f0": ("I", 1), "f1": [0], "f2": [2]}
    assigns = [{"f0": ("I", 2), "f1": ["vw".index(name), 2], "f2": []} for name in assigned]
    codes = [code(142), code(143), code(144)]
    done = diagnosed(model(codes=codes, tensors=tensors, operators=[*handles, read, *assigns]))
    assert done.verdict == verdict
    if verdict == "defect":
        assert rules(done) == ["unwritten-variable"]
        assert "it reads v, which nothing in it gives a value" in done.findings[0].message


OPERATOR = {"f0": ("I", 0), "f1": [0], "f2": [1]}
TWO = [tensor(name="a"), tensor(name="b")]


@pytest.mark.parametrize(
    ("parts", "rule", "said"),
    [
        (
            {"inputs": [2], "tensors": TWO},
            "index-outside",
            "an input of subgraph 0 is tensor 2 of 2",
        ),
        ({"outputs": [-2]}, "index-outside", "tensor -2 of 0"),
        ({"operators": [OPERATOR], "tensors": TWO}, "index-outside", "is of kind 0 of 0"),
        (
            {"operators": [OPERATOR], "codes": [code(0)], "tensors": TWO[:1]},
            "index-outside",
            "(ADD) uses tensor 1 of 1",
        ),
        ({"tensors": [tensor(buffer=5)]}, "index-outside", "is in buffer 5 of 1"),
        (
            {"tensors": [tensor((2, 2), buffer=1)], "buffers": [b"", bytes(12)]},
            "tensor-size",
            "has 12 bytes, and its shape [2, 2] takes 16",
        ),
        ({"tensors": [tensor(kind=99)]}, "tensor-type", "is of type 99"),
        (
            {
                "operators": [{**OPERATOR, "f4": {"f0": ("i", 3)}}],
                "codes": [code(119)],
                "tensors": TWO,
            },
            "index-outside",
            "(WHILE) runs subgraph 3 of 1",
        ),
        ({"f7": [{"f2": "serve", "f4": ("I", 4)}]}, "index-outside", "'serve' is subgraph 4 of 1"),
        (
            {"f7": [{"f0": [{"f0": "x", "f1": ("I", 9)}], "f2": "serve"}]},
            "index-outside",
            "'serve' has tensor 9 of 0",
        ),
        ({"f6": [{"f0": "m", "f1": ("I", 9)}]}, "index-outside", "the metadata 'm' is in buffer 9"),
    ],
)
def test_what_points_outside_or_does_not_fit_is_a_defect(diagnosed, parts, rule, said):
    done = diagnosed(model(**parts))
    assert done.verdict == "defect"
    assert rules(done) == [rule]
    assert said in done.findings[0].message
    assert {one.verdict for one in done.loaders.values()} == {"fails"}


def test_bits_strings_and_dynamic_shapes_are_no_defect(diagnosed):
    packed = [tensor((3,), 17, 1), tensor((1,), 5, 2), tensor((2, 3), buffer=3)]
    done = diagnosed(model(tensors=packed, buffers=[b"", bytes(2), b"text", bytes(24)]))
    assert (done.verdict, done.findings) == ("sound", ())


def test_a_tensor_that_no_machine_holds_and_a_file_beside(diagnosed):
    done = diagnosed(model(tensors=[tensor((1 << 20, 1 << 20))], f8=[{"f0": "../weights.bin"}]))
    assert sorted(rules(done, "high")) == ["outside-file", "tensor-bomb"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"TFL3", "does not begin as a TFLite model"),
        (b"\0\0\0\0TFL3", "vtable"),
        (b"\xff\xff\xff\xffTFL3", "ends at byte"),
        (model(version=2), "version 2 of the schema"),
    ],
)
def test_what_is_no_model_is_one_sentence(diagnosed, data, said):
    done = diagnosed(data)
    assert done.verdict == "unreadable"
    [finding] = done.findings
    assert said in finding.message


@pytest.mark.parametrize("name", ["dense-2.15.tflite", "flex-2.21.tflite"])
def test_a_file_cut_short_anywhere_is_no_sound_one(diagnosed, name):
    data = (FILES / name).read_bytes()
    for size in range(0, len(data) - 8, 7):
        done = diagnosed(data[:size])
        assert done.verdict == "unreadable", size
        assert "\n" not in done.findings[0].message


@given(st.sampled_from(["dense-2.15.tflite", "flex-2.21.tflite"]), st.data())
def test_changed_bytes_are_diagnosed(tmp_path_factory, name, data):
    changed = bytearray((FILES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(changed) - 9))
        value = data.draw(st.integers(0, 2**32 - 1) | st.integers(0, len(changed)))
        changed[place : place + 4] = value.to_bytes(4, "little")
    path = tmp_path_factory.getbasetemp() / "changed.tflite"
    path.write_bytes(changed)
    done = diagnose(path)
    assert all(f.message and "\n" not in f.message for f in done.findings)
    assert done.verdict == "sound" or done.findings


def test_every_tensorflow_of_the_matrix_was_measured_and_none_forgets_an_operator():
    known = tflite_operators.known()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["savedmodel-matrix"]
    minors = {
        name.removeprefix("tf") for name in project["groups"]["default"] if name.startswith("tf")
    }
    [litert] = [name for name in known.measured if name.startswith("LiteRT")]
    assert known.measured.keys() == minors | {litert}
    pinned = project["environments"]["litert"]["packages"]
    assert f"ai-edge-litert=={litert.partition(' ')[2]}" in pinned
    older: dict[str, int] = {}
    for runtime in sorted(minors, key=tflite_operators.as_key):
        now = known.measured[runtime]
        assert all(now.get(name, 0) >= version for name, version in older.items())
        older = now


def test_what_was_measured_counts_before_what_is_published():
    known = tflite_operators.known()
    assert known.published["STABLEHLO_CASE"][0] == "2.17"
    assert tflite_operators.first_tensorflow("STABLEHLO_CASE", 1) == "2.19"
    assert tflite_operators.first_tensorflow("ADD", 1) == "1.5"
    assert tflite_operators.first_tensorflow("ADD", 5) == "2.13"
    assert tflite_operators.first_tensorflow("ADD", 6) == "2.23"
    assert tflite_operators.first_tensorflow("ADD", 50) is None


def test_the_shipped_table_is_the_one_that_the_script_writes():
    text = tflite_operators._DATA.read_text()
    data = json.loads(text)
    assert list(data) == ["codes", "published", "measured"]
    assert data["codes"]["ADD"] == 0
    assert len(text) < 40_000

"""Cases that have an answer get one: composites, stand-ins, other makers, words about full disks."""

import json

import pytest

from tests.integration.test_matrix import matrix, rows

LOADERS = ("tf.saved_model.load", "libtensorflow", "saved_model_cli", "frozen-graph")
HEAD = "import errno, os\nimport numpy as np\nimport tensorflow as tf\n"
MODULE = """
class Served(tf.Module):
    def __init__(self):
        self.w = tf.Variable(2.0)
    @tf.function(input_signature=[SPEC])
    def serve(self, x):
        return BODY
def build():
    return Served()
def signatures(served):
    return served.serve
"""
DENSE = 'tf.TensorSpec([None, 4], tf.float32, name="x")'
SAMPLE = 'inputs = {"x": np.arange(8, dtype="float32").reshape(2, 4)}\n'


def served(body, spec=DENSE, more=SAMPLE):
    return HEAD + MODULE.replace("SPEC", spec).replace("BODY", body) + more


RAGGED_IN = 'inputs = {"x": tf.ragged.constant([[1.0, 2.0], [3.0]])}\n'
STAND_IN = """
def as_model(served):
    x = tf.keras.Input((4,), name="x")
    return tf.keras.Model(x, tf.keras.layers.Rescaling(2.0)(x))
"""
BUILDER = """
def save(served, directory):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [None, 4])
        tf.compat.v1.saved_model.simple_save(session, directory, {"x": x}, {"y": x * 2.0})
"""
CASES = {
    "ragged_out": served('{"r": tf.RaggedTensor.from_tensor(x * self.w, padding=6.0), "d": x}'),
    "sparse_out": served("tf.sparse.from_dense(x * self.w)"),
    "ragged_in": served("x * self.w", "tf.RaggedTensorSpec([None, None], tf.float32)", RAGGED_IN),
    "stand_in": served('{"y": x * self.w, "lost": x + 1.0}') + STAND_IN,
    "builder": served('{"y": x * 2.0}') + BUILDER,
    "says_so": HEAD + "def build():\n    raise OSError(errno.ENOSPC, 'No space left on device')\n"
    "inputs = {'x': np.ones(1)}\n",
    "ends_like_us": HEAD + "def build():\n    os._exit(117)\ninputs = {'x': np.ones(1)}\n",
    "no_package": "import no_such_package\ndef build(): ...\ninputs = {'x': 1}\n",
}
COMPOSITES = ("ragged_out", "sparse_out", "ragged_in")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Return the cells of all these cases, by case, remedy and loader."""
    root = tmp_path_factory.mktemp("judged")
    (root / "cases").mkdir()
    for name, source in CASES.items():
        (root / "cases" / f"{name}.py").write_text(f'"""{name}"""\n{source}')
    selected = [word for name in CASES for word in ("--case", name)]
    selected += [word for name in LOADERS for word in ("--loader", name)]
    more = ("--remedy", "as-written", "--remedy", "model-export", "--environment", "tf2.15")
    done = matrix(root / "results", "--cases", str(root / "cases"), *selected, *more)
    assert "Traceback" not in done.stderr
    assert not [row for row in rows(root / "results") if row["status"] == "not-run"]
    cells = map(json.loads, (root / "results" / "cells.jsonl").read_text().splitlines())
    return {(cell["case"], cell["remedy"], cell["loader"]): cell for cell in cells}


@pytest.mark.parametrize("loader", ["tf.saved_model.load", "libtensorflow", "frozen-graph"])
@pytest.mark.parametrize("case", COMPOSITES)
def test_who_hands_components_back_is_judged_by_them(judged, case, loader):
    cell = judged[case, "as-written", loader]
    assert cell["status"] == "pass", cell["message"]
    outputs = {one["output"] for one in cell["numbers"]}
    if case == "sparse_out":
        parts = ("indices", "values", "dense_shape")
        assert outputs == {f"output_0.{part}" for part in parts}
        assert "output_0 sparse_float32[-1,4]" in cell["signature"]
    else:
        assert {name.partition(".")[2] for name in outputs} - {""} == {"values", "row_splits"}


@pytest.mark.parametrize("case", COMPOSITES)
def test_saved_model_cli_fetches_no_composite(judged, case):
    cell = judged[case, "as-written", "saved_model_cli"]
    assert (cell["status"], cell["stage"]) == ("fail", "run")
    assert "cannot be interpreted as a Tensor" in cell["message"]


@pytest.mark.parametrize("loader", LOADERS)
def test_a_model_in_the_objects_place_is_judged_and_what_it_loses_is_said(judged, loader):
    cell = judged["stand_in", "model-export", loader]
    assert (cell["status"], cell["lost_outputs"]) == ("pass", ["lost"])
    assert judged["stand_in", "as-written", loader]["lost_outputs"] == []


def test_what_tensorflow_1_builds_is_judged_by_its_keys(judged):
    for loader in ("tf.saved_model.load", "libtensorflow", "saved_model_cli"):
        assert judged["builder", "as-written", loader]["status"] == "pass"


def test_a_case_cannot_fill_the_disk_by_saying_so(judged):
    cell = judged["says_so", "as-written", "libtensorflow"]
    assert (cell["status"], cell["stage"]) == ("fail", "build")


def test_a_case_cannot_end_as_the_harness_does(judged):
    cell = judged["ends_like_us", "as-written", "libtensorflow"]
    assert (cell["status"], cell["stage"]) == ("fail", "build")


def test_a_missing_package_is_named(judged):
    cell = judged["no_package", "as-written", "libtensorflow"]
    assert (cell["missing"], cell["message"]) == (
        "no_such_package",
        "No module named 'no_such_package'",
    )
    assert "<name>" in cell["reason"]

"""No processor decides what comes out: loaders compute with stated numerics.

A processor with bfloat16 is not at hand. What is: OpenVINO's own word on how it computes, and
oneDNN and TensorFlow held to less than this processor can do.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.workspace.project import find_project

ROOT = Path(__file__).parents[2]
PROJECT = find_project(ROOT)
LOADERS = ROOT / "src" / "savedmodel_matrix" / "plugins" / "loaders"
CASES = ("module_dense", "bidirectional_lstm")
LOADED_BY = ("saved_model_cli", "libtensorflow", "tf.saved_model.load", "frozen-graph")

# The loader's own file, on a model made here in place of the one that is read from a directory.
OPENVINO = """
import importlib.util, json, sys
from types import SimpleNamespace
import numpy, openvino
import openvino.opset14 as ops

spec = importlib.util.spec_from_file_location("loader", sys.argv[1])
loader = importlib.util.module_from_spec(spec)
spec.loader.exec_module(loader)
loader.numerics = json.loads(sys.argv[2]) or loader.numerics

x = ops.parameter([1, 4], name="x", dtype=numpy.float32)
product = ops.matmul(x, ops.constant(numpy.ones((4, 4), "float32")), False, False)
product.output(0).set_names({"y"})
model = openvino.Model([product], [x])
openvino.Core = lambda: SimpleNamespace(read_model=lambda directory: model)
compiled = []
compile_model = openvino.compile_model
openvino.compile_model = lambda *given: compiled.append(compile_model(*given)) or compiled[-1]

artifact = SimpleNamespace(
    directory="", aliases={"s": ["serving_default"]}, signatures={"s": {"outputs": ["y"]}}
)
loader.run(artifact, "s", {"x": numpy.ones((1, 4), "float32")}, lambda stage: None)
print(compiled[0].get_property("INFERENCE_PRECISION_HINT").get_type_name())
"""
# A host whose library may not use what the processor has.
HELD_BACK = """
import json, sys
from savedmodel_matrix.commands import cli
from savedmodel_matrix.engine import processes
processes.VARIABLES.update(json.loads(sys.argv[1]))
cli.main(sys.argv[2:])
"""


def precision(numerics):
    """Return the precision in which the loader's compiled model computes, in OpenVINO's words."""
    assert run_install(PROJECT, ["openvino"]) == 0
    python = PROJECT.environments["openvino"].executable
    command = [str(python), "-c", OPENVINO, str(LOADERS / "openvino.py"), json.dumps(numerics)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_openvino_computes_in_float32_because_the_loader_says_so():
    assert precision({}) == "f32"
    # With this it takes the precision that the model states: the loader's word reaches OpenVINO.
    assert precision({"EXECUTION_MODE_HINT": "ACCURACY"}) == "dynamic"


@pytest.mark.parametrize(
    "variables",
    [
        {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": "SSE41"},
        {"TF_ENABLE_ONEDNN_OPTS": "0"},
    ],
    ids=str,
)
def test_tensorflow_comes_out_as_accepted_whatever_the_processor_lends_it(tmp_path, variables):
    command = [sys.executable, "-c", HELD_BACK, json.dumps(variables), "matrix"]
    command += ["--environment", "tf2.21", "--remedy", "as-written", "--results", str(tmp_path)]
    command += [word for case in CASES for word in ("--case", case)]
    for loader in LOADED_BY:
        command += ["--loader", loader]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    with (tmp_path / "matrix.csv").open(newline="") as file:
        found = [row["status"] for row in csv.DictReader(file)]
    assert len(found) == len(CASES) * len(LOADED_BY)
    assert {"pass", "fail"} == set(found)
    assert done.returncode == 0, done.stdout  # 1 where a cell differs from the accepted table

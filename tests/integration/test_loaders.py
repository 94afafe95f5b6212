"""Every loader agrees with what one would write by hand, in a fresh process per step.

On the case of keras-team/keras#20095 as written, whose variables a V1 session does not restore: what
a loader makes of it tells what it reads.
"""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.maintenance import run_install
from savedmodel_matrix.project import find_project

ROOT = Path(__file__).parents[2]
PROJECT = find_project(ROOT)
PLAIN = Path(__file__).with_name("plain_loaders.py")
CASE = ROOT / "cases" / "module_dense.py"
ALL = PROJECT.select()
SAVING = [name for name in ALL if PROJECT.environments[name].tf_keras]
LOADERS = {  # the name of the plain function, and where it runs
    "TFSMLayer": ("tfsm_layer", ""),
    "frozen-graph": ("frozen_graph", ""),
    "keras.models.load_model": ("keras_file", ""),
    "model.load_weights": ("weights", ""),
    "Checkpoint.restore": ("checkpoint", ""),
    "litert": ("litert", "litert"),
    "onnxruntime": ("onnxruntime", "onnxruntime"),
    "openvino": ("openvino", "openvino"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return status and stage of each cell by producer and loader, from one run of the matrix."""
    results = tmp_path_factory.mktemp("loaders")
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results)]
    command += ["--case", "module_dense"]
    for remedy in ("as-written", "keras-file", "weights-only", "checkpoint"):
        command += ["--remedy", remedy]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode in (0, 1), done.stderr
    with (results / "matrix.csv").open(newline="") as file:
        return {
            (r["producer"], r["loader"]): (r["status"], r["stage"]) for r in csv.DictReader(file)
        }


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a function that saves with an environment, once: directory and exit status."""
    made = {}

    def save(name):
        if name not in made:
            assert run_install(PROJECT, [name]) == 0
            directory = tmp_path_factory.mktemp(name)
            made[name] = directory, plain(name, "save", str(CASE), str(directory))
        return made[name]

    return save


def plain(environment, *arguments):
    """Run the plain script; return its exit status, negative for a signal."""
    python = PROJECT.environments[environment].executable
    command = [str(python), str(PLAIN), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    return done.returncode


def outcome(status):
    """Return how a cell must have ended where the plain script ended so."""
    if status < 0:
        return "crash"
    return {0: "pass", 3: "fail at values"}.get(status, "fail")


def ended(found, producer, loader):
    status, stage = found[producer, loader]
    return "fail at values" if (status, stage) == ("fail", "values") else status


@pytest.mark.parametrize("name", SAVING)
def test_the_converter_of_each_version_does_to_the_artifact_what_it_does_by_hand(
    found, saved, name
):
    directory, status = saved(name)
    if (directory / "model.tflite").exists():
        status = plain(name, "tflite", str(directory))
    assert ended(found, name, "tflite") == outcome(status)


def test_between_them_the_versions_abort_fail_and_compute_wrong_numbers(found):
    ends = {name: ended(found, name, "tflite") for name in SAVING}
    assert ends["tf2.15"] == "pass"
    assert ends["tf2.16"] == "crash"
    assert ends["tf2.21"] == "fail at values"


@pytest.mark.parametrize("loader", LOADERS)
def test_every_other_loader_agrees_with_the_plain_script(found, saved, loader):
    function, own = LOADERS[loader]
    directory, _ = saved("tf2.21")
    status = plain(own or "tf2.21", function, str(directory))
    assert ended(found, "tf2.21", loader) == outcome(status)


def test_every_environment_and_every_loader_took_part(found):
    loaders = {loader for _, loader in found}
    assert set(LOADERS) | {"tflite", "saved_model_cli", "libtensorflow"} <= loaders
    assert {producer for producer, _ in found} == set(SAVING)


NOTHING_LOADED = """
import contextlib, sys
sys.path.insert(0, {host!r})
import bootstrap
bootstrap.borrow_package()
from savedmodel_matrix.host.whole import Whole
class Stages:
    calling = staticmethod(lambda stage: contextlib.nullcontext())
asked = {{"case": {case!r}, "seed": 20095}}
whole = Whole("", "serving_default", asked, Stages())
built = whole.built_anew()
right = whole._case.build()
print(abs(whole.call(built)["output_0"] - right.serve(whole._case.inputs["x"])).numpy().min())
"""


def test_an_object_into_which_nothing_is_loaded_is_wrong_in_every_number():
    python = PROJECT.environments["tf2.21"].executable
    host = str(ROOT / "src" / "savedmodel_matrix" / "host")
    code = NOTHING_LOADED.format(host=host, case=str(CASE))
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.01

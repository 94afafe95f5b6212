"""Every loader agrees with what one would write by hand, in a fresh process per step.

On the case of keras-team/keras#20095 as written, whose variables a V1 session does not restore: what
a loader makes of it tells what it reads.
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


def matrix(results, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results)]
    command += ["--case", "module_dense", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode in (0, 1), done.stderr
    with (results / "matrix.csv").open(newline="") as file:
        return done.stdout, list(csv.DictReader(file))


def test_a_process_per_step_gives_the_same_table_with_every_loader(tmp_path):
    chosen = ["--remedy", "as-written", "--remedy", "keras-file", "--remedy", "checkpoint"]
    for name in ("tf2.21", "openvino", "litert", "onnxruntime"):
        chosen += ["--environment", name]
    _, forked = matrix(tmp_path / "forked", *chosen)
    _, single = matrix(tmp_path / "single", *chosen, "--process-per-step")
    assert len(forked) == 11
    assert forked == single


def test_crossed_each_environment_loads_what_the_other_saved(tmp_path):
    chosen = ["--cross", "--remedy", "as-written", "--remedy", "checkpoint"]
    chosen += ["--environment", "tf2.15", "--environment", "tf2.21"]
    chosen += ["--loader", "saved_model_cli", "--loader", "Checkpoint.restore", "--verbose"]
    said, found = matrix(tmp_path, *chosen)
    ends = {(r["loader"], r["producer"], r["consumer"]): (r["status"], r["stage"]) for r in found}
    passes, lost, wrong = ("pass", "values"), ("fail", "run"), ("fail", "values")
    assert ends == {
        ("saved_model_cli", "tf2.15", "tf2.15"): passes,
        ("saved_model_cli", "tf2.15", "tf2.21"): passes,
        ("saved_model_cli", "tf2.21", "tf2.15"): lost,
        ("saved_model_cli", "tf2.21", "tf2.21"): lost,
        ("Checkpoint.restore", "tf2.15", "tf2.15"): passes,
        ("Checkpoint.restore", "tf2.15", "tf2.21"): wrong,
        ("Checkpoint.restore", "tf2.21", "tf2.15"): wrong,
        ("Checkpoint.restore", "tf2.21", "tf2.21"): passes,
    }
    assert "8 loads, " in said
    assert "process-hours (measured on 8 of them)" in said


def test_an_environment_over_another_has_the_keras_that_it_states(tmp_path):
    chosen = ["--remedy", "as-written", "--loader", "saved_model_cli", "--environment", "keras3.0"]
    _, found = matrix(tmp_path, *chosen)
    assert [(row["status"], row["stage"]) for row in found] == [("fail", "run")]
    (cell,) = map(json.loads, (tmp_path / "cells.jsonl").read_text().splitlines())
    assert cell["keras"] == {"keras": "3.0.5"}
    assert cell["versions"]["producer"]["tensorflow-cpu"].startswith("2.21")


def test_keras_on_jax_exports_a_model_that_is_served_without_jax(tmp_path):
    chosen = ["--case", "functional_direct", "--remedy", "model-export", "--environment", "jax"]
    _, rows = matrix(tmp_path, *chosen, "--loader", "saved_model_cli")
    ends = {(row["case"], row["loader"]): row["status"] for row in rows}
    assert ends["functional_direct", "saved_model_cli"] == "pass"
    cells = map(json.loads, (tmp_path / "cells.jsonl").read_text().splitlines())
    found = [cell["versions"]["producer"] for cell in cells if cell["status"] == "pass"]
    assert found
    assert all(versions["jax"] for versions in found)


NOTHING_LOADED = """
import contextlib, sys, types
sys.path.insert(0, {host!r})
import bootstrap
bootstrap.borrow_package()
from savedmodel_matrix.host.rebuilt import Rebuilt
class Stages:
    calling = staticmethod(lambda stage: contextlib.nullcontext())
asked = types.SimpleNamespace(case={case!r}, seed=20095)
rebuilt = Rebuilt("", "serving_default", asked, Stages())
built, right = rebuilt.object_anew(), rebuilt._case.build()
expected = right.serve(rebuilt._case.inputs["x"])
print(abs(rebuilt.call_object(built)["output_0"] - expected).numpy().min())
"""


def test_an_object_into_which_nothing_is_loaded_is_wrong_in_every_number():
    python = PROJECT.environments["tf2.21"].executable
    host = str(ROOT / "src" / "savedmodel_matrix" / "host")
    code = NOTHING_LOADED.format(host=host, case=str(CASE))
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.01

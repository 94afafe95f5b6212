"""`check`: artifacts that were there before, through real loaders."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import savedmodel_matrix

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "tests" / "data" / "savedmodels"
SERVING = ("saved_model_cli", "libtensorflow")
PYTHON = "tf.saved_model.load"


def check(results, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "check", "--results", str(results)]
    return subprocess.run(
        [*command, "--environment", "tf2.21", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def outcomes(done):
    (one,) = json.loads(done.stdout)
    return {cell["loader"]: (cell["status"], cell["stage"]) for cell in one["cells"]}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """One run directory: what is known from one check is known to the next."""
    return tmp_path_factory.mktemp("checked") / "results"


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Return an artifact with the defect, and all of its bytes."""
    path = tmp_path_factory.mktemp("theirs") / "My Model"
    shutil.copytree(ARTIFACTS / "dense-2.21", path)
    return path, content(path)


def content(path):
    return {file: file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def test_a_defect_is_found_by_the_loaders_that_the_files_name(results, broken):
    path, before = broken
    done = check(results, path)
    assert done.returncode == 1, done.stderr
    assert f"{path} gives the same numbers everywhere with {PYTHON}" in one_line(done.stdout)
    assert "Could not find variable dense/" in one_line(done.stdout)
    assert f"savedmodel-matrix repair '{path}' OUT" in done.stdout
    assert "Please report this" not in done.stdout
    assert content(path) == before
    assert (results / "report" / "index.html").is_file()


def one_line(text):
    return " ".join(text.split())


def test_again_nothing_is_run_and_json_says_the_same(results, broken):
    done = check(results, broken[0], "--format", "json")
    assert done.returncode == 1
    assert outcomes(done) == dict.fromkeys(SERVING, ("fail", "run")) | {PYTHON: ("pass", "values")}
    (one,) = json.loads(done.stdout)
    assert one["reference"] == "tf2.21"
    assert {
        c["loader"]: c["predicted"] for c in one["cells"] if c["loader"] in SERVING
    } == dict.fromkeys(SERVING, "fails")
    assert all(cell["agrees"] for cell in one["cells"])
    assert "of 3 cells" not in done.stderr  # no progress, as nothing ran


def test_once_repaired_it_passes_everywhere(results, broken, tmp_path):
    savedmodel_matrix.repair(broken[0], tmp_path / "repaired")
    done = check(results, tmp_path / "repaired", "--format", "json")
    assert done.returncode == 0, done.stdout
    assert outcomes(done) == dict.fromkeys((*SERVING, PYTHON), ("pass", "values"))


def test_what_changes_in_the_artifact_is_run_again(results, tmp_path):
    path = tmp_path / "model"
    savedmodel_matrix.repair(ARTIFACTS / "dense-2.21", path)
    assert check(results, path).returncode == 0
    shutil.copy(ARTIFACTS / "dense-2.21" / "saved_model.pb", path)
    assert check(results, path).returncode == 1


def test_inputs_and_expectations_of_the_user_count(results, tmp_path):
    path = tmp_path / "model"
    savedmodel_matrix.repair(ARTIFACTS / "dense-2.21", path)
    (signature,) = savedmodel_matrix.diagnose(path).signatures
    ((fed, slot),), (key,) = signature.inputs.items(), signature.outputs
    inputs: Any = {fed: np.ones((3, slot.shape[-1] if slot.shape else 1), "float32")}
    expected: Any = {key: np.full((3, 2), 7, "float32")}
    np.savez(tmp_path / "in.npz", **inputs)
    np.savez(tmp_path / "out.npz", **expected)
    given = ("--inputs", tmp_path / "in.npz", "--expected", tmp_path / "out.npz")
    done = check(results, path, *given, "--format", "json")
    assert done.returncode == 1, done.stderr
    assert set(outcomes(done).values()) == {("fail", "values")}
    (one,) = json.loads(done.stdout)
    assert one["reference"] is None


@pytest.mark.parametrize("name", ["lookup-2.21", "vocabulary", "tf1"])
def test_tables_assets_and_graphs_of_tensorflow_1(results, tmp_path, name):
    given = []
    if name == "tf1":  # any other word has no row in the kernel
        np.savez(tmp_path / "in.npz", words=np.array([b"b", b"a"]))
        given = ["--inputs", tmp_path / "in.npz"]
    done = check(results, ARTIFACTS / name, *given, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    (one,) = json.loads(done.stdout)
    assert all(cell["agrees"] for cell in one["cells"]), one
    # Python's loader, called without tags, takes no artifact of several MetaGraphs.
    in_python = ("fail", "load") if name == "tf1" else ("pass", "values")
    in_serving = ("fail", "run") if name == "lookup-2.21" else ("pass", "values")  # the defect
    assert outcomes(done) == dict.fromkeys(SERVING, in_serving) | {PYTHON: in_python}, one


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere"),
        ([ROOT / "tests/data/keras_files/dense-2.21.keras"], "is a Keras file"),
        ([ARTIFACTS / "dense-2.21", "--reference", "tf2.99"], "tf2.99"),
        ([ARTIFACTS / "dense-2.21", "--loader", "nothing"], "nothing"),
        ([ARTIFACTS / "dense-2.21", "--inputs", "none.npz"], "none.npz (--inputs)"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, arguments, said):
    done = check(tmp_path / "results", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

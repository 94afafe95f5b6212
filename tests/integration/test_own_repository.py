"""A case, a remedy, a loader and an environment of a user's own repository, and nothing beside it.

The installed command is run there; the package could be in a wheel, and is not written to.
"""

import csv
import json
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.workspace.project import find_project

ROOT = Path(__file__).parents[2]
PROJECT = find_project(ROOT)
NAME = "mine"

PYPROJECT = """
[project]
name = "somebody-elses"

[tool.savedmodel-matrix]
cases = ["saving/cases"]
remedies = ["saving/remedies"]
loaders = ["saving/loaders"]

[tool.savedmodel-matrix.environments]
"mine" = {{ python = "{python}", tensorflow = "{tensorflow}", tf-keras = "{tf_keras}" }}

[tool.savedmodel-matrix.groups]
default = ["mine"]
"""
CASE = '''
"""A line."""

import numpy as np
import tensorflow as tf

inputs = {"x": np.ones((2, 3), "float32")}


class Line(tf.Module):
    def __init__(self):
        self.slope = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def __call__(self, x):
        return self.slope * x


def build():
    return Line()
'''
REMEDY = '''
"""Saved with the options that our server needs."""

from ._options import options

import tensorflow as tf

name = "our-server"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    tf.saved_model.save(obj, directory, signatures=obj.__call__, options=options())
'''
HELPER = """
import tensorflow as tf


def options():
    return tf.saved_model.SaveOptions(experimental_custom_gradients=False)
"""
LOADER = '''
"""Our server: the V1 session."""

import tensorflow as tf

name = "our-server"
reads = "SavedModel"
preload = ["tensorflow"]


def run(artifact, signature, inputs, stage):
    stage("load")
    ends = artifact.signatures[signature]
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        tf.compat.v1.saved_model.load(session, ["serve"], artifact.directory)
        stage("run")
        fed = {ends["inputs"][key]["tensor"]: array for key, array in inputs.items()}
        fetched = {key: end["tensor"] for key, end in ends["outputs"].items()}
        return session.run(fetched, fed)
'''
MISFIT = '''
"""Asks for what no version has."""

import tensorflow as tf

name = "misfit"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    tf.saved_model.save(obj, directory, quantised=True)
'''


def write(root):
    environment = PROJECT.environments["tf2.21"]
    (root / "pyproject.toml").write_text(
        PYPROJECT.format(
            python=environment.python,
            tensorflow=environment.tensorflow,
            tf_keras=environment.tf_keras,
        )
    )
    (root / "locks").mkdir()
    shutil.copy(environment.lock, root / "locks" / f"{NAME}.txt")
    for file, text in {
        "cases/line.py": CASE,
        "remedies/our_server.py": REMEDY,
        "remedies/_options.py": HELPER,
        "loaders/our_server.py": LOADER,
    }.items():
        path = root / "saving" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Return a repository of a user's own, with an environment that is installed already."""
    assert run_install(PROJECT, ["tf2.21"]) == 0
    root = tmp_path_factory.mktemp("somebody") / "elses"
    root.mkdir()
    write(root)
    environments = root / ".nox" / "environments"
    environments.mkdir(parents=True)
    (environments / NAME).symlink_to(PROJECT.environments["tf2.21"].directory.resolve())
    return root


def matrix(cwd, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600
    )


def rows(results):
    with (results / "matrix.csv").open(newline="") as file:
        return {(r["remedy"], r["loader"]): (r["status"], r["stage"]) for r in csv.DictReader(file)}


def files_of_the_checkout():
    """Return the files of the checkout that a run could write, with their times."""
    places = (*(ROOT / name for name in ("src", "cases", "locks", "report", "docs")), ROOT)
    return {
        path: path.stat().st_mtime_ns
        for place in places
        for path in (place.rglob("*") if place != ROOT else place.glob("*"))
        if "__pycache__" not in path.parts and path.is_file()
    }


def test_all_of_it_works_from_there_and_nothing_else_is_written(repository):
    before = files_of_the_checkout()
    taken = ["--remedy", "as-written", "--remedy", "our-server"]
    taken += ["--loader", "our-server", "--loader", "tf.saved_model.load"]
    done = matrix(repository, *taken)
    assert done.returncode == 0, done.stdout + done.stderr
    pairs = [(r, x) for r in taken[1:4:2] for x in taken[5::2]]
    assert rows(repository / "results") == dict.fromkeys(pairs, ("pass", "values"))
    made = json.loads((repository / "results" / "run.json").read_text())
    assert list(made["environments"]) == [NAME]
    assert files_of_the_checkout() == before
    there = {path.name for path in repository.iterdir()}
    assert there <= {"pyproject.toml", "locks", "saving", ".nox", "results"}

    again = matrix(repository, *taken)
    assert "Nothing to run" in again.stdout
    helper = repository / "saving" / "remedies" / "_options.py"
    helper.write_text(helper.read_text() + "\n# what a remedy imports counts\n")
    assert "Ran 2 of 4 cells" in matrix(repository, *taken).stdout


def test_pytest_makes_tests_of_what_is_known_there_and_runs_what_is_not(repository, tmp_path):
    words = "--remedy as-written --remedy our-server --loader our-server"
    junit = tmp_path / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-p", "savedmodel_matrix.commands.pytest_plugin"]
    if entry_points(group="pytest11", name="savedmodel-matrix"):
        command[3:] = []
    command += [f"--savedmodel-matrix={words}", f"--junitxml={junit}"]
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    names = {one.get("name") for one in ET.parse(junit).iter("testcase")}
    assert names == {f"line[{remedy}-mine-our-server]" for remedy in ("as-written", "our-server")}
    assert rows(repository / "results").keys() == {
        ("as-written", "our-server"),
        ("our-server", "our-server"),
    }


def test_what_a_remedy_asks_of_a_version_that_has_it_not_is_no_failure_of_tensorflow(
    repository, tmp_path
):
    plugins = tmp_path / "plugins"
    (plugins / "remedies").mkdir(parents=True)
    (plugins / "remedies" / "misfit.py").write_text(MISFIT.lstrip())
    taken = ["--remedy", "misfit", "--loader", "tf.saved_model.load"]
    results = tmp_path / "results"
    done = matrix(repository, "--plugins", str(plugins), "--results", str(results), *taken)
    assert done.returncode == 2
    assert rows(results) == {("misfit", "tf.saved_model.load"): ("not-run", "save")}
    assert "asks this version for what it does not have" in " ".join(done.stdout.split())


def test_a_name_used_twice_is_one_sentence(repository, tmp_path):
    loaders = tmp_path / "loaders"
    loaders.mkdir()
    (loaders / "ours.py").write_text(LOADER.lstrip().replace("our-server", "saved_model_cli"))
    done = matrix(repository, "--plugins", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("savedmodel-matrix: ")
    assert "ours.py states the name 'saved_model_cli', which" in done.stderr
    assert "Traceback" not in done.stderr

"""Remedies as users of each version apply them: what is published is the library's answer."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Two inputs with stated specs, handed to the model in a list, a dictionary, or as arguments.
CASE = '''
"""A model of two inputs, whose specs are stated."""

import numpy as np
import tensorflow as tf

inputs = {{"left": np.ones((2, 3), "float32"), "right": np.full((2, 3), 2, "float32")}}
input_specs = {{name: tf.TensorSpec([None, 3], tf.float32, name=name) for name in inputs}}


class Joined(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(1)

    def call(self, left, right):
        return self.dense(tf.concat([left, right], -1))


def build():
    taken = {{name: tf.keras.Input((3,), name=name) for name in inputs}}
    joined = tf.keras.layers.Concatenate()(list(taken.values()))
    score = tf.keras.layers.Dense(1)(joined)
    {build}
'''
BUILDS = {
    "in_a_list": "return tf.keras.Model(list(taken.values()), score)",
    "in_a_dictionary": "return tf.keras.Model(taken, score)",
    "as_arguments": "model = Joined(); model(**inputs); return model",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return each cell of the three cases under the remedies that take specs, and of a GRU."""
    place = tmp_path_factory.mktemp("remedies")
    cases, results = place / "cases", place / "results"
    cases.mkdir()
    for name, build in BUILDS.items():
        (cases / f"{name}.py").write_text(CASE.format(build=build).lstrip())
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results)]
    command += ["--cases", str(cases), "--case", "stateful_gru"]
    command += ["--loader", "tf.saved_model.load", "--loader", "keras.models.load_model"]
    command += ["--loader", "model.load_weights", "--loader", "Checkpoint.restore"]
    command += [word for name in BUILDS for word in ("--case", name)]
    command += ["--environment", "tf2.15", "--environment", "tf2.21"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode in (0, 1, 2), done.stderr
    with (results / "matrix.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_no_remedy_asks_a_version_for_what_it_does_not_have(found):
    assert len({row["remedy"] for row in found}) == 13
    assert [row for row in found if "asks this version for what" in row["reason"]] == []


def test_no_argument_of_ours_is_published_as_a_failure(found):
    assert [row for row in found if "unexpected keyword argument" in row["reason"]] == []


@pytest.mark.parametrize("environment", ["tf2.15", "tf2.21"])
@pytest.mark.parametrize("case", [*BUILDS, "stateful_gru"])
@pytest.mark.parametrize("remedy", ["model-export", "export-archive"])
def test_stated_specs_are_handed_over_as_the_model_takes_its_inputs(
    found, case, remedy, environment
):
    (row,) = [
        row
        for row in found
        if (row["case"], row["remedy"], row["producer"]) == (case, remedy, environment)
    ]
    # Keras 2.15 exports the one first argument of a call; that is its answer.
    if (case, remedy, environment) == ("as_arguments", "model-export", "tf2.15"):
        assert (row["status"], row["stage"]) == ("fail", "save")
    else:
        assert (row["status"], row["stage"]) == ("pass", "values"), row["reason"]

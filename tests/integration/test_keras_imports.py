"""The three ways of importing Keras, under each remedy: hosts that fork against fresh processes.

TF_USE_LEGACY_KERAS has to be set before TensorFlow is imported. In a process that imported it
first, `tf.keras` and `from tensorflow.keras import layers` would come from different Keras.
"""

import json
from pathlib import Path

import pytest

from tests.integration import plain
from tests.integration.test_matrix import PLAINLY, matrix, outcomes, rows

IMPORTS = {
    "attribute_of_tf": "layers = tf.keras.layers",
    "from_tensorflow_keras": "from tensorflow.keras import layers",
    "import_keras": "from keras import layers",
}
CASE = """
\"\"\"A Dense layer in a tf.Module; Keras is had in one of three ways.\"\"\"
import numpy as np
import tensorflow as tf
{imports}

inputs = {{"x": np.ones((2, 3), "float32")}}


class M(tf.Module):
    def __init__(self):
        self.dense = layers.Dense(2, bias_initializer="random_normal")
        self.dense.build((None, 3))

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def serve(self, x):
        return {{"y": self.dense(x)}}


def build():
    return M()


def signatures(module):
    return module.serve


def as_model(module):
    model = {model}
    model.build((None, 3))
    return model
"""
MODELS = {
    "attribute_of_tf": "tf.keras.Sequential([module.dense])",
    "from_tensorflow_keras": "tf.keras.Sequential([module.dense])",
    "import_keras": "__import__('keras').Sequential([module.dense])",
}
ON_IMPORT = ("as-written", "legacy-keras", "export-archive", "patch-keras")
SAMPLE = [
    ("import_keras", "as-written", "libtensorflow"),
    ("import_keras", "legacy-keras", "saved_model_cli"),
    ("from_tensorflow_keras", "legacy-keras", "libtensorflow"),
    ("attribute_of_tf", "export-archive", "tf.saved_model.load"),
    ("from_tensorflow_keras", "track-tf-variables", "saved_model_cli"),
    ("attribute_of_tf", "model-export", "libtensorflow"),
]


@pytest.fixture(scope="session")
def cases(tmp_path_factory):
    """Cases that are not in the repository."""
    directory = tmp_path_factory.mktemp("cases-elsewhere")
    for name, imports in IMPORTS.items():
        text = CASE.lstrip().format(imports=imports, model=MODELS[name])
        (directory / f"{name}.py").write_text(text)
    return directory


@pytest.fixture(scope="session")
def forked(environment, cases, tmp_path_factory):
    """All cells of the three cases in one environment, from hosts that fork."""
    return run(environment, cases, tmp_path_factory.mktemp(f"imports-{environment.name}"))


def run(environment, cases, results, *more, loaders=PLAINLY):
    chosen = [word for name in IMPORTS for word in ("--case", name)]
    where = ("--cases", str(cases), "--environment", environment.name)
    done = matrix(results, *where, *chosen, *loaders, *more)
    assert done.returncode == 0, done.stderr
    return results


def held(results):
    cells = [json.loads(line) for line in (results / "cells.jsonl").read_text().splitlines()]
    return {(cell["case"], cell["remedy"]): sorted(cell["keras"]) for cell in cells}


def test_fresh_processes_give_the_same_table_and_hold_the_same_keras(
    environment, cases, forked, tmp_path
):
    # It is the save steps that import Keras: one loader says what they wrote, at half the price.
    # Of the remedies, those that say which Keras: the rest is in test_matrix, process by process.
    remedies = [word for name in ON_IMPORT for word in ("--remedy", name)]
    loader = ("--loader", "libtensorflow")
    fresh = run(environment, cases, tmp_path, "--process-per-step", *remedies, loaders=loader)
    chosen = [row for row in rows(forked) if row["remedy"] in ON_IMPORT]
    assert rows(fresh) == [row for row in chosen if row["loader"] == "libtensorflow"]
    assert (len(rows(fresh)), len(rows(forked))) == (12, 81)
    assert held(fresh) == {key: value for key, value in held(forked).items() if key[1] in ON_IMPORT}


def test_the_flag_reaches_all_but_what_imports_keras_itself(forked):
    for (case, remedy), packages in held(forked).items():
        legacy = remedy == "legacy-keras" and case != "import_keras"
        assert packages == (["tf_keras"] if legacy else ["keras"]), (case, remedy)
    text = (forked / "matrix.csv").read_text()
    unreached = [line for line in text.splitlines() if "does not reach code that imports" in line]
    assert len(unreached) == 3
    assert all(line.startswith("import_keras,legacy-keras,") for line in unreached)


@pytest.mark.parametrize(("case", "remedy", "loader"), SAMPLE)
def test_plain_scripts_agree_on_cases_from_elsewhere(
    environment, cases, forked, case, remedy, loader
):
    said = plain.outcome(
        case=str(Path(cases) / f"{case}.py"),
        remedy=remedy,
        producer=str(environment.python),
        consumer=str(environment.python),
        loader=loader,
    )
    ours = outcomes(forked)[case, remedy, environment.name, loader]
    assert (said["status"], said["stage"]) == ours, said["message"]

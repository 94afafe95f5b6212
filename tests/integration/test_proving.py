"""`repair --prove`: the original and its copy, repaired or slim, through real loaders."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from savedmodel_matrix.savedmodel import crc32c
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.table import read_table
from savedmodel_matrix.savedmodel.table_writing import table

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "tests" / "data" / "savedmodels"
LOADERS = ["tf.saved_model.load", "libtensorflow"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """One run directory: what is known from one proof is known to the next."""
    return tmp_path_factory.mktemp("proven") / "results"


def repair(results, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "repair", "--prove"]
    return subprocess.run(
        [*command, "--results", str(results), *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [("dense-2.21", []), ("lookup-2.21", []), ("export-2.21", ["--slim"])],
)
def test_the_result_gives_the_numbers_of_the_original(results, tmp_path, name, options):
    done = repair(results, ARTIFACTS / name, tmp_path / "out", "--format", "json", *options)
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(done.stdout)["proof"]
    assert told["holds"]
    assert told["reference"] == "tf2.21"
    assert sorted(one["loader"] for one in told["shown"]) == sorted(LOADERS)
    assert all(one["difference"] < 1e-6 for one in told["shown"])


def test_it_is_said_to_a_person(results, tmp_path):
    done = repair(results, ARTIFACTS / "dense-2.21", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "✓ proven: 1 signature" in done.stdout
    assert "libtensorflow in tf2.21: largest difference 0" in done.stdout


def test_a_proof_is_not_of_what_the_original_was_before(results, tmp_path):
    """An original of which a weight has changed is run again, and compared with its own copy."""
    path = tmp_path / "in"
    shutil.copytree(ARTIFACTS / "export-2.21", path)
    assert repair(results, path, tmp_path / "out").returncode == 0
    shutil.rmtree(tmp_path / "out")
    change_weights(path)
    done = repair(results, path, tmp_path / "out", "--format", "json")
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["proof"]["holds"]


def change_weights(path):
    """Make every weight another one, with the sums that belong to it."""
    index = path / "variables/variables.index"
    shard = path / "variables/variables.data-00000-of-00001"
    data, entries = bytearray(shard.read_bytes()), []
    for key, value in read_table(index.read_bytes(), "").items():
        entry = message("BundleEntryProto").FromString(value)
        if key.endswith(b"VARIABLE_VALUE"):
            place = slice(entry.offset, entry.offset + entry.size)
            data[place] = (np.frombuffer(data[place], "float32") + 1).tobytes()
            entry.crc32c = crc32c.masked(bytes(data[place]))
        entries.append((key, entry.SerializeToString() if key else value))
    shard.write_bytes(data)
    index.write_bytes(table(entries))


def test_what_is_not_safe_is_refused_before_anything_is_written(results, tmp_path):
    done = repair(results, ROOT / "tests/data/safety/hostile", tmp_path / "out")
    assert done.returncode == 2
    assert "--trust" in done.stderr
    assert not (tmp_path / "out").exists()


def test_loaded_and_saved_again_it_is_sound_and_gives_the_same_numbers(results, tmp_path):
    arguments = (ARTIFACTS / "dense-2.21", tmp_path / "out", "--resave", "--format", "json")
    done = repair(results, *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    told = json.loads(done.stdout)
    assert told["environment"] == "tf2.21"
    assert told["after"]["verdict"] == "sound"
    assert told["proof"]["holds"]
    again = repair(results, *arguments)
    assert again.returncode == 2
    assert "exists already" in again.stderr

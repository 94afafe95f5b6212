"""`bisect` over three real releases of Keras, in overlays of a real environment."""

import json
import subprocess
import sys

import pytest

from tests.integration.conftest import ROOT

CASE = '''"""Built by newer releases only."""
import keras
import numpy as np
import tensorflow as tf
inputs = {"x": np.float32([1, 2, 3])}


def build():
    if tuple(map(int, keras.__version__.split("."))) < (3, 10):
        raise ValueError("too old")
    module = tf.Module()
    module.f = tf.function(
        lambda x: {"y": x * 2}, input_signature=[tf.TensorSpec([None], tf.float32, name="x")]
    )
    return module


def signatures(module):
    return module.f
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    made = tmp_path_factory.mktemp("bisect")
    (made / "cases").mkdir()
    (made / "cases" / "newer_only.py").write_text(CASE)
    return made


def bisect(place, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "bisect", "--case", "newer_only"]
    command += ["--cases", str(place / "cases"), "--results", str(place / "results")]
    command += ["--over", "tf2.21", "--between", "3.9.2", "3.11.0", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900
    )


def test_the_release_is_found_and_what_is_known_is_not_run_again(place):
    done = bisect(place, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (change,) = found["changes"]
    assert (change["before"], change["was"]) == ("3.9.2", "fails at build")
    assert (change["after"], change["now"]) == ("3.10.0", "passes")
    assert change["side"] == "saving"
    assert change["differences"] == [{"package": "keras", "before": "3.9.2", "after": "3.10.0"}]
    tried = {one["version"]: one["status"] for one in found["releases"]}
    assert tried == {"3.9.2": "fail", "3.10.0": "pass", "3.11.0": "pass"}
    records = (place / "results" / "cells.jsonl").read_bytes()
    again = bisect(place, "--format", "json")
    assert json.loads(again.stdout) == found
    assert "installing" not in again.stderr
    kept = {json.loads(line)["key"] for line in records.splitlines()}
    after = (place / "results" / "cells.jsonl").read_bytes().splitlines()
    assert {json.loads(line)["key"] for line in after} <= kept
    assert not (ROOT / "results" / "matrix.csv").exists() or "keras-3.9.2" not in (
        ROOT / "results" / "matrix.csv"
    ).read_text(encoding="utf-8")

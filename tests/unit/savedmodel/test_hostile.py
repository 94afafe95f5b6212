"""The set of hostile artifacts: each has the finding that it is made for, healthy ones have none."""

import subprocess
import sys
from pathlib import Path

import pytest

from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.trust import SAFETY, about_safety
from tests.data.hostile.make_hostile import HERE, MADE, make


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("hostile") / "made"
    return directory, make(directory)


def test_the_set_is_large_and_of_every_format(made):
    hostile = made[1]["hostile"]
    assert len(hostile) == len(MADE) >= 60
    assert {one["format"] for one in hostile} == {"SavedModel", ".keras", ".h5", ".tflite"}
    assert {one["rule"] for one in hostile} <= SAFETY


@pytest.mark.parametrize("name", MADE)
def test_every_hostile_artifact_has_its_finding(made, name):
    directory, found = made
    (one,) = (one for one in found["hostile"] if one["name"] == name)
    findings = about_safety(diagnose(directory / one["path"]), "medium")
    assert one["rule"] in {finding.rule for finding in findings}
    if name not in {"python-only", "save-writes", "keras-metadata-lambda", "zip-pickle"}:
        assert any(f.where == "load" or f.where.startswith("signature:") for f in findings)


def test_no_healthy_artifact_has_a_finding_at_medium_or_above(made):
    healthy = made[1]["healthy"]
    assert len(healthy) >= 18
    assert not [path for path in healthy if about_safety(diagnose(path), "medium")]


def test_the_script_writes_into_a_new_directory_only(tmp_path):
    script = [sys.executable, str(HERE / "make_hostile.py")]
    refused = subprocess.run([*script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "does not exist" in refused.stderr
    assert not list(Path(tmp_path).iterdir())

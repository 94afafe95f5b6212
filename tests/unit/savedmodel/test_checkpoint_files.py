"""Checkpoints beside SavedModels: index, shards, and the file that names the latest."""

import shutil

import pytest

from savedmodel_matrix.savedmodel.diagnose import diagnose
from tests.unit.savedmodel.files import FILES, rules
from tests.unit.savedmodel.graphs import ARTIFACTS


@pytest.fixture
def directory(tmp_path):
    return shutil.copytree(FILES / "checkpoint-2.21", tmp_path / "checkpoint")


@pytest.mark.parametrize("version", ["2.15", "2.21"])
@pytest.mark.parametrize("named", ["", "step-1", "step-1.index"])
def test_a_checkpoint_is_named_by_its_directory_prefix_or_index(version, named):
    done = diagnose(FILES / f"checkpoint-{version}" / named)
    assert (done.format, done.verdict, done.findings) == ("TensorFlow checkpoint", "sound", ())
    shapes = {w.name.partition("/")[0]: (w.dtype, w.shape) for w in done.weights}
    assert shapes["v"] == ("float32", (2,))
    assert shapes["n"] == ("int32", ())
    assert done.loaders["Checkpoint.restore"].verdict == "unknown"


def test_the_checkpoint_of_a_savedmodel_is_one_too():
    done = diagnose(ARTIFACTS / "dense-2.15" / "variables" / "variables.index")
    assert done.verdict == "sound"
    assert len(done.weights) == 3


def test_the_latest_is_the_one_that_the_state_names(directory):
    for suffix in (".index", ".data-00000-of-00001"):
        shutil.copy(directory / f"step-1{suffix}", directory / f"step-2{suffix}")
    (directory / "step-2.data-00000-of-00001").write_bytes(b"")
    assert diagnose(directory).verdict == "sound"
    (directory / "checkpoint").write_text('model_checkpoint_path: "step-2"\n')
    assert diagnose(directory).verdict == "defect"


@pytest.mark.parametrize(
    ("change", "verdict", "rule"),
    [
        (lambda d: (d / "step-1.data-00000-of-00001").unlink(), "defect", "checkpoint-damaged"),
        (lambda d: cut(d / "step-1.data-00000-of-00001"), "defect", "checkpoint-damaged"),
        (lambda d: flip(d / "step-1.data-00000-of-00001"), "defect", "checkpoint-damaged"),
        (lambda d: cut(d / "step-1.index"), "unreadable", "unreadable"),
        (lambda d: flip(d / "step-1.index"), "unreadable", "unreadable"),
        (lambda d: (d / "checkpoint").write_text(""), "sound", "checkpoint-state"),
        (lambda d: state(d, "step-9"), "sound", "checkpoint-state"),
        (lambda d: state(d, "../checkpoint/step-1"), "sound", "checkpoint-state"),
    ],
)
def test_what_is_damaged_or_missing_is_named(directory, change, verdict, rule):
    change(directory)
    done = diagnose(directory)
    assert done.verdict == verdict
    assert set(rules(done)) == {rule}
    assert "step" in done.findings[0].message or "checkpoint" in done.findings[0].message


def test_a_state_that_is_absent_is_nothing(directory):
    (directory / "checkpoint").unlink()
    assert diagnose(directory).findings == ()


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


def flip(path):
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


def state(directory, name):
    (directory / "checkpoint").write_text(f'model_checkpoint_path: "{name}"\n')

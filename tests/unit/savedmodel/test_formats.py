"""How artifacts are recognised, alone and in a tree, and what is said of what is none."""

import os
import shutil

import pytest

from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.formats import artifacts, format_of
from tests.unit.savedmodel.files import FILES
from tests.unit.savedmodel.graphs import ARTIFACTS


def test_a_tree_has_artifacts_of_every_format(tmp_path):
    shutil.copytree(ARTIFACTS / "dense-2.15", tmp_path / "a")
    shutil.copytree(FILES / "checkpoint-2.21", tmp_path / "b")
    for name in ("dense-2.21.keras", "dense-2.21.weights.h5", "dense-2.21.tflite"):
        shutil.copy(FILES / name, tmp_path / "b" / name)
    (tmp_path / "b" / "search.index").write_text("not a checkpoint")
    found = [str(path.relative_to(tmp_path)) for path in artifacts(tmp_path)]
    assert found == [
        *("a", "b/dense-2.21.keras", "b/dense-2.21.tflite", "b/dense-2.21.weights.h5"),
        "b/step-1.index",
    ]
    assert [diagnose(path).verdict for path in artifacts(tmp_path)] == ["sound"] * 5


def test_a_path_is_yielded_where_nothing_is_found(tmp_path):
    assert list(artifacts(tmp_path)) == [tmp_path]
    assert list(artifacts(tmp_path / "nowhere")) == [tmp_path / "nowhere"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dense-2.21.keras", "Keras file"),
        ("dense-2.21.weights.h5", "HDF5 model"),
        ("dense-2.21.tflite", "TFLite"),
    ],
)
def test_a_file_is_recognised_by_how_it_begins(tmp_path, name, kind):
    shutil.copy(FILES / name, tmp_path / "renamed.bin")
    assert format_of(tmp_path / "renamed.bin") == kind


@pytest.mark.parametrize("name", ["x.keras", "x.h5", "x.hdf5", "x.tflite", "x.index"])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "does not exist|No such file"),
        (lambda path: path.write_bytes(b""), "empty|footer"),
        (lambda path: path.write_bytes(b"hello" * 20), "damaged"),
        (lambda path: path.mkdir(), "is not a SavedModel"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to(path), "Too many levels|cannot be read|not a SavedModel"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_with_the_path(tmp_path, name, make, said):
    path = tmp_path / name
    make(path)
    done = diagnose(path)
    assert done.verdict == "unreadable"
    [finding] = done.findings
    assert (finding.rule, finding.severity) == ("unreadable", "critical")
    assert str(path) in finding.message
    assert any(part in finding.message for part in said.split("|"))


def test_a_saved_model_is_left_to_its_own_diagnosis(tmp_path):
    assert format_of(ARTIFACTS / "dense-2.15") is None
    assert format_of(tmp_path) is None
    assert diagnose(tmp_path).format == "SavedModel"
    assert diagnose("bad\0path").verdict == "unreadable"

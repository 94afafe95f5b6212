"""Formats are known by name and recognised on disk."""

import pytest

from savedmodel_matrix.model.format import FORMATS, format_at, format_named
from savedmodel_matrix.workspace.catalogue import find_loaders, find_remedies


def test_every_format_of_a_remedy_or_loader_is_known():
    used = {remedy.writes for remedy in find_remedies()}
    used |= {name for loader in find_loaders() for name in loader.reads}
    assert used <= {one.name for one in FORMATS}


def test_only_a_savedmodel_has_signatures():
    assert [one.name for one in FORMATS if one.has_signatures] == ["SavedModel"]
    assert not format_named("something of a plugin's own").has_signatures


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("saved_model.pb", "SavedModel"),
        ("saved_model.pbtxt", "SavedModel"),
        ("model.keras", "Keras"),
        ("model.weights.h5", "weights"),
        ("model.h5", "HDF5"),
        ("ckpt-1.index", "checkpoint"),
        ("model.tflite", "TFLite"),
    ],
)
def test_a_format_is_recognised_by_its_files(tmp_path, file, name):
    (tmp_path / file).touch()
    found = [format_at(place) for place in (tmp_path, tmp_path / file)]
    assert [one and one.name for one in found] == [name, name]


def test_what_is_none_of_them_is_not_recognised(tmp_path):
    (tmp_path / "notes.txt").touch()
    assert format_at(tmp_path) is None
    assert format_at(tmp_path / "absent") is None

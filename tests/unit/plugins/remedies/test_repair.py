"""Saved as written, then repaired in its file."""

import shutil
from pathlib import Path

import pytest

from savedmodel_matrix.plugins.remedies import repair as remedy
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.reading import read_saved_model

ARTIFACTS = Path(__file__).parents[3] / "data" / "savedmodels"


class NotApplicable(Exception):
    pass


class Case:
    """A case whose own way of saving gives an artifact that there is already."""

    not_applicable = NotApplicable

    def __init__(self, name):
        self.name = name

    def save(self, obj, directory):
        shutil.copytree(ARTIFACTS / self.name, directory)


@pytest.mark.parametrize("name", ["dense-2.15", "dense-2.16", "dense-2.21", "lookup-2.21"])
def test_what_is_saved_is_sound(name, tmp_path):
    remedy.save(Case(name), None, str(tmp_path / "artifact"))
    assert diagnose(tmp_path / "artifact").sound
    assert [path.name for path in tmp_path.iterdir()] == ["artifact"]


def test_what_cannot_be_repaired_says_why_and_names_no_path(tmp_path):
    class Unlinked(Case):
        def save(self, obj, directory):
            super().save(obj, directory)
            saved = read_saved_model(Path(directory))
            for node in saved.proto.meta_graphs[0].graph_def.node:
                node.op = node.op.replace("AssignVariableOp", "NoOp")
            saved.file.write_bytes(saved.proto.SerializeToString())

    with pytest.raises(NotApplicable, match="no op assigns its value") as caught:
        remedy.save(Unlinked("dense-2.21"), None, str(tmp_path / "artifact"))
    assert str(tmp_path) not in str(caught.value)

"""What is wrong with an artifact names it, also where the fault is found deep in its graph."""

import shutil
from pathlib import Path

import pytest

from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact, naming
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.tree import tree

ARTIFACTS = Path(__file__).parents[2] / "data" / "savedmodels"
# An object whose user_object (field 4) has metadata (field 3) that is no UTF-8.
DAMAGED = bytes([0x0A, 5, 0x22, 3, 0x1A, 1, 0xFF])


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Return an artifact whose object graph can be read in part only."""
    path = tmp_path / "my_model"
    shutil.copytree(ARTIFACTS / "dense-2.15", path)
    proto = message("SavedModel")()
    proto.ParseFromString((path / "saved_model.pb").read_bytes())
    proto.meta_graphs[0].object_graph_def.MergeFromString(DAMAGED)
    (path / "saved_model.pb").write_bytes(proto.SerializeToString())
    return path


def test_a_sentence_that_names_the_artifact_stays_and_any_other_gets_its_name() -> None:
    assert naming(UnreadableArtifact("a/my_model has no graph"), "a/my_model") == (
        "a/my_model has no graph"
    )
    assert naming(UnreadableArtifact("it has no graph"), "a/my_model") == (
        "a/my_model cannot be read: it has no graph"
    )


def test_a_damaged_object_graph_is_one_sentence_that_names_the_artifact(damaged: Path) -> None:
    found = diagnose(damaged)
    assert found.verdict == "unreadable"
    (finding,) = found.findings
    assert (
        finding.message == f"{damaged} cannot be read: the object graph of the artifact is damaged"
    )
    with pytest.raises(UnreadableArtifact, match="my_model cannot be read: the object graph"):
        tree(damaged)

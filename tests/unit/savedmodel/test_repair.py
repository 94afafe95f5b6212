"""Repair: sound afterwards, least change, and never over what is not its own."""

import filecmp
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel import surgery, wire
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.repair import repair
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.soundness import MetaGraph
from savedmodel_matrix.savedmodel.surgery import Change
from tests.unit.savedmodel.graphs import ARTIFACTS, Graph

FAULTED = ["dense-2.16", "dense-2.21", "lookup-2.21"]
SOUND = ["dense-2.15", "tf1", "vocabulary"]


def files(path):
    return sorted(str(p.relative_to(path)) for p in path.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", FAULTED)
def test_a_faulted_artifact_is_sound_afterwards_and_only_inputs_have_changed(name, tmp_path):
    out = tmp_path / "out"
    done = repair(ARTIFACTS / name, out)
    assert done.after
    assert done.after.verdict == "sound"
    assert done.removed == ("fingerprint.pb",)
    left = [file for file in files(ARTIFACTS / name) if file != "fingerprint.pb"]
    assert files(out) == left
    left.remove("saved_model.pb")
    assert filecmp.cmpfiles(ARTIFACTS / name, out, left, shallow=False) == (left, [], [])

    before, after = (read_saved_model(p).proto for p in (ARTIFACTS / name, out))
    assert before != after
    for change in done.changes:
        nodes = {n.name: n for n in before.meta_graphs[change.meta_graph].graph_def.node}
        assert nodes[change.node].input[change.input] == change.before
        nodes[change.node].input[change.input] = change.after
    assert before == after  # fields that this schema does not have too: they are compared as bytes


@pytest.mark.parametrize("name", FAULTED)
def test_every_byte_that_is_no_input_and_no_length_is_as_it_was(name, tmp_path):
    done = repair(ARTIFACTS / name, tmp_path / "out")
    data = (tmp_path / "out/saved_model.pb").read_bytes()
    back = [Change(c.meta_graph, c.node, c.input, c.after, c.before, c.role) for c in done.changes]
    original = (ARTIFACTS / name / "saved_model.pb").read_bytes()
    assert b"".join(wire.changed(data, back)) == original


def test_a_dense_layer_takes_four_strings(tmp_path):
    done = repair(ARTIFACTS / "dense-2.21", tmp_path / "out", dry_run=True)
    assert [(c.role, c.before, c.after) for c in done.changes] == [
        ("restore", "Variable_1", "dense/kernel"),
        ("restore", "Variable", "dense/bias"),
        ("save", "Variable_1", "dense/kernel"),
        ("save", "Variable", "dense/bias"),
    ]
    assert done.after is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_artifact_is_copied_as_it_is(name, tmp_path):
    done = repair(ARTIFACTS / name, tmp_path / "out")
    assert not done.changed
    assert done.after
    assert done.after.sound
    same = filecmp.cmpfiles(
        ARTIFACTS / name, tmp_path / "out", files(ARTIFACTS / name), shallow=False
    )
    assert same == (files(ARTIFACTS / name), [], [])


def test_in_place_the_graph_is_replaced_and_nothing_is_left_beside(copy_of):
    path = copy_of("dense-2.21")
    before = set(files(path))
    mode = (path / "saved_model.pb").stat().st_mode
    done = repair(path)
    assert done.after
    assert done.after.sound
    assert set(files(path)) == before - {"fingerprint.pb"}
    assert (path / "saved_model.pb").stat().st_mode == mode
    again = repair(path, path)
    assert not again.changed


def test_nothing_is_written_over(tmp_path, copy_of):
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError, match="out exists already"):
        repair(ARTIFACTS / "dense-2.21", tmp_path / "out")
    path = copy_of("dense-2.21")
    with pytest.raises(RepairRefused, match="outside of it"):
        repair(path, path / "repaired")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        repair(path, tmp_path / "dangling")


def test_what_fails_half_way_leaves_nothing(tmp_path, copy_of, monkeypatch):
    path = copy_of("dense-2.21")
    graph = (path / "saved_model.pb").read_bytes()

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    for out in (tmp_path / "out", None):
        with pytest.raises(OSError, match="No space"):
            repair(path, out)
    assert (path / "saved_model.pb").read_bytes() == graph
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dense-2.21"]
    assert (path / "fingerprint.pb").exists()
    assert sorted(p.name for p in path.iterdir()) == sorted(
        p.name for p in (ARTIFACTS / "dense-2.21").iterdir()
    )


def test_a_link_to_a_directory_is_not_followed(tmp_path, copy_of):
    path = copy_of("dense-2.21")
    (path / "everything").symlink_to("/")
    with pytest.raises(UnreadableArtifact, match="link to a directory"):
        repair(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_the_link_it_is_refused_and_the_second_way_is_named(copy_of, tmp_path):
    path = copy_of("dense-2.21")
    directory = read_saved_model(path)
    for node in directory.proto.meta_graphs[0].graph_def.node:
        if node.op == "AssignVariableOp":
            node.op = "NoOp"
    directory.file.write_bytes(directory.proto.SerializeToString())
    said = "load it with tf.saved_model.load in TensorFlow 2.21.0 and save it again"
    with pytest.raises(RepairRefused, match=said):
        repair(path, tmp_path / "out")
    assert said in diagnose(path).findings[0].remedy


def copied(**signatures):
    """Return a graph whose restore op fills `copy`, and whose signatures read what is named."""
    graph = Graph()
    graph.variable("original")
    graph.variable("copy")
    graph.node("value", "ReadVariableOp", "original")
    graph.node("same", "Identity", "value")
    graph.node("link", "AssignVariableOp", "copy", "same")
    for name, variable in signatures.items():
        graph.node(f"read_{name}", "ReadVariableOp", variable)
        graph.signature(f"read_{name}:0", name)
    return graph.restores("copy")


def test_the_link_is_found_through_identity():
    graph = MetaGraph(copied(a="original").proto, restored=True)
    [change] = surgery.plan(0, graph)
    assert (change.node, change.before, change.after) == ("restore/copy", "copy", "original")


def test_a_copy_that_is_read_itself_is_not_taken_away():
    graph = MetaGraph(copied(a="original", b="copy").proto, restored=True)
    with pytest.raises(RepairRefused, match="signature 'b' reads 'copy'"):
        surgery.plan(0, graph)


def test_a_copy_of_another_dtype_is_refused():
    graph = copied(a="original")
    graph.proto.graph_def.node[1].attr["dtype"].type = 1
    graph.proto.graph_def.node[2].attr["dtype"].type = 2
    with pytest.raises(RepairRefused, match="other dtypes"):
        surgery.plan(0, MetaGraph(graph.proto, restored=True))


@given(
    st.lists(st.lists(st.text(min_size=1, max_size=200), max_size=5), min_size=1, max_size=5),
    st.text(max_size=300),
    st.data(),
)
def test_any_input_can_be_changed_to_anything(inputs, after, data):
    saved = message("SavedModel")()
    saved.meta_graphs.add().meta_info_def.tags.append("first")
    nodes = saved.meta_graphs.add().graph_def.node
    for number, names in enumerate(inputs):
        nodes.add(name=f"n{number}", op="Op", input=names)
    # A field of tomorrow, before and after what is known.
    unknown = b"\xa2\x06\x03abc\xa8\x06\x05\xad\x06\0\0\0\0\xa1\x06\0\0\0\0\0\0\0\0"
    serialised = unknown + saved.SerializeToString() + unknown
    places = [(n, i) for n, names in enumerate(inputs) for i in range(len(names))]
    changes = []
    for n, i in data.draw(st.sets(st.sampled_from(places)) if places else st.just(set())):
        changes.append(Change(1, f"n{n}", i, inputs[n][i], after, "save"))
        nodes[n].input[i] = after
    changed = b"".join(wire.changed(serialised, changes))
    assert changed == unknown + saved.SerializeToString() + unknown


def test_the_graph_is_repaired_where_the_checkpoint_is_missing_and_that_is_said(tmp_path, copy_of):
    path = copy_of("dense-2.21")
    (path / "variables/variables.index").unlink()
    done = repair(path, tmp_path / "out")
    assert done.changed
    assert done.after
    assert [finding.rule for finding in done.after.findings] == ["checkpoint-missing"]


def test_with_a_damaged_index_nothing_is_written(tmp_path, copy_of):
    path = copy_of("dense-2.21")
    graph = (path / "saved_model.pb").read_bytes()
    (path / "variables/variables.index").write_bytes(b"damaged")
    for out in (tmp_path / "out", None):
        with pytest.raises(UnreadableArtifact, match="index is damaged"):
            repair(path, out)
    assert (path / "saved_model.pb").read_bytes() == graph
    assert [p.name for p in tmp_path.iterdir()] == ["dense-2.21"]

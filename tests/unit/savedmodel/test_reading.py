"""Files of an artifact as they are found: whole, as text, damaged, missing, hostile."""

import contextlib
import os

import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel.checkpoint import damages, read_checkpoint
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.reading import is_saved_model, read_saved_model
from savedmodel_matrix.savedmodel.repair import repair
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES

SHARD = "variables/variables.data-00000-of-00001"


def unreadable(path):
    """Return the one sentence about a directory that cannot be read."""
    with pytest.raises(UnreadableArtifact) as caught:
        read_saved_model(path)
    said = str(caught.value)
    assert "\n" not in said
    assert str(path) in said
    assert diagnose(path).verdict == "unreadable"
    return said


@pytest.mark.parametrize("name", NAMES)
def test_a_real_artifact_is_read_and_its_sums_are_right(name):
    directory, checkpoint = read_saved_model(ARTIFACTS / name), read_checkpoint(ARTIFACTS / name)
    assert directory.proto.meta_graphs[0].meta_info_def.tags == ["serve"]
    assert checkpoint
    assert checkpoint.entries
    assert list(damages(ARTIFACTS / name, checkpoint)) == []


def test_the_same_graph_as_text_is_the_same(copy_of):
    path = copy_of("dense-2.21")
    proto = read_saved_model(path).proto
    text = text_format.MessageToString(proto)
    (path / "saved_model.pb").unlink()
    (path / "saved_model.pbtxt").write_text(text + "a_field_of_tomorrow: 3\n")
    assert read_saved_model(path).is_text
    assert diagnose(path).verdict == "defect"
    assert "load it with tf.saved_model.load" in diagnose(path).findings[0].remedy


def test_what_is_not_there_is_said(tmp_path):
    assert "does not exist" in unreadable(tmp_path / "nowhere")
    assert "is not a SavedModel" in unreadable(tmp_path)
    (tmp_path / "saved_model.cpb").touch()
    assert "in parts" in unreadable(tmp_path)
    assert is_saved_model(tmp_path)
    (tmp_path / "file").touch()
    assert "is not a directory" in unreadable(tmp_path / "file")


@pytest.mark.parametrize("name", ["saved_model.pb", "saved_model.pbtxt"])
def test_an_empty_file_is_not_sound(tmp_path, name):
    (tmp_path / name).touch()
    assert "has no MetaGraph" in unreadable(tmp_path)


def test_a_damaged_graph_is_said_to_be(copy_of):
    path = copy_of("dense-2.21")
    data = (path / "saved_model.pb").read_bytes()
    (path / "saved_model.pb").write_bytes(data[: len(data) // 2])
    assert "is damaged" in unreadable(path)
    (path / "saved_model.pb").unlink()
    (path / "saved_model.pbtxt").write_text("meta_graphs {")
    assert "cannot be parsed" in unreadable(path)
    (path / "saved_model.pbtxt").write_bytes(b"\xff\xfe")
    assert "is not text" in unreadable(path)


def test_text_nested_deeper_than_python_can_is_one_sentence(tmp_path):
    (tmp_path / "saved_model.pbtxt").write_text("meta_graphs { unknown " + "{ a " * 50_000)
    assert "cannot be parsed" in unreadable(tmp_path)


def test_what_is_no_regular_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "saved_model.pb")
    assert "not a regular file" in unreadable(tmp_path)


def rules(path):
    return {(f.rule, f.severity, f.where) for f in diagnose(path).findings}


def test_a_missing_checkpoint_is_a_defect(copy_of):
    path = copy_of("dense-2.15")
    (path / "variables/variables.index").unlink()
    assert rules(path) == {("checkpoint-missing", "critical", "load")}
    (path / SHARD).unlink()
    (path / "variables").rmdir()
    assert diagnose(path).verdict == "defect"


def test_a_shard_that_is_missing_cut_short_or_changed_is_found(copy_of):
    path = copy_of("dense-2.15")
    data = (path / SHARD).read_bytes()
    (path / SHARD).write_bytes(data[:20])
    assert rules(path) == {("checkpoint-damaged", "critical", "load")}
    assert any("cut short" in f.message for f in diagnose(path).findings)
    (path / SHARD).write_bytes(bytes([data[0] ^ 1]) + data[1:])
    [finding] = diagnose(path).findings
    assert finding.message == (
        "dense/kernel/.ATTRIBUTES/VARIABLE_VALUE has other bytes than were saved "
        "(variables.data-00000-of-00001)"
    )
    (path / SHARD).unlink()
    assert any("is missing" in f.message for f in diagnose(path).findings)


def test_an_asset_that_is_missing_is_found(copy_of):
    path = copy_of("vocabulary")
    (path / "assets/words.txt").unlink()
    assert rules(path) == {("asset-missing", "high", "load")}


@pytest.mark.parametrize("name", ["../words.txt", "/etc/passwd", "..\\x", "C:\\x"])
def test_an_asset_outside_is_found_and_not_looked_at(copy_of, name):
    path = copy_of("vocabulary")
    directory = read_saved_model(path)
    directory.proto.meta_graphs[0].asset_file_def[0].filename = name
    directory.file.write_bytes(directory.proto.SerializeToString())
    assert rules(path) == {("asset-outside", "high", "load")}


def mutated(data, edits):
    out = bytearray(data)
    for position, value, length in edits:
        if out:
            at = position % len(out)
            out[at : at + length] = value
    return bytes(out)


EDITS = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.binary(max_size=4), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)
FILES = st.sampled_from(["saved_model.pb", "variables/variables.index", SHARD])


STRINGS = st.sampled_from(["", "^", ":", "a:b:c", "\0", "x" * 300])


@settings(deadline=5000, max_examples=80)
@given(st.sampled_from(NAMES), st.data())
def test_a_graph_with_parts_exchanged_is_diagnosed_whatever_it_is(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("exchanged")
    directory = read_saved_model(ARTIFACTS / name)
    for graph in directory.proto.meta_graphs:
        functions = graph.graph_def.library.function
        nodes = [*graph.graph_def.node, *(n for f in functions for n in f.node_def)]
        names = [node.name for node in nodes]
        names += [f.signature.name for f in functions]
        anything = st.one_of(st.sampled_from(names), STRINGS)
        for number in data.draw(st.lists(st.integers(0, len(nodes) - 1), max_size=12)):
            node = nodes[number]
            for position in range(len(node.input)):
                node.input[position] = data.draw(anything)
            if data.draw(st.booleans()):
                node.op = data.draw(st.sampled_from([n.op for n in nodes]))
            if data.draw(st.booleans()):
                node.attr["f"].func.name = data.draw(anything)
        graph.saver_def.restore_op_name = data.draw(anything)
    (path / "saved_model.pb").write_bytes(directory.proto.SerializeToString())
    (path / "variables").symlink_to(ARTIFACTS / name / "variables")
    assert diagnose(path).verdict in {"sound", "defect", "unreadable"}
    with contextlib.suppress(RepairRefused, UnreadableArtifact):
        repair(path, path.with_name(f"{path.name}-repaired"))


@settings(deadline=5000, max_examples=80)
@given(st.sampled_from(NAMES), FILES, EDITS, st.integers(0, 1 << 20))
def test_a_mutated_or_truncated_artifact_is_diagnosed_whatever_it_is(
    tmp_path_factory, name, file, edits, cut
):
    path = tmp_path_factory.mktemp("mutated")
    for part in ("saved_model.pb", "variables/variables.index", SHARD):
        (path / part).parent.mkdir(exist_ok=True)
        (path / part).write_bytes((ARTIFACTS / name / part).read_bytes())
    data = mutated((path / file).read_bytes(), edits)
    (path / file).write_bytes(data[: len(data) - cut % (len(data) + 1)] if cut % 3 == 0 else data)
    diagnosis = diagnose(path)
    assert diagnosis.verdict in {"sound", "defect", "unreadable"}
    assert all("\n" not in finding.message for finding in diagnosis.findings)


def nodes_of(directory):
    graph = directory.proto.meta_graphs[0].graph_def
    return [*graph.node, *(node for f in graph.library.function for node in f.node_def)]


def changed(path, change):
    """Rewrite an artifact's graph with every node changed by a function."""
    directory = read_saved_model(path)
    for node in nodes_of(directory):
        change(node)
    directory.file.write_bytes(directory.proto.SerializeToString())
    return diagnose(path)


def test_a_key_that_the_checkpoint_does_not_have_is_found(copy_of):
    def change(node):
        strings = node.attr["value"].tensor.string_val if "value" in node.attr else []
        for position, string in enumerate(strings):
            strings[position] = string.replace(b"kernel", b"KERNEL")

    diagnosis = changed(copy_of("dense-2.15"), change)
    [finding] = diagnosis.findings
    assert (finding.rule, finding.where) == ("checkpoint-key", "load")
    assert "KERNEL" in finding.message
    assert diagnosis.loaders["libtensorflow"].verdict == "fails"


def test_a_variable_of_another_shape_than_is_stored_is_found(copy_of):
    def change(node):
        if node.op == "VarHandleOp" and len(node.attr["shape"].shape.dim) == 2:
            node.attr["shape"].shape.dim[0].size = 7

    [finding] = changed(copy_of("dense-2.15"), change).findings
    assert finding.rule == "checkpoint-shape"
    assert finding.evidence["stored"] == [4, 2]
    assert finding.evidence["variable"] == [7, 2]


def test_a_tensor_restored_as_another_dtype_than_is_stored_is_found(copy_of):
    def change(node):
        if node.op == "RestoreV2":
            node.attr["dtypes"].list.type[0] = 2

    [finding] = changed(copy_of("dense-2.15"), change).findings
    assert finding.rule == "checkpoint-dtype"
    assert (finding.evidence["restored"], finding.evidence["stored"]) == ("double", "float")


def test_an_artifact_without_a_signature_is_sound_and_runs_nowhere_but_in_python(copy_of):
    path = copy_of("dense-2.15")
    directory = read_saved_model(path)
    directory.proto.meta_graphs[0].signature_def.clear()
    directory.file.write_bytes(directory.proto.SerializeToString())
    diagnosis = diagnose(path)
    assert diagnosis.verdict == "sound"
    assert diagnosis.loaders["libtensorflow"].verdict == "fails"
    assert [f.rule for f in diagnosis.findings] == ["no-signature"]
    assert diagnosis.at_least("medium") == []

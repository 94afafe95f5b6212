"""Artifacts for an older TensorFlow."""

import re
from typing import Any

import pytest

from savedmodel_matrix.savedmodel.downgrade import plan, rewritten
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.repair import repair
from savedmodel_matrix.savedmodel.schema import message
from tests.unit.savedmodel.graphs import ARTIFACTS


def edited(directory, change):
    proto = directory.proto
    change(proto)
    directory.file.write_bytes(proto.SerializeToString())
    return directory.path


@pytest.mark.parametrize("name", ["dense-2.15", "dense-2.21"])
def test_what_only_saving_needs_is_taken_out_and_nothing_else(name, tmp_path):
    done: Any = repair(ARTIFACTS / name, tmp_path / "out", reader="tf2.9")
    assert done.after.sound
    assert done.after.loaders["libtensorflow"].since in {None, "2.5", "2.6", "2.7", "2.8", "2.9"}
    before, after = (
        {
            (function.signature.name, node.name): node
            for graph in read_saved_model(path).proto.meta_graphs
            for function in graph.graph_def.library.function
            for node in function.node_def
        }
        for path in (ARTIFACTS / name, tmp_path / "out")
    )
    gone = before.keys() - after.keys()
    assert {before[key].op for key in gone} == {"DisableCopyOnRead"}
    assert len(gone) == len(done.taken_out.nodes) > 0
    assert not any("DisableCopyOnRead" in i for node in after.values() for i in node.input)
    assert (tmp_path / "out" / "variables" / "variables.index").read_bytes() == (
        ARTIFACTS / name / "variables" / "variables.index"
    ).read_bytes()
    assert not (tmp_path / "out" / "fingerprint.pb").exists()


def test_bytes_and_protocol_buffers_agree():
    directory = read_saved_model(ARTIFACTS / "dense-2.21")
    done = plan(directory, "2.4")
    found = message("SavedModel").FromString(b"".join(rewritten(directory, done)))
    (graph,) = directory.proto.meta_graphs
    for function in graph.graph_def.library.function:
        for key, node in list(function.control_ret.items()):
            if (cut := done.cuts.get((0, function.signature.name))) and node in cut.nodes:
                del function.control_ret[key]
    for function, nodes in [
        ("", graph.graph_def.node),
        *((f.signature.name, f.node_def) for f in graph.graph_def.library.function),
    ]:
        cut = done.cuts.get((0, function))
        if cut is None:
            continue
        for i in reversed(range(len(nodes))):
            if nodes[i].name in cut.nodes:
                del nodes[i]
                continue
            for name in cut.attributes.get(nodes[i].name, ()):
                del nodes[i].attr[name]
            kept = [text for text in nodes[i].input if text.lstrip("^") not in cut.nodes]
            nodes[i].input[:] = kept
    for proto in (found, directory.proto):
        proto.DiscardUnknownFields()  # among them the names of control outputs, checked below
    assert found == directory.proto


def test_control_outputs_of_a_function_go_with_the_nodes_that_they_name():
    from savedmodel_matrix.savedmodel.downgrade import Cut, _function
    from savedmodel_matrix.savedmodel.protowire import delimited, fields

    function = message("FunctionDef")()
    function.signature.name = "f"
    for name in ("odd", "kept"):
        function.node_def.add(name=name, op="NoOp")
        function.control_ret[f"control_{name}"] = name
    data = b"".join(
        part
        for one in fields(memoryview(function.SerializeToString()))
        for part in (
            delimited(
                1,
                [one.content, *delimited(20, [b"control_odd"]), *delimited(20, [b"control_kept"])],
            )
            if one.number == 1
            else [one.whole]
        )
    )
    after = b"".join(_function(memoryview(data), Cut({"odd"})))
    found = message("FunctionDef").FromString(after)
    assert dict(found.control_ret) == {"control_kept": "kept"}
    assert [node.name for node in found.node_def] == ["kept"]
    assert b"control_kept" in after
    assert b"control_odd" not in after


def test_nothing_is_changed_where_nothing_stands_in_the_way(tmp_path):
    done = repair(ARTIFACTS / "dense-2.15", tmp_path / "out", reader="2.21")
    assert not done.changed
    file = "saved_model.pb"
    assert (tmp_path / "out" / file).read_bytes() == (ARTIFACTS / "dense-2.15" / file).read_bytes()


def test_in_place_twice_is_once(copy_of):
    path = copy_of("dense-2.15")
    done: Any = repair(path, reader="2.9")
    assert done.taken_out.nodes
    assert not repair(path, reader="2.9").changed


def test_an_op_that_a_signature_needs_is_refused_and_nothing_is_written(copy_of, tmp_path):
    path = copy_of("dense-2.15")

    def change(proto):
        graph = proto.meta_graphs[0].graph_def
        graph.node.add(name="odd", op="NobodysOp")

    edited(read_saved_model(path), change)
    said = "cannot be made to load in TensorFlow 2.12: there the op NobodysOp is unknown"
    with pytest.raises(RepairRefused, match=re.escape(said)):
        repair(path, tmp_path / "out", reader="2.12")
    assert {p.name for p in tmp_path.iterdir()} == {path.name}


def test_an_attribute_with_a_meaning_is_refused(copy_of, tmp_path):
    path = copy_of("dense-2.15")

    def change(proto):
        graph = proto.meta_graphs[0].graph_def
        node = graph.node.add(name="odd", op="GatherNd", input=["a", "b"])
        node.attr["bad_indices_policy"].s = b"IGNORE"
        for key in ("Tparams", "Tindices"):
            node.attr[key].type = 3

    edited(read_saved_model(path), change)
    with pytest.raises(RepairRefused, match="bad_indices_policy"):
        repair(path, tmp_path / "out", reader="2.12")


@pytest.mark.parametrize("release", ["2.3", "tf3", "", "newest"])
def test_a_release_that_is_not_known_is_refused(release, tmp_path):
    with pytest.raises(RepairRefused, match=r"from tf2\.4 to tf2\.21"):
        repair(ARTIFACTS / "dense-2.15", tmp_path / "out", reader=release)


@pytest.mark.parametrize(("where", "refused"), [("save", False), ("restore", True)])
def test_an_op_that_is_not_known_goes_where_only_saving_runs_it(copy_of, tmp_path, where, refused):
    path = copy_of("dense-2.15")
    op = {"save": "SaveV2", "restore": "RestoreV2"}[where]

    def change(proto):
        functions = proto.meta_graphs[0].graph_def.library.function
        function = next(f for f in functions if any(n.op == op for n in f.node_def))
        function.node_def.add(name="odd", op="NobodysOp")

    edited(read_saved_model(path), change)
    if refused:
        with pytest.raises(RepairRefused, match="NobodysOp"):
            repair(path, tmp_path / "out", reader="2.21")
        return
    done: Any = repair(path, tmp_path / "out", reader="2.21")
    assert [name.rpartition("/")[2] for name in done.taken_out.nodes] == ["odd"]
    assert done.after.loaders["libtensorflow"].verdict == "runs"

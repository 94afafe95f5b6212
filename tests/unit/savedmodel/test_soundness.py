"""What a signature reads has to be written by the restore op or the init op."""

import pytest

from savedmodel_matrix.savedmodel.checkpoint import read_checkpoint
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.soundness import MetaGraph
from tests.unit.savedmodel.graphs import ARTIFACTS, Graph, func


def unwritten(graph, *, restored=True):
    analysed = MetaGraph(graph.proto, restored=restored)
    return {s.name: [r.name for r in s.unwritten] for s in analysed.signatures}


def only(graph, **more):
    return unwritten(graph, **more)["serving_default"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dense-2.15", []),
        ("dense-2.16", ["dense/bias", "dense/kernel"]),
        ("dense-2.21", ["dense/bias", "dense/kernel"]),
        ("lookup-2.21", ["dense/bias", "dense/kernel", "embedding/embeddings"]),
        ("tf1", []),
        ("vocabulary", []),
    ],
)
def test_a_real_artifact(name, expected):
    directory = read_saved_model(ARTIFACTS / name)
    for proto in directory.proto.meta_graphs:
        graph = MetaGraph(proto, restored=read_checkpoint(directory.path) is not None)
        assert [[r.name for r in s.unwritten] for s in graph.signatures] == [expected]


def reading(**more):
    graph = Graph()
    graph.variable("v", **more)
    graph.node("read", "ReadVariableOp", "v")
    return graph.signature("read:0")


def test_a_variable_that_nothing_writes_is_unwritten_and_a_restored_one_is_not():
    assert only(reading()) == ["v"]
    assert only(reading().restores("v")) == []


def test_without_a_checkpoint_nothing_is_restored():
    assert only(reading().restores("v"), restored=False) == ["v"]


def test_what_the_save_op_reaches_writes_nothing_that_counts():
    graph = reading()
    graph.node("assign", "AssignVariableOp", "v", "filename:0")
    graph.proto.saver_def.save_tensor_name = "assign"
    assert only(graph) == ["v"]


@pytest.mark.parametrize("way", ["signature", "saved_model_main_op", "legacy_init_op"])
def test_an_init_op_writes_however_it_is_named(way):
    graph = reading()
    graph.node("assign", "AssignVariableOp", "v", "filename:0")
    graph.node("init", "NoOp", "^assign")
    if way == "signature":
        outputs = graph.proto.signature_def["__saved_model_init_op"].outputs
        outputs["__saved_model_init_op"].name = "init"
    else:
        graph.proto.collection_def[way].node_list.value.append("init")
    assert only(graph) == []


def test_only_the_first_init_op_runs():
    graph = reading()
    graph.node("nothing", "NoOp")
    graph.node("assign", "AssignVariableOp", "v", "filename:0")
    graph.proto.collection_def["legacy_init_op"].node_list.value.append("assign")
    graph.proto.collection_def["saved_model_main_op"].node_list.value.append("nothing")
    assert only(graph) == ["v"]


def test_a_control_input_is_run_too():
    graph = Graph()
    graph.variable("v")
    graph.node("read", "ReadVariableOp", "v")
    graph.node("out", "Const", "^read")
    assert only(graph.signature("out:0")) == ["v"]


def test_what_is_fed_is_not_run():
    graph = reading()
    graph.node("out", "Identity", "read:0")
    graph.signature("out:0")
    graph.proto.signature_def["serving_default"].inputs["x"].name = "read:0"
    assert only(graph) == []


def test_one_resource_by_two_handles_is_one_and_containers_tell_two_apart():
    graph = reading(shared_name="name")
    graph.variable("handle", shared_name="name")
    assert only(graph.restores("handle")) == []
    apart = reading(shared_name="name")
    apart.variable("handle", shared_name="name", container="other")
    assert only(apart.restores("handle")) == ["name"]
    default = reading(shared_name="name")
    default.variable("handle", shared_name="name", container="localhost")
    assert only(default.restores("handle")) == []


def calling(op, before=(), attribute="f", value=None):
    """Return a graph whose signature reads `v` in a function that it calls by an op."""
    graph = Graph()
    graph.variable("v")
    body = graph.function("body", ["handle"])
    graph.node("read", "ReadVariableOp", "handle", to=body)
    graph.node("zero", "Const")
    graph.node("call", op, *before, "v", **{attribute: value or func("body")})
    return graph.signature("call:0")


@pytest.mark.parametrize(
    ("op", "before", "attribute"),
    [
        ("PartitionedCall", (), "f"),
        ("StatefulPartitionedCall", (), "f"),
        ("RemoteCall", ("zero",), "f"),
        ("If", ("zero",), "then_branch"),
        ("StatelessIf", ("zero",), "else_branch"),
        ("While", (), "cond"),
        ("StatelessWhile", (), "body"),
        ("SomebodysOp", ("zero",), "anything"),
        ("body", (), "unused"),
    ],
)
def test_a_handle_is_followed_into_a_function(op, before, attribute):
    graph = calling(op, before, attribute)
    assert only(graph) == ["v"]
    assert only(graph.restores("v")) == []


def test_a_list_of_functions_is_followed():
    graph = calling("Case", ("zero",), "branches", ["body"])
    assert only(graph) == ["v"]


def test_the_function_of_a_dataset_gets_what_it_captured():
    graph = Graph()
    graph.variable("v")
    graph.variable("w")
    body = graph.function("body", ["element", "first", "second"])
    graph.node("read", "ReadVariableOp", "second", to=body)
    graph.node("data", "TensorDataset")
    captured = message("AttrValue")()
    captured.list.type.extend([20, 20])
    graph.node("map", "MapDataset", "data", "w", "v", f=func("body"), Targuments=captured)
    assert only(graph.signature("map:0")) == ["v"]


def test_the_argument_that_is_read_is_told_from_the_one_that_is_not():
    graph = Graph()
    graph.variable("v")
    graph.variable("w")
    body = graph.function("body", ["a", "b"])
    graph.node("read", "ReadVariableOp", "b", to=body)
    graph.node("call", "PartitionedCall", "v", "w", f=func("body"))
    assert only(graph.signature("call:0")) == ["w"]


def test_a_handle_that_comes_back_from_a_function_is_followed():
    graph = Graph()
    graph.variable("v")
    inner = graph.function("inner", ["handle"], ["same:output:0"])
    graph.node("same", "Identity", "handle", to=inner)
    graph.node("call", "PartitionedCall", "v", f=func("inner"))
    graph.node("read", "ReadVariableOp", "call:0")
    assert only(graph.signature("read:0")) == ["v"]


def test_a_restore_in_nested_functions_writes_and_names_its_keys():
    graph = reading()
    inner = graph.function("inner", ["prefix", "handle"])
    value = message("AttrValue")()
    value.tensor.string_val.extend([b"other", b"path/to/v"])
    graph.node("names", "Const", to=inner, value=value)
    graph.node("restored", "RestoreV2", "prefix", "names:output:0", "names:output:0", to=inner)
    graph.node("same", "Identity", "restored:tensors:1", to=inner)
    graph.node("assign", "AssignVariableOp", "handle", "same:output:0", to=inner)
    outer = graph.function("outer", ["prefix", "handle"])
    graph.node("call", "StatefulPartitionedCall", "prefix", "handle", to=outer, f=func("inner"))
    graph.node("restore", "StatefulPartitionedCall", "filename:0", "v", f=func("outer"))
    graph.proto.saver_def.restore_op_name = "restore"
    analysed = MetaGraph(graph.proto, restored=True)
    assert analysed.signatures[0].sound
    keys = {getattr(r, "name", r): key for r, key in analysed.restore.keys.items()}
    assert keys == {"v": "path/to/v"}
    assert analysed.restored_keys() == {"other": -1, "path/to/v": -1}


def test_ten_thousand_identities_and_nested_calls_need_no_recursion():
    graph = Graph()
    graph.variable("v")
    previous = "v"
    for number in range(10_000):
        graph.node(f"same{number}", "Identity", previous)
        previous = f"same{number}"
    body = graph.function("body0", ["handle"])
    graph.node("read", "ReadVariableOp", "handle", to=body)
    for number in range(1, 3000):
        body = graph.function(f"body{number}", ["handle"])
        called = func(f"body{number - 1}")
        graph.node("call", "PartitionedCall", "handle", to=body, f=called)
    graph.node("call", "PartitionedCall", previous, f=func("body2999"))
    assert only(graph.signature("call:0")) == ["v"]


def test_functions_that_call_one_another_in_a_circle_end():
    graph = Graph()
    graph.variable("v")
    for name, other in (("a", "b"), ("b", "a")):
        body = graph.function(name, ["handle"])
        graph.node("call", "PartitionedCall", "handle", to=body, f=func(other))
    graph.node("read", "ReadVariableOp", "handle", to=body)
    graph.node("call", "PartitionedCall", "v", f=func("a"))
    assert only(graph.signature("call:0")) == ["v"]


def test_identities_in_a_circle_end():
    graph = Graph()
    graph.node("a", "Identity", "b")
    graph.node("b", "Identity", "a")
    assert only(graph.signature("a:0")) == []


@pytest.mark.parametrize("reader", ["Identity", "MatMul", "Switch", "Enter"])
def test_a_reference_variable_is_read_by_what_takes_its_value(reader):
    graph = Graph()
    graph.node("v", "VariableV2")
    graph.node("same", "RefIdentity", "v")
    graph.node("read", reader, "same")
    graph.signature("read:0")
    assert only(graph) == ["v"]
    graph.node("assign", "Assign", "v", "filename:0")
    graph.proto.saver_def.restore_op_name = "assign"
    assert only(graph) == []


def test_a_table_is_initialised_and_its_initialiser_counts():
    graph = Graph()
    graph.node("table", "HashTableV2")
    graph.node("find", "LookupTableFindV2", "table")
    graph.signature("find:0")
    assert only(graph) == ["table"]
    graph.node("init", "InitializeTableV2", "table")
    graph.proto.collection_def["saved_model_main_op"].node_list.value.append("init")
    assert only(graph) == []


def test_an_op_that_is_not_known_reads_in_a_signature_and_writes_in_an_init_op():
    graph = Graph()
    graph.variable("v")
    graph.node("custom", "SomebodysOp", "v")
    graph.signature("custom:0")
    assert only(graph) == ["v"]
    graph.node("init", "SomebodysLoad", "v")
    graph.proto.collection_def["saved_model_main_op"].node_list.value.append("init")
    assert only(graph) == []


def test_asking_whether_a_variable_has_a_value_is_not_reading_it():
    graph = Graph()
    graph.variable("v")
    graph.node("asked", "VarIsInitializedOp", "v")
    assert only(graph.signature("asked:0")) == []


def test_a_function_and_a_tensor_that_are_missing_are_named():
    graph = calling("PartitionedCall", value=func("nowhere")).signature("gone:0", "other")
    states = {s.name: s for s in MetaGraph(graph.proto, restored=True).signatures}
    assert states["serving_default"].missing_functions == ["nowhere"]
    assert states["other"].missing_tensors == ["gone:0"]
    assert not any(state.sound for state in states.values())


def test_what_a_function_computes_for_nobody_is_not_read():
    graph = calling("PartitionedCall")
    body = graph.proto.graph_def.library.function[0]
    body.control_ret.clear()
    assert only(graph) == []
    body.control_ret["read"] = "read"
    assert only(graph) == ["v"]


@pytest.mark.parametrize("inside", [False, True])
def test_a_signature_may_write_before_it_reads_but_not_after(inside):
    graph = Graph()
    graph.variable("v")
    if inside:
        body = graph.function("body", ["handle"], ["read:value:0"])
        graph.node("assign", "AssignVariableOp", "handle", "value", to=body)
        read = graph.node("read", "ReadVariableOp", "handle", "^assign", to=body)
        graph.node("call", "PartitionedCall", "v", f=func("body"))
        graph.signature("call:0")
    else:
        graph.node("assign", "AssignVariableOp", "v", "filename:0")
        read = graph.node("read", "ReadVariableOp", "v", "^assign")
        graph.signature("read:0")
    assert only(graph) == []
    read.input.remove("^assign")
    late = graph.node(
        "late", "AssignVariableOp", "handle" if inside else "v", "read", to=body if inside else None
    )
    if inside:
        body.control_ret["late"] = "late"
    else:
        graph.node("out", "Identity", "read", f"^{late.name}")
        graph.signature("out:0")
    assert only(graph) == ["v"]


def test_a_control_input_before_the_others_takes_no_place():
    graph = Graph()
    graph.variable("v")
    graph.node("read", "ReadVariableOp", "^filename", "v")
    assert only(graph.signature("read:0")) == ["v"]


def test_a_python_function_is_found_where_it_runs():
    graph = Graph()
    body = graph.function("body", ["x"], ["py:output:0"])
    graph.node("py", "PyFunc", to=body)
    graph.node("call", "PartitionedCall", "filename", f=func("body"))
    graph.signature("call:0")
    [state] = MetaGraph(graph.proto, restored=True).signatures
    assert state.python == ["PyFunc"]
    assert not state.sound
    graph.signature("filename:0")
    assert MetaGraph(graph.proto, restored=True).signatures[0].sound


@pytest.mark.parametrize(
    ("side", "cli", "rules"),
    [("outputs", "fails", ["composite-output"]), ("inputs", "unknown", [])],
)
def test_a_ragged_output_is_for_libtensorflow_and_not_for_saved_model_cli(
    tmp_path, side, cli, rules
):
    saved = message("SavedModel")()
    graph = Graph()
    graph.signature("filename:0")
    info = getattr(graph.proto.signature_def["serving_default"], side)["ragged"]
    info.composite_tensor.components.add(name="filename:0")
    saved.meta_graphs.append(graph.proto)
    (tmp_path / "saved_model.pb").write_bytes(saved.SerializeToString())
    diagnosis = diagnose(tmp_path)
    assert diagnosis.verdict == "sound"
    assert diagnosis.loaders["libtensorflow"].verdict == "runs"
    assert diagnosis.loaders["saved_model_cli"].verdict == cli
    assert [finding.rule for finding in diagnosis.findings] == rules
    assert diagnosis.at_least("medium") == []

"""Graphs that are made to take long, and bytes that are no artifact's: answers all the same."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.object_schema import view
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.safety import unsafe
from savedmodel_matrix.savedmodel.soundness import MetaGraph
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES, func
from tests.unit.savedmodel.hostile_graphs import PASSWD, Hostile, called_by, strings

SECONDS = 10  # on a machine that does something else besides


@pytest.fixture(autouse=True)
def in_time():
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


def nested(depth, width=1, *, python=False):
    """Return a graph in which functions call the next level, `width` functions on each."""
    graph = Hostile()
    last = f"f{depth}_0"
    graph.evil(last)
    for level in reversed(range(depth)):
        for column in range(width):
            body = graph.function(f"f{level}_{column}", ["x"], ["c0:output:0"])
            for call in range(width):
                below = last if level + 1 == depth else f"f{level + 1}_{call}"
                graph.node(f"c{call}", "PartitionedCall", "x", to=body, f=func(below))
    if python:
        return graph.objects("f0_0")
    graph.node("call", "PartitionedCall", "filename", f=func("f0_0"))
    return graph.signature("call:0")


@pytest.mark.parametrize(("depth", "width"), [(3000, 1), (60, 8)])
def test_three_thousand_calls_deep_and_exponentially_many_ways(depth, width):
    assert nested(depth, width).found() == {("file-write", "signature:serving_default", "critical")}
    assert nested(depth, width, python=True).found() == {("file-write", "python", "high")}


@pytest.mark.parametrize("python", [False, True])
def test_functions_that_call_one_another_in_a_circle(python):
    graph = Hostile()
    graph.evil("f0")
    for number in range(1, 500):
        body = graph.function(f"f{number}", ["x"], ["next:output:0"])
        graph.node("next", "PartitionedCall", "x", to=body, f=func(f"f{number % 499 + 1}"))
        graph.node("before", "If", "x", "x", to=body, then_branch=func(f"f{number - 1}"))
    if python:
        assert graph.objects("f250").found() == {("file-write", "python", "high")}
    else:
        graph.node("call", "PartitionedCall", "filename", f=func("f250"))
        graph.signature("call:0")
        assert graph.found() == {("file-write", "signature:serving_default", "critical")}


def test_a_name_that_goes_in_a_circle_and_a_variable_that_is_assigned_itself():
    graph = Hostile()
    graph.variable("v")
    graph.node("value", "ReadVariableOp", "v")
    graph.node("same", "Identity", "value")
    graph.node("assign", "AssignVariableOp", "v", "same")
    graph.node("a", "Merge", "b", "same")
    graph.node("b", "Merge", "a")
    graph.node("read", "ReadFile", "a")
    assert graph.init("assign").signature("read:0").found() == {
        ("file-read", "signature:serving_default", "high")
    }


def test_a_name_handed_through_thousands_of_functions():
    graph = Hostile()
    body = graph.function("f0", ["x"], [])
    graph.node("read", "RestoreV2", "x", "x", "x", to=body)
    for number in range(1, 2000):
        body = graph.function(f"f{number}", ["x"], [])
        graph.node("c", "PartitionedCall", "x", to=body, f=func(f"f{number - 1}"))
    graph.const("path", PASSWD)
    graph.node("restore", "PartitionedCall", "path", f=func("f1999"))
    graph.proto.saver_def.restore_op_name = "restore"
    assert graph.found() == {("restore-elsewhere", "load", "high")}


def test_more_signatures_than_are_told_apart_and_many_ops():
    graph = called_by("PartitionedCall")
    body = graph.proto.graph_def.library.function[0]
    for number in range(3000):
        graph.node(f"act{number}", "ReadFile", "path:output:0", to=body)
    for number in range(300):
        graph.signature("out:0", f"s{number}")
    found = unsafe(MetaGraph(graph.proto, restored=True))
    assert max(f.evidence["count"] for f in found if f.rule == "file-read") == 3000
    assert len({f.where for f in found}) == 128
    assert all(len(f.evidence["ops"]) <= 20 and len(f.message) < 1000 for f in found)


def test_a_name_of_megabytes_is_shortened():
    graph = Hostile()
    graph.const("path", "x" * (1 << 20))
    graph.node("read", "ReadFile", "path")
    [finding] = unsafe(MetaGraph(graph.signature("read:0").proto, restored=True))
    assert len(json.dumps(finding.evidence)) < 1000
    assert len(finding.message) < 1000


def test_constants_of_megabytes_are_passed_over():
    graph = Hostile()
    graph.evil()
    outer = graph.function("outer", ["x"], ["call:output:0"])
    graph.const("large", "\n\x12" * (1 << 20), to=outer)
    graph.node("call", "PartitionedCall", "x", to=outer, f=func("evil"))
    graph.const("larger", "\n\x12" * (1 << 22))
    assert graph.objects("outer").found() == {("file-write", "python", "high")}


def test_an_object_graph_that_lies_is_no_traceback():
    graph = Hostile()
    graph.evil()
    objects = graph.objects("evil").proto.object_graph_def
    objects.nodes[0].children[0].node_id = 1 << 30
    objects.concrete_functions["evil"].bound_inputs.extend([-5, 1 << 30])
    objects.concrete_functions["nowhere"].bound_inputs.append(1)
    assert graph.found() == {("file-write", "python", "high")}


def lambda_layer(name, depth):
    config = {"class_name": "Lambda", "config": {"name": name, "function_type": "lambda"}}
    for _ in range(depth):
        config = {"class_name": "Functional", "config": {"layers": [config]}}
    return json.dumps(config)


@pytest.mark.parametrize("depth", [0, 1, 40])
def test_code_that_keras_2_would_run_is_found_at_any_depth(copy_of, depth):
    path = copy_of("dense-2.15")
    saved = view("KerasMetadata")()
    saved.nodes.add(identifier="_tf_keras_model", metadata=lambda_layer("bad", depth))
    saved.nodes.add(metadata="not JSON, Lambda")
    (path / "keras_metadata.pb").write_bytes(saved.SerializeToString())
    [finding] = diagnose(path).findings
    assert (finding.rule, finding.severity, finding.where) == ("keras-lambda", "high", "python")
    assert finding.evidence["layers"] == ["bad"]
    (path / "keras_metadata.pb").write_bytes(b"\xff")
    assert diagnose(path).verdict == "unreadable"


def test_code_that_old_keras_2_kept_in_the_object_graph_is_found(copy_of):
    path = copy_of("dense-2.15")
    directory = read_saved_model(path)
    user = view("UserObject")(identifier="_tf_keras_layer", metadata=lambda_layer("bad", 1))
    node = directory.proto.meta_graphs[0].object_graph_def.nodes.add()
    node.user_object.ParseFromString(user.SerializeToString())
    directory.file.write_bytes(directory.proto.SerializeToString())
    assert [f.rule for f in diagnose(path).findings] == ["keras-lambda"]


@settings(deadline=5000, max_examples=60)
@given(st.sampled_from(NAMES), st.data())
def test_bytes_of_a_graph_that_are_exchanged_are_diagnosed_whatever_they_are(
    tmp_path_factory, name, data
):
    path = tmp_path_factory.mktemp("mutated")
    content = bytearray((ARTIFACTS / name / "saved_model.pb").read_bytes())
    # Names of ops are exchanged for names as long that are dangerous, so that the graph parses.
    for old, new in (
        (b"NoOp", b"Copy"),
        (b"Identity", b"ReadFile"),
        (b"ReadVariableOp", b"TextLineReader"),
    ):
        if data.draw(st.booleans()):
            content = content.replace(old, new)
    for _ in range(data.draw(st.integers(0, 6))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    (path / "saved_model.pb").write_bytes(content)
    (path / "variables").symlink_to(ARTIFACTS / name / "variables")
    diagnosis = diagnose(path)
    assert diagnosis.verdict in {"sound", "defect", "unreadable"}
    assert all("\n" not in finding.message for finding in diagnosis.findings)
    json.dumps(diagnosis.to_json())


OPS = ["ReadFile", "WriteFile", "RestoreV2", "Identity", "StringJoin", "PartitionedCall", "NoOp"]


@settings(deadline=5000, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(OPS), st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_any_graph_of_dangerous_ops_has_an_answer(parts):
    graph = Hostile()
    bodies = [graph.function(f"f{i}", ["x"], ["n0:output:0"]) for i in range(3)]
    for number, (op, source, other) in enumerate(parts):
        to = [None, *bodies][source % 4]
        more = {"f": func(f"f{other % 3}")} if op == "PartitionedCall" else {}
        graph.node(f"n{number}", op, f"n{source}", f"n{other}", to=to, **more)
    graph.node("c", "Const", value=strings("x"))
    graph.signature("n0:0").init("n1").objects("f2")
    for rule, where, severity in graph.found():
        assert rule
        assert severity != "low" or where == "dead"

"""Nodes and edges of a graph: what is called, and what runs for which tensors."""

import pytest

from savedmodel_matrix.savedmodel.ops import CALL_NOTHING
from savedmodel_matrix.savedmodel.registry import registry
from savedmodel_matrix.savedmodel.scope import Scope, tensor
from tests.unit.savedmodel.graphs import Graph

TYPES_OF_FUNCTIONS = {"func", "list(func)"}


def scope_of(graph):
    functions = {f.signature.name: f for f in graph.proto.graph_def.library.function}
    return Scope(graph.proto.graph_def.node, functions)


@pytest.mark.parametrize("name", sorted(CALL_NOTHING))
def test_what_is_said_to_call_nothing_has_no_attribute_for_a_function_in_any_release(name):
    op = registry().op(name)
    assert op is not None
    types = {form.type for forms in op.attributes.values() for form in forms}
    assert not types & TYPES_OF_FUNCTIONS


def test_ops_that_call_do_have_one_in_the_table():
    op = registry().op("StatefulPartitionedCall")
    assert op is not None
    assert {f.type for forms in op.attributes.values() for f in forms} & TYPES_OF_FUNCTIONS


def test_a_function_that_has_the_name_of_such_an_op_is_called():
    graph = Graph()
    graph.node("n", "Relu", "filename")
    assert scope_of(graph).calls == {}
    graph.function("Relu", ["x"])
    (call,) = scope_of(graph).calls["n"]
    assert (call.function, call.returns) == ("Relu", True)


def test_what_is_fed_is_not_computed_and_its_other_outputs_are():
    graph = Graph()
    graph.node("before", "Const")
    graph.node("two", "Split", "before")
    graph.node("first", "Identity", "two")
    graph.node("second", "Identity", "two:1")
    scope = scope_of(graph)
    fed = {("two", 1)}
    assert scope.reach(["second"], fed) == {"second"}
    assert scope.reach(["first"], fed) == {"first", "two", "before"}
    assert scope.reach(["second:0"]) == {"second", "two", "before"}


def test_a_control_runs_whatever_of_its_node_is_fed():
    graph = Graph()
    graph.node("one", "Const")
    graph.node("then", "NoOp", "^one")
    assert scope_of(graph).reach(["then"], {("one", 0)}) == {"then", "one"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ("a", 0)),
        ("a:1", ("a", 1)),
        ("^a", ("a", 0)),
        ("a:x", ("a", 0)),
        ("a:9999999999", ("a", 0)),
    ],
)
def test_a_tensor_is_a_node_and_a_number(text, expected):
    assert tensor(text) == expected

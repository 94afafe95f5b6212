"""What can be repaired is what surgery has a plan for, in every artifact that is here."""

import pytest

from savedmodel_matrix.savedmodel import repairable, surgery
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.soundness import MetaGraph, meta_graphs
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES
from tests.unit.savedmodel.test_repair import copied


def planned(graph):
    try:
        surgery.plan(0, graph)
    except RepairRefused as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_of_real_artifacts(name):
    for graph in meta_graphs(read_saved_model(ARTIFACTS / name), restored=True):
        assert repairable.refusal(0, graph, surgery.links(graph)) == planned(graph)


@pytest.mark.parametrize(
    ("signatures", "dtypes", "said"),
    [
        ({"a": "original"}, (1, 1), ""),
        ({"a": "original", "b": "copy"}, (1, 1), "signature 'b' reads 'copy'"),
        ({"a": "original"}, (1, 2), "other dtypes"),
    ],
)
def test_of_graphs_that_surgery_takes_and_refuses(signatures, dtypes, said):
    made = copied(**signatures)
    for node, dtype in zip(made.proto.graph_def.node[1:3], dtypes, strict=True):
        node.attr["dtype"].type = dtype
    graph = MetaGraph(made.proto, restored=True)
    found = repairable.refusal(0, graph, surgery.links(graph))
    assert found == planned(graph)
    assert (said in found) if said else not found


def test_without_a_link_it_is_refused_by_the_same_sentence():
    made = copied(a="original")
    made.node("link", "NoOp")
    del made.proto.graph_def.node[5]
    graph = MetaGraph(made.proto, restored=True)
    found = repairable.refusal(0, graph, surgery.links(graph))
    assert found == planned(graph)
    assert "nothing in the graph says" in found

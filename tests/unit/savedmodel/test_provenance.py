"""What wrote an artifact, and what it holds, as the files say it."""

import pytest

from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.object_schema import view
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.schema import message
from tests.unit.savedmodel.graphs import ARTIFACTS, Graph


def about(path):
    found = diagnose(path).about
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "saved_by", "keras"),
    [
        ("dense-2.15", "tf.saved_model.save of an object", "2"),
        ("dense-2.16", "tf.saved_model.save of an object", "3"),
        ("lookup-2.21", "tf.saved_model.save of an object", "3"),
        ("vocabulary", "tf.saved_model.save of an object", ""),
        ("tf1", "TensorFlow 1's SavedModelBuilder", ""),
    ],
)
def test_a_real_artifact(name, saved_by, keras):
    found = about(ARTIFACTS / name)
    assert (found.saved_by, found.keras) == (saved_by, keras)
    assert found.evidence[0].claim == saved_by
    assert all(evidence.because for evidence in found.evidence)
    assert found.meta_graphs[0] == ("serve",)


def test_variables_tables_and_assets_with_their_sizes():
    dense = about(ARTIFACTS / "dense-2.21")
    named = {v.object: (v.name, v.dtype, v.shape, v.bytes) for v in dense.variables}
    assert named["dense._kernel"] == ("dense/kernel", "float", (4, 2), 32)
    assert dense.variable_bytes == 40
    words = about(ARTIFACTS / "vocabulary")
    assert [(a.name, a.bytes) for a in words.assets] == [
        ("words.txt", (ARTIFACTS / "vocabulary/assets/words.txt").stat().st_size)
    ]
    assert len(words.tables) == 1
    [variable] = [v for v in about(ARTIFACTS / "tf1").variables if v.shape][:1]
    assert variable.bytes
    assert variable.object == ""


def saved(tmp_path, root="_generic_user_object", children=(), **more):
    proto = message("SavedModel")()
    graph = Graph().signature("filename:0").proto
    if root:
        graph.object_graph_def.nodes.add().user_object.identifier = root
    for name in children:
        graph.object_graph_def.nodes[0].children.add(local_name=name)
    for name in more.get("nodes", ()):
        graph.graph_def.node.add(name=name, op="NoOp")
    graph.signature_def["serving_default"].method_name = more.get("method", "")
    proto.meta_graphs.append(graph)
    (tmp_path / "saved_model.pb").write_bytes(proto.SerializeToString())
    return tmp_path


def metadata(path, text):
    proto = view("KerasMetadata")()
    proto.nodes.add(identifier="_tf_keras_model", metadata=text)
    (path / "keras_metadata.pb").write_bytes(proto.SerializeToString())
    return path


LAYER = ("_inbound_nodes", "_losses_override")


@pytest.mark.parametrize(
    ("root", "children", "saved_by", "keras"),
    [
        ("_generic_user_object", ("_all_variables", "_misc_assets"), "model.export", ""),
        ("_generic_user_object", LAYER, "tf.saved_model.save of a Keras 3 model", "3"),
        ("_tf_keras_network", (), "tf.saved_model.save of a Keras 2 model", "2"),
    ],
)
def test_ways_of_saving(tmp_path, root, children, saved_by, keras):
    found = about(saved(tmp_path, root, children))
    assert found.saved_by.startswith(saved_by)
    assert found.keras == keras


def test_keras_2_says_its_version(tmp_path):
    path = metadata(saved(tmp_path, "_tf_keras_network"), '{"keras_version": "2.15.0"}')
    assert about(path).saved_by == "model.save of Keras 2"
    assert about(path).keras == "2.15.0"
    assert about(metadata(path, '["keras_version"]')).keras == "2"


def test_an_estimator_and_a_converter_are_known_by_their_marks(tmp_path):
    path = saved(tmp_path, "", method="tensorflow/serving/classify", nodes=["jax2tf_f/add"])
    found = about(path)
    assert found.saved_by == "an Estimator of TensorFlow 1"
    assert [e.claim for e in found.evidence[1:]] == ["converted by jax2tf"]


def test_an_asset_outside_is_not_looked_at(copy_of):
    path = copy_of("vocabulary")
    directory = read_saved_model(path)
    directory.proto.meta_graphs[0].asset_file_def[0].filename = "../../../../../../etc/passwd"
    directory.file.write_bytes(directory.proto.SerializeToString())
    assert [a.bytes for a in about(path).assets] == [None]


def test_shapes_that_are_open_or_lies_have_no_size(copy_of):
    path = copy_of("dense-2.15")
    directory = read_saved_model(path)
    first, second = [
        node.variable
        for node in directory.proto.meta_graphs[0].object_graph_def.nodes
        if node.WhichOneof("kind") == "variable"
    ]
    first.shape.dim[0].size = -1
    second.shape.ClearField("dim")
    for _ in range(5000):
        second.shape.dim.add(size=1 << 62)
    directory.file.write_bytes(directory.proto.SerializeToString())
    assert [v.bytes for v in about(path).variables] == [None, None]

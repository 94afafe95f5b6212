"""Hostile graphs: each with the rule that finds it, how severe it is, and from where it runs."""

import pytest
from google.protobuf import text_format

from savedmodel_matrix.savedmodel.dangerous_ops import DANGEROUS
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.safety import unsafe
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.soundness import MetaGraph
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES, complete, func
from tests.unit.savedmodel.hostile_graphs import (
    PASSWD,
    Hostile,
    called_by,
    restoring,
    strings,
    table,
)

CALLS = [
    ("PartitionedCall", (), "f"),
    ("StatefulPartitionedCall", (), "f"),
    ("If", ("zero",), "then_branch"),
    ("StatelessIf", ("zero",), "else_branch"),
    ("While", (), "cond"),
    ("StatelessWhile", (), "body"),
    ("Case", ("zero",), "branches"),
    ("BatchFunction", (), "f"),
    ("MapDataset", (), "f"),
    ("ParallelMapDatasetV2", (), "f"),
    ("FilterDataset", (), "predicate"),
    ("GroupByWindowDataset", (), "window_size_func"),
    ("OneShotIterator", (), "dataset_factory"),
    ("RemoteCall", ("zero",), "f"),
    ("TPUPartitionedCall", ("zero",), "f"),
    ("XlaLaunch", (), "function"),
    ("SymbolicGradient", (), "f"),
    ("SomebodysOp", (), "whatever"),
    ("evil", (), "unused"),
]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(("op", "before", "attribute"), CALLS)
def test_an_op_inside_of_whatever_calls_functions_is_found(op, before, attribute, inside):
    graph = called_by(op, before, attribute, inside)
    assert graph.found() == {("file-write", "signature:serving_default", "critical")}


def test_in_the_main_graph_of_a_signature():
    graph = Hostile()
    graph.const("path", PASSWD)
    graph.node("read", "ReadFile", "path")
    graph.signature("read:0").signature("filename:0", "harmless")
    assert graph.found() == {("file-read", "signature:serving_default", "high")}


def test_by_a_control_input_only():
    graph = Hostile()
    graph.const("path", "/var/x")
    graph.node("write", "WriteFile", "path", "path")
    graph.node("out", "Identity", "filename", "^write")
    assert graph.signature("out:0").found() == {
        ("file-write", "signature:serving_default", "critical")
    }


@pytest.mark.parametrize("how", ["collection", "signature", "restore"])
def test_at_load(how):
    graph = Hostile()
    graph.evil()
    graph.node("call", "PartitionedCall", "filename", f=func("evil"))
    graph.node("init", "NoOp", "^call")
    if how == "collection":
        graph.init("init")
    elif how == "signature":
        outputs = graph.proto.signature_def["__saved_model_init_op"].outputs
        outputs["__saved_model_init_op"].name = "init"
    else:
        graph.proto.saver_def.restore_op_name = "init"
    assert graph.found() == {("file-write", "load", "critical")}


def test_when_it_is_saved_again():
    graph = Hostile()
    graph.evil()
    graph.node("call", "PartitionedCall", "filename", f=func("evil"))
    graph.proto.saver_def.save_tensor_name = "call:0"
    assert graph.found() == {("file-write", "save", "high")}


def test_from_nowhere_is_said_to_be_dead():
    graph = Hostile()
    graph.evil()
    assert graph.found() == {("file-write", "dead", "low")}
    graph.node("call", "PartitionedCall", "filename", f=func("evil"))
    assert graph.found() == {("file-write", "dead", "low")}


def test_in_a_function_that_only_python_can_call():
    graph = Hostile()
    graph.evil()
    assert graph.objects("evil").found() == {("file-write", "python", "high")}


@pytest.mark.parametrize("name", ["_initialize", "_create_resource", "_destroy_resource"])
def test_in_a_function_that_python_runs_when_it_loads(name):
    graph = Hostile()
    graph.evil()
    assert graph.objects("evil", name=name).found() == {("file-write", "load", "critical")}


def test_in_a_function_that_restores_an_object():
    graph = Hostile()
    graph.evil()
    graph.objects("evil")
    # The field saveable_objects: under "x" a restore_function, which is object 1.
    graph.proto.object_graph_def.nodes[0].MergeFromString(b"\x5a\x07\x0a\x01x\x12\x02\x18\x01")
    assert graph.found() == {("file-write", "load", "critical")}


def test_a_name_hidden_in_the_attributes_of_another_attribute_is_found():
    graph = Hostile()
    graph.evil()
    graph.function("outer", ["x"], ["x"])
    call = graph.node("call", "PartitionedCall", "filename", f=func("outer"))
    # The field attr of NameAttrList: under "g" a func named evil, which a placeholder may run.
    call.attr["f"].func.MergeFromString(b"\x12\x0d\x0a\x01g\x12\x08\x52\x06\x0a\x04evil")
    assert graph.signature("call:0").found() == {
        ("file-write", "signature:serving_default", "critical")
    }


def test_in_a_gradient_is_for_python():
    graph = Hostile()
    graph.evil()
    # The field gradient of the library: evil is the gradient of f.
    graph.proto.graph_def.library.MergeFromString(b"\x12\x09\x0a\x01f\x12\x04evil")
    assert graph.found() == {("file-write", "python", "high")}


def test_a_table_filled_from_a_path_outside_of_the_assets():
    graph = table(value=strings(PASSWD))
    assert graph.found() == {("table-elsewhere", "load", "high")}
    asset = graph.proto.asset_file_def.add(filename="words.txt")
    asset.tensor_info.name = "path:0"
    assert graph.found() == set()


def test_an_asset_is_fed_at_load_only():
    graph = Hostile()
    graph.const("path", PASSWD)
    graph.node("read", "ReadFile", "path")
    graph.proto.asset_file_def.add(filename="words.txt").tensor_info.name = "path:0"
    assert graph.init("read").found() == set()
    assert graph.signature("read:0").found() == {("file-read", "signature:serving_default", "high")}


def test_an_asset_kept_in_a_variable_is_an_asset_and_a_constant_there_is_none():
    graph = Hostile()
    graph.variable("v")
    graph.node("path", "Placeholder")
    graph.node("assign", "AssignVariableOp", "v", "path")
    graph.node("value", "ReadVariableOp", "v")
    graph.node("read", "ReadFile", "value")
    graph.init("assign").signature("read:0")
    graph.proto.asset_file_def.add(filename="words.txt").tensor_info.name = "path:0"
    assert graph.found() == set()
    graph.const("other", PASSWD)
    graph.node("again", "AssignVariableOp", "v", "other")
    graph.node("both", "NoOp", "^assign", "^again")
    graph.proto.collection_def["saved_model_main_op"].node_list.value[0] = "both"
    assert graph.found() == {("file-read", "signature:serving_default", "high")}


@pytest.mark.parametrize("wrapped", [False, True])
def test_restoring_from_a_constant_path_is_found_and_from_the_checkpoint_is_none(wrapped):
    assert restoring(wrapped=wrapped).found() == set()
    assert restoring("constant", wrapped).found() == {("restore-elsewhere", "load", "high")}


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_restore_function_called_by_a_signature_with_a_constant_is_found_there(wrapped):
    graph = restoring(wrapped=True)
    graph.node("again", "PartitionedCall", "constant", f=func("restore_fn"))
    assert graph.signature("again:0").found() == {
        ("restore-elsewhere", "signature:serving_default", "high")
    }


@pytest.mark.parametrize(
    ("op", "inputs", "harmless"),
    [
        ("Identity", ["filename"], True),
        ("ShardedFilename", ["filename", "constant", "constant"], True),
        ("StringJoin", ["filename", "constant"], True),
        ("Select", ["constant", "filename", "filename"], True),
        ("Select", ["filename", "filename", "constant"], False),
        ("StringJoin", ["constant", "filename"], False),
        ("StringJoin", ["filename", "climbing"], False),
        ("StaticRegexReplace", ["filename"], False),
        ("Pack", ["filename", "constant"], False),
    ],
)
def test_a_name_made_from_others(op, inputs, harmless):
    graph = restoring("made")
    graph.const("climbing", "/../../../etc/passwd")
    graph.node("made", op, *inputs)
    expected = set() if harmless else {("restore-elsewhere", "load", "high")}
    assert graph.found() == expected


def test_a_name_that_a_function_returns():
    graph = restoring("made")
    body = graph.function("name", [], ["path:output:0"])
    graph.const("path", PASSWD, to=body)
    graph.node("made", "PartitionedCall", f=func("name"))
    assert graph.found() == {("restore-elsewhere", "load", "high")}


def test_a_signature_whose_client_names_the_file():
    graph = Hostile()
    graph.node("x", "Placeholder")
    graph.node("read", "ReadFile", "x")
    graph.signature("read:0")
    graph.proto.signature_def["serving_default"].inputs["path"].name = "x:0"
    assert graph.found() == {("file-read", "signature:serving_default", "medium")}
    [finding] = unsafe(MetaGraph(graph.proto, restored=True))
    assert "the client names it (input 'path')" in finding.message
    graph.node("write", "WriteFile", "x", "x")
    graph.signature("write:0")
    assert ("file-write", "signature:serving_default", "critical") in graph.found()


def test_saving_at_load_or_by_a_signature_is_found_and_at_save_is_none():
    graph = Hostile()
    graph.node("save", "SaveV2", "filename", "filename", "filename")
    graph.proto.saver_def.save_tensor_name = "save"
    assert graph.found() == set()
    assert graph.init("save").found() == {("save-elsewhere", "load", "critical")}


@pytest.mark.parametrize(
    ("op", "attributes", "rule"),
    [
        ("PrintV2", {"output_stream": "file:///var/x"}, "file-write"),
        ("PrintV2", {"output_stream": "stderr"}, None),
        ("DecodeProtoV2", {"descriptor_source": "/etc/passwd"}, "file-read"),
        ("DecodeProtoV2", {"descriptor_source": "local://"}, None),
        ("DecodeProtoV2", {"descriptor_source": "bytes://x"}, None),
        ("Skipgram", {"filename": PASSWD}, "file-read"),
        ("FixedUnigramCandidateSampler", {"vocab_file": ""}, None),
        ("FixedUnigramCandidateSampler", {"vocab_file": PASSWD}, "file-read"),
        ("XlaCallModule", {"module": "stablehlo\0xla_ffi_python_cpu_callback"}, "python-function"),
        ("XlaCallModule", {"module": "stablehlo\0Sharding"}, None),
        ("DebugIdentity", {"device_name": "cpu"}, None),
    ],
)
def test_an_op_that_acts_by_an_attribute(op, attributes, rule):
    graph = Hostile()
    graph.node("act", op, "filename", **attributes)
    assert {found[0] for found in graph.signature("act:0").found()} == ({rule} if rule else set())


def test_a_debugger_that_sends_tensors_away():
    graph = Hostile()
    node = graph.node("watch", "DebugIdentityV3", "filename")
    node.attr["debug_urls"].list.s.append(b"grpc://elsewhere:1")
    assert graph.signature("watch:0").found() == {
        ("file-write", "signature:serving_default", "critical")
    }


def test_a_dataset_kept_in_memory_is_none_and_in_a_file_is():
    for path, expected in (("", set()), ("/var/x", {"file-write"})):
        graph = Hostile()
        graph.const("path", path)
        graph.node("cache", "CacheDatasetV2", "filename", "path", "filename")
        assert {found[0] for found in graph.signature("cache:0").found()} == expected


@pytest.mark.parametrize("op", sorted(DANGEROUS))
def test_every_listed_op_is_found_and_has_a_reason(op):
    danger = DANGEROUS[op]
    assert danger.reason
    graph = Hostile()
    graph.const("path", "file:///var/x")
    node = graph.node("act", op, *["path"] * 4)
    if danger.attribute:
        node.attr[danger.attribute].s = b"file:///var/x"
    assert {(rule, where) for rule, where, _ in graph.init("act").found()} == {
        (danger.rule, "load")
    }


def test_every_metagraph_is_looked_at(tmp_path):
    saved = message("SavedModel")()
    for tag in ("serve", "train"):
        graph = called_by("PartitionedCall") if tag == "train" else Hostile().signature("filename")
        graph.proto.meta_info_def.tags.append(tag)
        complete(graph.proto)
        saved.meta_graphs.append(graph.proto)
    (tmp_path / "saved_model.pb").write_bytes(saved.SerializeToString())
    diagnosis = diagnose(tmp_path)
    [finding] = diagnosis.findings
    assert finding.rule == "file-write"
    assert "of the MetaGraph tagged train" in finding.message
    assert diagnosis.verdict == "sound"  # which is about whether it runs
    assert diagnosis.loaders["libtensorflow"].verdict == "runs"


@pytest.mark.parametrize("name", NAMES)
def test_a_healthy_artifact_has_no_finding_of_safety(name):
    rules = {finding.rule for finding in diagnose(ARTIFACTS / name).findings}
    assert rules <= {"unwritten-resource"}


def written(path, graph, *, text=False):
    """Write a graph as an artifact, and diagnose it."""
    saved = message("SavedModel")()
    saved.meta_graphs.append(graph.proto)
    if text:
        (path / "saved_model.pbtxt").write_text(text_format.MessageToString(saved))
    else:
        (path / "saved_model.pb").write_bytes(saved.SerializeToString())
    return diagnose(path)


@pytest.mark.parametrize("where", ["signature:serving_default", "python"])
def test_a_graph_in_text_is_looked_at_like_any_other(tmp_path, where):
    graph = called_by("PartitionedCall")
    if where == "python":
        graph = Hostile()
        graph.evil()
        graph.objects("evil").signature("filename:0")
    assert ("file-write", where) in {
        (f.rule, f.where) for f in written(tmp_path, graph, text=True).findings
    }


def test_variables_of_tensorflow_1_and_containers_change_nothing_of_it(tmp_path):
    graph = Hostile()
    graph.node("v", "VariableV2", container="evil")
    graph.node("read", "ReadFile", "v")
    graph.signature("read:0")
    findings = written(tmp_path, graph).findings
    assert ("file-read", "high") in {(f.rule, f.severity) for f in findings}


def test_a_python_function_at_load_is_found_too_and_in_a_signature_once(tmp_path):
    graph = Hostile()
    graph.node("py", "PyFunc", "filename")
    graph.init("py").signature("py:0")
    diagnosis = written(tmp_path, graph)
    assert diagnosis.verdict == "defect"
    assert diagnosis.loaders["libtensorflow"].verdict == "fails"
    found = [(f.rule, f.where) for f in diagnosis.findings]
    assert sorted(found) == [
        ("python-function", "load"),
        ("python-function", "signature:serving_default"),
    ]


SAFETY = ARTIFACTS.parent / "safety"


@pytest.mark.parametrize("name", ["reads_assets", "fills_tables"])
def test_what_tensorflow_saves_of_a_healthy_module_has_no_finding(name):
    assert diagnose(SAFETY / name).findings == ()


def test_what_tensorflow_saves_of_a_hostile_module_is_found_and_nothing_else():
    diagnosis = diagnose(SAFETY / "hostile")
    assert {(f.rule, f.where, f.severity) for f in diagnosis.findings} == {
        ("file-read", "signature:read", "high"),
        ("file-write", "signature:write", "critical"),
        ("file-write", "python", "high"),
    }
    assert diagnosis.verdict == "sound"


def test_a_python_function_that_reads_where_its_caller_says_is_low():
    graph = Hostile()
    body = graph.function("load", ["x"], ["read:contents:0"])
    graph.node("read", "ReadFile", "x", to=body)
    assert graph.objects("load").found() == {("file-read", "python", "low")}


@pytest.mark.parametrize(
    ("dims", "found"), [([1 << 20, 1 << 20], True), ([1 << 10, 1 << 10], False)]
)
def test_a_constant_that_no_machine_holds(dims, found):
    graph = Hostile()
    graph.const("c", "")
    value = graph.node("bomb", "Const", value=strings("x")).attr["value"].tensor
    value.dtype = 1
    for size in dims:
        value.tensor_shape.dim.add(size=size)
    expected = {("tensor-bomb", "signature:serving_default", "high")} if found else set()
    assert graph.signature("bomb:0").found() == expected

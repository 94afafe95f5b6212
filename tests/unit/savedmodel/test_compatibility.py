"""Which releases can read an artifact: what was measured with the libraries, node by node."""

import json
from typing import Any

import pytest

from savedmodel_matrix.savedmodel import custom_ops
from savedmodel_matrix.savedmodel.compatibility import findings, readers
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.registry import registry
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.soundness import MetaGraph
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES, Graph, func

FLOAT, TEXT = 1, 7


def dtype(number):
    value = message("AttrValue")()
    value.type = number
    return value


def number(value):
    found = message("AttrValue")()
    found.i = value
    return found


def graph_with(main=None, used=None, saving=None, unused=None):
    """Build a graph whose signature calls `used`, whose save op calls `saving`."""
    graph = Graph()
    for name, more in (("used", used), ("saving", saving), ("unused", unused)):
        function = graph.function(name, [])
        if more:
            graph.node("odd", more[0], to=function, **more[1])
    if main:
        graph.node("odd", main[0], **main[1])
    value = func("used")
    graph.node("call", "StatefulPartitionedCall", f=value, Tin=dtype(0), Tout=dtype(0))
    graph.node("save", "StatefulPartitionedCall", f=func("saving"), Tin=dtype(0), Tout=dtype(0))
    for node in graph.proto.graph_def.node:
        if "Tin" in node.attr:
            for key in ("Tin", "Tout"):
                node.attr[key].Clear()
                node.attr[key].list.SetInParent()
    graph.proto.saver_def.save_tensor_name = "save:0"
    return MetaGraph(graph.signature("call:0").proto, restored=False)


def kept_out(graph):
    """Return whether the newest release is kept out, by a session and by Python's loader."""
    found = readers([graph])
    newest = len(found.table.releases) - 1
    return tuple(bool(found.kept_out(f) >> newest & 1) for f in (found.sessions, found.python))


UNKNOWN: Any = ("NobodysOp", {})
NO_KERNEL = ("InfeedDequeue", {"dtype": dtype(FLOAT), "shape": number(0)})
BAD_VALUE = ("Relu", {"T": dtype(TEXT)})
NEW_ATTRIBUTE = ("NoOp", {"nobodys": number(3)})


# Measured with libtensorflow and tf.saved_model.load of 2.15 and 2.21, all alike.
@pytest.mark.parametrize(
    ("what", "main", "used", "saving", "unused"),
    [
        (UNKNOWN, (True, False), (True, True), (True, True), (False, True)),
        (NO_KERNEL, (True, False), (True, True), (False, False), (False, False)),
        (BAD_VALUE, (True, False), (True, True), (False, True), (False, True)),
        (NEW_ATTRIBUTE, (False, False), (False, False), (False, False), (False, False)),
    ],
)
def test_what_keeps_a_loader_out_depends_on_where_it_is(what, main, used, saving, unused):
    found = {place: kept_out(graph_with(**{place: what})) for place in ("main", "used", "saving")}
    assert found == {"main": main, "used": used, "saving": saving}
    assert kept_out(graph_with(unused=what)) == unused
    assert kept_out(graph_with()) == (False, False)


def test_a_finding_names_the_package_that_brings_an_op():
    (found,) = findings(readers([graph_with(used=("CaseFoldUTF8", {}))]))
    assert (found.rule, found.severity, found.where) == (
        "unknown-op",
        "medium",
        "signature:serving_default",
    )
    assert found.evidence["package"] == "tensorflow-text"
    assert "pip install tensorflow-text" in found.remedy


def test_an_attribute_that_is_not_known_keeps_out_2_4_only():
    table = registry()
    found = readers([graph_with(main=("VarHandleOp", {
        "debug_name": number(0), "dtype": dtype(FLOAT), "shape": number(0),
    }))])  # fmt: skip
    out = found.kept_out(found.sessions)
    assert [r.minor for i, r in enumerate(table.releases) if out >> i & 1] == ["2.4"]


@pytest.mark.parametrize(("version", "first", "last"), [(4, "2.13", "2.21"), (10, "2.20", "2.21")])
def test_a_version_of_stablehlo_is_read_by_some_releases(version, first, last):
    table: Any = registry()
    mask = table.stablehlo(version)
    assert (table.first(mask).minor, table.last(mask).minor) == (first, last)
    assert table.stablehlo(11) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_real_artifact_has_no_finding_of_this_kind(name):
    diagnosis = diagnose(ARTIFACTS / name)
    rules = {"unknown-op", "no-cpu-kernel", "op-value", "stablehlo"}
    assert not [finding for finding in diagnosis.findings if finding.rule in rules]


def test_the_release_from_which_on_an_artifact_loads_is_said_with_what_keeps_the_one_before_out():
    verdict = diagnose(ARTIFACTS / "dense-2.15").loaders["libtensorflow"]
    assert (verdict.verdict, verdict.since, verdict.until) == ("runs", "2.10", None)
    assert verdict.because.endswith(
        "in TensorFlow 2.9 the op DisableCopyOnRead is unknown, in what only saving runs"
    )


def test_the_table_is_of_eighteen_releases_and_says_which_files():
    table: Any = registry()
    releases = table.releases
    assert [release.minor for release in releases] == [f"2.{n}" for n in range(4, 22)]
    assert all(len(release.sha256) == 64 and release.file for release in releases)
    assert table.first(table.op("DisableCopyOnRead").known).minor == "2.10"
    assert not table.op("CudnnRNN").cpu


def test_no_op_of_a_package_is_one_of_tensorflow():
    packages = json.loads(custom_ops.TABLE.read_bytes())
    newest = 1 << (len(registry().releases) - 1)
    for name, package in packages.items():
        for op in package["ops"]:
            assert custom_ops.package_of(op) == name
            known = registry().op(op)
            assert known is None or not known.known & newest, op
    assert custom_ops.package_of("Addons>Resampler") == "tensorflow-addons"
    assert not custom_ops.package_of("MatMul")

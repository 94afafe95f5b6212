"""What an artifact is: what wrote it and in which way, and what it holds.

Everything is read from the files and named with what it was read from. What the files do not say
is left empty, never guessed.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel import ops
from savedmodel_matrix.savedmodel.checkpoint import WIDTHS
from savedmodel_matrix.savedmodel.keras_metadata import FILE, KERAS
from savedmodel_matrix.savedmodel.schema import data_type
from savedmodel_matrix.savedmodel.scope import tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from savedmodel_matrix.savedmodel.keras_metadata import KerasObject
    from savedmodel_matrix.savedmodel.soundness import MetaGraph

_RANK = 64  # dimensions that a shape may have; TensorFlow allows 254 and uses 8
# Attributes of layers by which Keras 3 is known, and of the object that its ExportArchive saves
# (keras/src/layers/layer.py, keras/src/export/saved_model.py).
_KERAS_3 = {"_inbound_nodes", "_losses_override"}
_ARCHIVE = {"_all_variables", "_misc_assets"}
_ESTIMATOR = {"tensorflow/serving/classify", "tensorflow/serving/regress"}
# Names of nodes and functions by which converters are known.
_CONVERTERS = {"jax2tf": "jax2tf", "onnx_tf_prefix": "onnx-tf"}


@dataclass(frozen=True)
class Evidence:
    """One thing that is known, and what says so."""

    claim: str
    because: str


@dataclass(frozen=True)
class Variable:
    """A variable: its place among the objects ("" in TensorFlow 1), and its size, None if open."""

    name: str
    object: str
    dtype: str
    shape: tuple[int, ...] | None
    bytes: int | None


@dataclass(frozen=True)
class Asset:
    """A file in assets/, and its bytes, None if it is not there."""

    name: str
    bytes: int | None


@dataclass(frozen=True)
class About:
    """What wrote an artifact, how, and what it holds."""

    tensorflow_commit: str = ""
    keras: str = ""  # the version, "2" or "3" if only that is known, "" if there is no Keras
    saved_by: str = ""
    evidence: tuple[Evidence, ...] = ()
    meta_graphs: tuple[tuple[str, ...], ...] = ()  # the tags of each
    variables: tuple[Variable, ...] = ()
    tables: tuple[str, ...] = ()
    assets: tuple[Asset, ...] = ()
    functions: int = 0

    @property
    def variable_bytes(self) -> int:
        """Return the bytes of all variables whose size is known."""
        return sum(variable.bytes or 0 for variable in self.variables)


def about(directory: Path, graphs: Sequence[MetaGraph], saved: list[KerasObject]) -> About:
    """Return what an artifact is; `saved` is what Keras 2 saved of it."""
    first = graphs[0].proto
    version, from_ = _keras(directory, first, saved)
    evidence = [Evidence(*pair) for pair in (*_way(directory, first), *from_)]
    held = dict.fromkeys(v for graph in graphs for v in _variables(graph))
    tables = {r.name for g in graphs for r in g.makers if r.kind == ops.TABLE}
    named = dict.fromkeys(a.filename for g in graphs for a in g.proto.asset_file_def)
    return About(
        first.meta_info_def.tensorflow_git_version,
        version,
        evidence[0].claim if evidence else "",
        tuple(evidence),
        tuple(tuple(graph.tags) for graph in graphs),
        tuple(held),
        tuple(sorted(tables)),
        tuple(Asset(name, _size(directory, name)) for name in named),
        sum(len(graph.summaries.functions) for graph in graphs),
    )


def _way(directory: Path, proto: Any) -> Iterator[tuple[str, str]]:
    """Yield by which way of saving it was written, first, and what it was converted from."""
    nodes = proto.object_graph_def.nodes
    if not nodes:
        methods = {signature.method_name for signature in proto.signature_def.values()}
        if found := sorted(methods & _ESTIMATOR):
            yield "an Estimator of TensorFlow 1", f"a signature has the method {found[0]}"
        else:
            yield "TensorFlow 1's SavedModelBuilder", "there is no object graph"
    else:
        root, children = nodes[0], {child.local_name for child in nodes[0].children}
        kind = root.user_object.identifier
        if children >= _ARCHIVE:
            said = "the root object has _all_variables and _misc_assets"
            yield "model.export or ExportArchive of Keras", said
        elif kind.startswith(KERAS) and (directory / FILE).exists():
            yield "model.save of Keras 2", f"there is {FILE}, and the root object is a {kind}"
        elif kind.startswith(KERAS):
            said = f"the root object is a {kind}, and there is no {FILE}"
            yield "tf.saved_model.save of a Keras 2 model", said
        elif children >= _KERAS_3:
            said = "the root object has _inbound_nodes and _losses_override"
            yield "tf.saved_model.save of a Keras 3 model", said
        else:
            yield "tf.saved_model.save of an object", f"the root object is a {kind or 'root'}"
    names = [*(node.name for node in proto.graph_def.node)]
    names += [function.signature.name for function in proto.graph_def.library.function]
    for mark, converter in _CONVERTERS.items():
        if named := next((name for name in names if mark in name), ""):
            yield f"converted by {converter}", f"a node or function is named {named[:100]}"


def _keras(
    directory: Path, proto: Any, saved: list[KerasObject]
) -> tuple[str, list[tuple[str, str]]]:
    """Return the version of Keras whose objects it holds, and what says so."""
    for part in saved:
        if "keras_version" in part.metadata:
            try:
                version = json.loads(part.metadata).get("keras_version")
            except (ValueError, RecursionError, AttributeError):
                continue
            if isinstance(version, str):
                place = FILE if (directory / FILE).exists() else "the object graph"
                return version, [(f"Keras {version}", f"{place} says so")]
    for node in proto.object_graph_def.nodes:
        kind = node.user_object.identifier
        if kind.startswith(KERAS):
            return "2", [("objects of Keras 2", f"an object is a {kind}")]
        if kind and {child.local_name for child in node.children} >= _KERAS_3:
            said = "an object has _inbound_nodes and _losses_override"
            return "3", [("objects of Keras 3", said)]
    return "", []


def _variables(graph: MetaGraph) -> Iterator[Variable]:
    """Yield the variables of the object graph, or those of the main graph if there is none."""
    nodes = graph.proto.object_graph_def.nodes
    places = graph.object_paths
    for number, node in enumerate(nodes):
        if node.WhichOneof("kind") == "variable":
            saved = node.variable
            yield _variable(saved.name, places.get(number, ""), saved.dtype, saved.shape)
    if nodes:
        return
    main = graph.summaries.main.nodes
    for resource, names in graph.makers.items():
        if resource.kind != ops.TABLE:
            attributes = main[tensor(names[0])[0]].attr
            dtype = attributes["dtype"].type if "dtype" in attributes else 0
            shape = attributes["shape"].shape if "shape" in attributes else None
            yield _variable(resource.name, "", dtype, shape)


def _variable(name: str, place: str, dtype: int, shape: Any) -> Variable:
    known = shape is not None and not shape.unknown_rank and len(shape.dim) <= _RANK
    dims = tuple(dim.size for dim in shape.dim) if known else None
    width = WIDTHS.get(dtype % 100)
    size = None
    if dims is not None and width and min(dims, default=0) >= 0:
        size = math.prod(dims) * width
    return Variable(name, place, data_type(dtype), dims, size)


def _size(directory: Path, name: str) -> int | None:
    """Return the bytes of an asset that lies in the artifact; others are not looked at."""
    path = directory / "assets" / name
    try:
        inside = "\0" not in name and path.resolve().is_relative_to(directory.resolve())
        return path.stat().st_size if inside and path.is_file() else None
    except OSError:
        return None

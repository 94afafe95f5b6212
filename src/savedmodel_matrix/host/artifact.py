"""A SavedModel on disk as its own file describes it: signatures, tensor names, dtypes, shapes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.composites import dtype_name, of_tensor_info, shape_of

if TYPE_CHECKING:
    from pathlib import Path

INIT_OP = "__saved_model_init_op"


def read_meta_graph(directory: Path) -> Any:
    """Return the "serve" MetaGraph. Raises what reading or parsing raises."""
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((directory / "saved_model.pb").read_bytes())
    graphs = [g for g in saved.meta_graphs if "serve" in g.meta_info_def.tags]
    if not graphs:
        raise ValueError("the SavedModel has no MetaGraph tagged 'serve'")
    return graphs[0]


def signatures_of(graph: Any) -> dict[str, dict[str, Any]]:
    """Return the signatures of a MetaGraph.

    ``{name: {"inputs": {key: info}, "outputs": {key: info}, "method": str}}`` with info
    ``{"tensor": "name:0", "dtype": "DT_FLOAT", "shape": [-1, 4] or None}``. A ragged or sparse
    output has no tensor of its own, but ``"composite": "ragged"`` and ``"components"``, an info by
    name.
    """
    return {
        str(name): {
            "inputs": {key: _info(value) for key, value in signature.inputs.items()},
            "outputs": {key: _info(value) for key, value in signature.outputs.items()},
            "method": str(signature.method_name),
        }
        for name, signature in sorted(graph.signature_def.items())
        if name != INIT_OP
    }


def functions_of(graph: Any) -> list[str]:
    """Return the public functions that the object loaded in Python offers, such as "serve".

    They are children of the object graph's root; a SavedModel of TensorFlow 1 has none.
    """
    nodes = graph.object_graph_def.nodes
    kinds = ("function", "bare_concrete_function")
    return sorted(
        str(child.local_name)
        for child in (nodes[0].children if nodes else ())
        if not child.local_name.startswith("_") and nodes[child.node_id].WhichOneof("kind") in kinds
    )


def _info(info: Any) -> dict[str, Any]:
    kind, parts = of_tensor_info(info)
    plain = {"tensor": info.name, "dtype": dtype_name(info.dtype), "shape": shape_of(info)}
    return plain | ({"composite": kind, "components": parts} if kind else {})


def size(directory: Path) -> int:
    """Return the bytes of all files of the artifact."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def content_hash(directory: Path) -> str:
    """Return a SHA-256 over the names and bytes of every file of the artifact."""
    digest = hashlib.sha256()
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(directory)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

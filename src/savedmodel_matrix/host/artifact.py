"""A SavedModel on disk as its own file describes it: signatures, tensor names, dtypes, shapes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

INIT_OP = "__saved_model_init_op"


def read_signatures(directory: Path) -> dict[str, dict[str, Any]]:
    """Return the signatures of the "serve" MetaGraph.

    ``{name: {"inputs": {key: info}, "outputs": {key: info}, "method": str}}`` with info
    ``{"tensor": "name:0", "dtype": "DT_FLOAT", "shape": [-1, 4] or None}``. Raises what reading
    or parsing raises.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((directory / "saved_model.pb").read_bytes())
    graphs = [g for g in saved.meta_graphs if "serve" in g.meta_info_def.tags]
    if not graphs:
        raise ValueError("the SavedModel has no MetaGraph tagged 'serve'")
    return {
        str(name): {
            "inputs": {key: _info(value) for key, value in signature.inputs.items()},
            "outputs": {key: _info(value) for key, value in signature.outputs.items()},
            "method": str(signature.method_name),
        }
        for name, signature in sorted(graphs[0].signature_def.items())
        if name != INIT_OP
    }


def _info(info: Any) -> dict[str, Any]:
    from tensorflow.core.framework import types_pb2

    shape = info.tensor_shape
    return {
        "tensor": info.name,
        "dtype": types_pb2.DataType.Name(info.dtype),
        "shape": None if shape.unknown_rank else [dim.size for dim in shape.dim],
    }


def content_hash(directory: Path) -> str:
    """Return a SHA-256 over the names and bytes of every file of the artifact."""
    digest = hashlib.sha256()
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(directory)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

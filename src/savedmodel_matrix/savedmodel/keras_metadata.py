"""What Keras 2 saved of a model beside the graph: `keras_metadata.pb`, or in the object graph.

Keras 2's load_model builds the model again from it, and runs the code of a Lambda layer that it
holds. tf.saved_model.load and V1 sessions never look at it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from savedmodel_matrix.savedmodel import files
from savedmodel_matrix.savedmodel.diagnosis import Finding
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.object_schema import objects_of, view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "keras_metadata.pb"
LAMBDA = "keras-lambda"  # the rule
KERAS = "_tf_keras_"  # how the kinds of objects that Keras 2 saves are called
_BYTES = 1 << 28
_LISTED = 20
_SUSPECT = ("Lambda", "lambda", "\\u")  # else there is nothing to look for
_REMEDY = (
    "load it with tf.saved_model.load, which does not run this, or in a sandbox; a layer of one's "
    "own class needs no code in the artifact"
)


@dataclass(frozen=True)
class KerasObject:
    """A layer, model or metric: its path, what Keras calls its kind, and what it saved as JSON."""

    path: str
    identifier: str
    metadata: str


def read_metadata(directory: Path, proto: Any) -> list[KerasObject]:
    """Return what Keras 2 saved of a MetaGraph, [] if it was not Keras 2.

    Raises UnreadableArtifact.
    """
    path = directory / FILE
    if path.exists():
        try:
            saved = view("KerasMetadata").FromString(files.read(path, _BYTES))
        except (DecodeError, ValueError) as error:
            raise UnreadableArtifact(f"{path} is damaged") from error
        return [KerasObject(n.node_path, n.identifier, n.metadata) for n in saved.nodes]
    if not any(n.user_object.identifier.startswith(KERAS) for n in proto.object_graph_def.nodes):
        return []
    return [
        KerasObject("", node.user_object.identifier, node.user_object.metadata)
        for node in objects_of(proto).nodes
        if node.user_object.metadata and node.user_object.identifier.startswith(KERAS)
    ]


def lambdas(saved: list[KerasObject]) -> list[Finding]:
    """Return the code that Keras 2's load_model would run."""
    found = list(dict.fromkeys(name for part in saved for name in _lambdas_of(part)))
    if not found:
        return []
    said = (
        f"Keras 2's load_model runs code that the artifact holds: the Lambda layer {found[0]!r}"
        + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    )
    evidence = {"count": len(found), "layers": found[:_LISTED]}
    return [Finding(LAMBDA, "high", "python", said, evidence, _REMEDY)]


def _lambdas_of(saved: KerasObject) -> Iterator[str]:
    if not any(word in saved.metadata for word in _SUSPECT):
        return
    try:
        queue = [json.loads(saved.metadata)]
    except (ValueError, RecursionError):
        return  # Keras cannot read it either
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            config = part.get("config")
            if part.get("class_name") == "Lambda" or (
                isinstance(config, dict) and config.get("function_type") == "lambda"
            ):
                name = config.get("name") if isinstance(config, dict) else None
                yield str(name or saved.path or "without a name")
            queue += part.values()
        elif isinstance(part, list):
            queue += part

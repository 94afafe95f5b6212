"""What is wrong with the files beside the graph: the checkpoint, its shards, and assets."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.checkpoint import PREFIX, Checkpoint, damages
from savedmodel_matrix.savedmodel.diagnosis import Finding
from savedmodel_matrix.savedmodel.ops import Resource
from savedmodel_matrix.savedmodel.schema import data_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from savedmodel_matrix.savedmodel.soundness import MetaGraph

_COPY_AGAIN = "copy the directory again from where it was saved"
_SAVE_AGAIN = "save the model again"
OUTSIDE = "asset-outside"  # the rule about assets that are named by such a path
_DAMAGES = 20  # findings about shards, after which the rest is one more


def needs_checkpoint(proto: Any) -> bool:
    """Say whether a MetaGraph has a restore op, which asks for a checkpoint."""
    return bool(proto.saver_def.restore_op_name)


def absent(directory: Path) -> Finding:
    """Say that there is no checkpoint where the graph restores one."""
    said = f"{PREFIX}.index is missing: the restore op has nothing to restore from"
    evidence = {"file": f"{PREFIX}.index", "directory": str(directory)}
    return Finding("checkpoint-missing", "critical", "load", said, evidence, _COPY_AGAIN)


def of_keys(checkpoint: Checkpoint, graph: MetaGraph) -> Iterator[Finding]:
    """Yield what the restore op asks for that the checkpoint has not, or has otherwise."""
    for key, dtype in sorted(graph.restored_keys().items()):
        entry = checkpoint.entries.get(key)
        evidence: dict[str, Any] = {"key": key}
        if entry is None:
            said = f"the restore op asks for {key!r}, which the checkpoint does not have"
            yield Finding("checkpoint-key", "critical", "load", said, evidence, _SAVE_AGAIN)
        elif dtype not in {-1, entry.dtype}:
            evidence |= {"restored": data_type(dtype), "stored": data_type(entry.dtype)}
            said = (
                f"the checkpoint has {key!r} as {data_type(entry.dtype)}, the restore op asks for "
                f"{data_type(dtype)}"
            )
            yield Finding("checkpoint-dtype", "critical", "load", said, evidence, _SAVE_AGAIN)
    for token, key in graph.restore.keys.items():
        stated = _shape(graph, token) if isinstance(token, Resource) else None
        entry = checkpoint.entries.get(key)
        if stated is None or entry is None or entry.sliced or len(stated) > len(entry.shape) + 64:
            continue
        fits = len(stated) == len(entry.shape) and all(
            a in {-1, b}
            for a, b in zip(stated, entry.shape)  # noqa: B905 - as long
        )
        if not fits:
            evidence = {"key": key, "variable": stated, "stored": list(entry.shape)}
            said = (
                f"the checkpoint has {key!r} in shape {list(entry.shape)}, the variable "
                f"{token.name!r} has {stated}"  # type: ignore[union-attr]
            )
            yield Finding("checkpoint-shape", "high", "load", said, evidence, _SAVE_AGAIN)


def _shape(graph: MetaGraph, resource: Resource) -> list[int] | None:
    """Return the shape that a variable states, None if it states none."""
    for name in graph.makers.get(resource, ()):
        attributes = graph.summaries.main.nodes[name].attr
        if "shape" in attributes and not attributes["shape"].shape.unknown_rank:
            return [dim.size for dim in attributes["shape"].shape.dim]
    return None


def of_shards(directory: Path, checkpoint: Checkpoint, budget: int) -> Iterator[Finding]:
    """Yield what is missing, cut short or damaged in the shards."""
    for number, damage in enumerate(damages(directory, checkpoint, budget)):
        if number == _DAMAGES:
            said = f"more than {_DAMAGES} tensors are damaged; the rest is not listed"
            yield Finding("checkpoint-damaged", "critical", "load", said)
            return
        evidence = {"file": damage.file, "key": damage.key}
        yield Finding(
            "checkpoint-damaged", "critical", "load", damage.message, evidence, _COPY_AGAIN
        )


def of_assets(directory: Path, graph: MetaGraph) -> Iterator[Finding]:
    """Yield assets that are missing, or named by a path that leaves the artifact."""
    for asset in graph.proto.asset_file_def:
        name = asset.filename
        evidence = {"file": name}
        if _leaves(name):
            said = f"the asset {name!r} is named by a path that leaves the artifact"
            yield Finding(OUTSIDE, "high", "load", said, evidence, _SAVE_AGAIN)
        elif "\0" in name or not (directory / "assets" / name).is_file():
            said = f"the asset {name!r} is missing in assets/"
            yield Finding("asset-missing", "high", "load", said, evidence, _COPY_AGAIN)


def _leaves(name: str) -> bool:
    paths = (PurePosixPath(name), PureWindowsPath(name))
    return any(path.is_absolute() or ".." in path.parts for path in paths)

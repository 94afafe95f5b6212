"""An export without what it carries twice: variables in memory, and their bytes on disk.

`model.export` and ExportArchive of Keras 3 save each weight under two keys, and a V1 session
restores it into two variables, of which a signature reads one:
https://github.com/keras-team/keras/issues/23553. With the one that is read in place of the other,
in the inputs of the restore and save calls, half of the variables never come to life. On disk the
two entries of the index then name one place. Python's loader restores by the object graph, which
stays as it is, as do all keys.
"""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import files, shared_bytes, surgery, wire
from savedmodel_matrix.savedmodel.checkpoint import read_checkpoint
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.ops import Resource
from savedmodel_matrix.savedmodel.reading import Directory, read_saved_model
from savedmodel_matrix.savedmodel.rewriting import FINGERPRINT
from savedmodel_matrix.savedmodel.soundness import MetaGraph, meta_graphs
from savedmodel_matrix.savedmodel.surgery import Change

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.savedmodel.checkpoint import Checkpoint

_VARIABLES = "variables"


@dataclass(frozen=True)
class Slimmed:
    """What an artifact carries no longer: variables of a V1 session, and bytes on disk."""

    changes: tuple[Change, ...]
    variables: int  # that a V1 session restored, and does not any more
    restored: int  # that it restored before, of all MetaGraphs
    spare_bytes: int  # of the shards

    @property
    def changed(self) -> bool:
        """Whether anything was there twice."""
        return bool(self.changes or self.spare_bytes)


def plan(directory: Directory, checkpoint: Checkpoint | None) -> Slimmed:
    """Return what can be taken out of an artifact that is sound.

    Raises UnreadableArtifact, and RepairRefused where a graph would not be sound any more.
    """
    if checkpoint is None:
        return Slimmed((), 0, 0, 0)
    graphs = meta_graphs(directory, restored=True)
    changes: list[Change] = []
    dropped = 0
    for number, graph in enumerate(graphs):
        instead = _instead(directory, checkpoint, graph)
        changes += _changes(number, graph, instead)
        dropped += len(instead)
    if changes and directory.is_text:
        raise RepairRefused(f"{directory.file} is text, and only binary graphs are made smaller")
    if changes:
        _check(directory, changes)
    restored = sum(len(graph.restore.writes) for graph in graphs)
    spare = shared_bytes.spare_bytes(checkpoint)
    return Slimmed(tuple(changes), dropped, restored, spare)


def _instead(
    directory: Directory, checkpoint: Checkpoint, graph: MetaGraph
) -> dict[Resource, Resource]:
    """Return what can stand in place of each variable that nothing but restoring needs."""
    read = {resource for signature in graph.signatures for resource in signature.reads}
    read |= {one for one in graph.init.reads | graph.init.writes if isinstance(one, Resource)}
    found: dict[Resource, Resource] = {}
    for copy, original in sorted(surgery.links(graph).items(), key=lambda pair: pair[0].name):
        gone, stays = (original, copy) if original not in read else (copy, original)
        if gone in read or gone in found or stays in found or gone in found.values():
            continue
        keys = [graph.restore.keys.get(one, "") for one in (gone, stays)]
        if not {gone, stays} <= graph.restore.writes or not set(keys) <= set(checkpoint.entries):
            continue
        if _same_node_type(graph, gone, stays) and shared_bytes.alike(
            directory.path, checkpoint, *keys
        ):
            found[gone] = stays
    return found


def _same_node_type(graph: MetaGraph, gone: Resource, stays: Resource) -> bool:
    """Say whether both are made in the main graph, with one dtype."""
    if gone not in graph.makers or stays not in graph.makers:
        return False
    first, second = (graph.summaries.main.nodes[graph.makers[r][0]] for r in (gone, stays))
    return bool(first.op == second.op and first.attr["dtype"].type == second.attr["dtype"].type)


def _changes(number: int, graph: MetaGraph, instead: dict[Resource, Resource]) -> list[Change]:
    """Return the inputs of the restore and save calls that change."""
    saving = graph.reach([graph.proto.saver_def.save_tensor_name])
    changes = []
    for role, nodes in (("restore", graph.restore_nodes), ("save", saving - graph.restore_nodes)):
        for name in sorted(nodes):
            for position, text in enumerate(graph.summaries.main.nodes[name].input):
                source, colon, output = text.partition(":")
                tokens = {} if text.startswith("^") else graph.summaries.at(source)
                gone = [token for token in tokens if token in instead]
                if gone and source in graph.makers[gone[0]]:
                    after = graph.makers[instead[gone[0]]][0] + colon + output
                    changes.append(Change(number, name, position, text, after, role))
    return changes


def _check(directory: Directory, changes: list[Change]) -> None:
    """Make sure that the changed graph is sound, and restores no more than before."""
    proto = type(directory.proto)()
    proto.CopyFrom(directory.proto)
    for change in changes:
        nodes = proto.meta_graphs[change.meta_graph].graph_def.node
        node = next(node for node in nodes if node.name == change.node)
        node.input[change.input] = change.after
    for graph in proto.meta_graphs:
        if any(one.unwritten for one in MetaGraph(graph, restored=True).signatures):
            raise RepairRefused(
                f"{directory.path} is not made smaller: with each variable restored once "
                "something would be left without a value"
            )


def slim(path: Path) -> Slimmed:
    """Take out of an artifact of ours what it carries twice; it is changed where it lies.

    Raises UnreadableArtifact, RepairRefused, OSError.
    """
    directory, checkpoint = read_saved_model(path), read_checkpoint(path)
    done = plan(directory, checkpoint)
    if done.changes:
        pieces = wire.changed(files.read(directory.file), done.changes)
        mode = directory.file.stat().st_mode & 0o7777
        directory.file.unlink()
        with directory.file.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        directory.file.chmod(mode)
        (path / FINGERPRINT).unlink(missing_ok=True)
    saved = 0
    if done.spare_bytes and checkpoint is not None:
        beside = path / f".{_VARIABLES}.{uuid.uuid4().hex}"
        (beside / _VARIABLES).mkdir(parents=True)
        try:
            saved = shared_bytes.store_once(path, checkpoint, beside)
            for new in (beside / _VARIABLES).iterdir():
                shutil.copymode(path / _VARIABLES / new.name, new)
                new.replace(path / _VARIABLES / new.name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return Slimmed(done.changes, done.variables, done.restored, saved)

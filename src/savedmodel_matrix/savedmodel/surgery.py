"""Which strings of a graph to change, so that what a signature reads is what is restored.

Keras 3 registers a copy of each variable when it exports: the restore op fills the copy, and the
signature reads the original. The graph says which is which: `Assign(copy, Read(original))`. With
the original in place of the copy in the inputs of the restore and save calls the graph is sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.ops import Resource

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.soundness import MetaGraph


@dataclass(frozen=True)
class Change:
    """One input of one node: what it was and what it is; `role` is "restore" or "save"."""

    meta_graph: int
    node: str
    input: int
    before: str
    after: str
    role: str


def links(graph: MetaGraph) -> dict[Resource, Resource]:
    """Return the original of every copy: the main graph has Assign(copy, Read(original)).

    Values are followed through chains of Identity.
    """
    scope, summaries, found = graph.summaries.main, graph.summaries, {}
    for name, op in scope.ops.items():
        inputs = scope.inputs[name]
        if op != "AssignVariableOp" or len(inputs) < 2:
            continue
        source, seen = inputs[1][0], set()
        while source in scope.nodes and source not in seen:
            seen.add(source)
            value, from_ = scope.ops[source], scope.inputs[source]
            if value == "ReadVariableOp" and from_:
                copies, originals = summaries.at(inputs[0][0]), summaries.at(from_[0][0])
                if len(copies) == len(originals) == 1:
                    copy, original = next(iter(copies)), next(iter(originals))
                    if isinstance(copy, Resource) and isinstance(original, Resource):
                        found[copy] = original
            if value != "Identity" or not from_:
                break
            source = from_[0][0]
    return found


def copies_of(graph: MetaGraph, original: Resource) -> list[Resource]:
    """Return the copies of a resource that the restore op fills, copies of copies too."""
    made, found, queue = links(graph), list[Resource](), [original]
    while queue:
        wanted = queue.pop()
        for copy in sorted(made, key=lambda r: r.name):
            if made[copy] == wanted and copy not in found and copy != original:
                found.append(copy)
                queue.append(copy)
    return [copy for copy in found if copy in graph.restore.writes]


def plan(number: int, graph: MetaGraph) -> list[Change]:
    """Return the changes that make a MetaGraph sound, none if it is. Raises RepairRefused."""
    unwritten = {r for signature in graph.signatures for r in signature.unwritten}
    in_place_of: dict[Resource, str] = {}
    for original in sorted(unwritten, key=lambda r: r.name):
        copies = copies_of(graph, original)
        if not copies:
            raise RepairRefused(
                f"nothing in the graph says what {original.kind} {original.name!r} was saved as: "
                "no op assigns its value to one that is restored"
            )
        copy = copies[0]
        _check(graph, original, copy)
        in_place_of[copy] = graph.makers[original][0]
    saver = graph.proto.saver_def
    saving = graph.reach([saver.save_tensor_name])
    changes = []
    for role, nodes in (("restore", graph.restore_nodes), ("save", saving - graph.restore_nodes)):
        for name in sorted(nodes):
            node = graph.summaries.main.nodes[name]
            for position, text in enumerate(node.input):
                source, colon, output = text.partition(":")
                tokens = {} if text.startswith("^") else graph.summaries.at(source)
                copied = [token for token in tokens if token in in_place_of]
                if copied and source in graph.makers[copied[0]]:
                    after = in_place_of[copied[0]] + colon + output
                    changes.append(Change(number, name, position, text, after, role))
    return changes


def _check(graph: MetaGraph, original: Resource, copy: Resource) -> None:
    """Make sure that the original can stand where the copy is. Raises RepairRefused."""
    nodes = graph.summaries.main.nodes
    if original not in graph.makers or copy not in graph.makers:
        raise RepairRefused(f"{original.name!r} or its copy {copy.name!r} is made in a function")
    first, second = (nodes[graph.makers[r][0]] for r in (original, copy))
    if first.attr["dtype"].type != second.attr["dtype"].type:
        raise RepairRefused(f"{original.name!r} and its copy {copy.name!r} have other dtypes")
    readers = [s.name for s in graph.signatures if copy in s.reads]
    if readers:
        raise RepairRefused(
            f"signature {readers[0]!r} reads {copy.name!r}, the copy of {original.name!r} that is "
            "restored: with the original in its place that one would be left without a value"
        )


def saved_again(version: str) -> str:
    """Return the other way to mend an artifact of a TensorFlow version, "" if unknown."""
    tensorflow = f"TensorFlow {version}" if version else "the TensorFlow that wrote it"
    return f"load it with tf.saved_model.load in {tensorflow} and save it again"

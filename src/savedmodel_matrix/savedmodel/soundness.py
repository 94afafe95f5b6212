"""Whether what a signature reads is written before it runs, as a V1 session runs it.

saved_model_cli, libtensorflow and every binding on it, TensorFlow Serving and the TFLite converter
run the restore op and the init op, then the signature. Python's loader does not use this graph.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.effects import Summaries
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.object_graph import paths
from savedmodel_matrix.savedmodel.ops import Resource
from savedmodel_matrix.savedmodel.scope import constant, tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.savedmodel.reading import Directory
    from savedmodel_matrix.savedmodel.scope import Scope

INIT_OP = "__saved_model_init_op"
_INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")  # the first one there is runs
_MUTABLE = "Mutable"


@dataclass
class SignatureState:
    """A signature: what it would read unwritten, and what it names that is not in the graph."""

    name: str
    reads: set[Resource] = field(default_factory=set)
    unwritten: list[Resource] = field(default_factory=list)
    missing_tensors: list[str] = field(default_factory=list)
    missing_functions: list[str] = field(default_factory=list)
    python: list[str] = field(default_factory=list)  # ops that call Python functions
    composite_inputs: list[str] = field(default_factory=list)  # those that are not one tensor
    composite_outputs: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing of the above stands in the way of running it."""
        broken = (self.unwritten, self.missing_tensors, self.missing_functions, self.python)
        return not any(broken)


class MetaGraph:
    """One MetaGraph: its signatures, and what restoring and initialising do to its resources."""

    def __init__(self, proto: Any, *, restored: bool) -> None:
        """Analyse a MetaGraph; without a checkpoint (`restored`) loaders skip the restore op."""
        self.proto = proto
        self.tags = list(proto.meta_info_def.tags)
        self.summaries = Summaries(proto.graph_def)
        self.makers = self._makers()
        saver = proto.saver_def
        fed = {tensor(saver.filename_tensor_name)}
        fed |= {tensor(asset.tensor_info.name) for asset in proto.asset_file_def}
        targets = [saver.restore_op_name] if saver.restore_op_name and restored else []
        self.restore_nodes = self.reach(targets, fed)
        self.restore = self.summaries.of_nodes(self.restore_nodes)
        self.init = self.summaries.of_nodes(self.reach(init_targets(proto), fed))
        written = self.restore.writes | self.init.writes
        self.signatures = [
            self._signature(name, signature, written)
            for name, signature in sorted(proto.signature_def.items())
            if name != INIT_OP
        ]

    @cached_property
    def object_paths(self) -> dict[int, str]:
        """The path from the root to each object of the object graph, by its number."""
        return paths(self.proto.object_graph_def)

    def _makers(self) -> dict[Resource, list[str]]:
        """Return the nodes of the main graph that make each resource."""
        found: dict[Resource, list[str]] = {}
        for name, resource in self.summaries.main.made.items():
            found.setdefault(resource, []).append(name)
        return found

    def reach(self, targets: Iterable[str], fed: Iterable[tuple[str, int]] = ()) -> set[str]:
        """Return the nodes of the main graph that run for the targets, fed tensors not."""
        return self.summaries.main.reach(targets, fed)

    def _signature(self, name: str, proto: Any, written: set[Any]) -> SignatureState:
        outputs = [name for info in proto.outputs.values() for name in tensors(info)]
        inputs = [name for info in proto.inputs.values() for name in tensors(info)]
        nodes = self.reach(outputs, {tensor(name) for name in inputs})
        effects = self.summaries.of_nodes(nodes)
        reads = {token for token in effects.reads if isinstance(token, Resource)}
        unwritten = [
            resource
            for resource in reads - written
            if not (self._is_mutable(resource) and resource in effects.writes)
        ]
        known = self.summaries.main.nodes
        return SignatureState(
            name,
            reads,
            unwritten=sorted(unwritten, key=lambda r: (r.kind, r.container, r.name)),
            missing_tensors=sorted(t for t in {*inputs, *outputs} if tensor(t)[0] not in known),
            missing_functions=sorted(effects.missing),
            python=sorted(effects.python),
            composite_inputs=_composite(proto.inputs),
            composite_outputs=_composite(proto.outputs),
        )

    def _is_mutable(self, resource: Resource) -> bool:
        """Say whether it is a table that needs no first value, so that a signature may fill it."""
        nodes = (self.summaries.main.nodes[name] for name in self.makers.get(resource, ()))
        return any(node.op.startswith(_MUTABLE) for node in nodes)

    def restored_keys(self) -> dict[str, int]:
        """Return the checkpoint keys that the restore op asks for, with their dtypes (-1: unknown).

        Those of the functions that it calls too.
        """
        found: dict[str, int] = {}
        seen = set[str]()
        queue: list[tuple[Scope, Iterable[str]]] = [(self.summaries.main, self.restore_nodes)]
        while queue:
            scope, names = queue.pop()
            for name in names:
                if scope.ops[name] == "RestoreV2" and len(scope.inputs[name]) > 1:
                    found.update(_asked_for(scope, name))
                for call in scope.calls.get(name, ()):
                    body = self.summaries.scope(call.function)
                    if body and call.function not in seen:
                        seen.add(call.function)
                        queue.append((body, body.ops))
        return found


def _asked_for(scope: Scope, name: str) -> dict[str, int]:
    """Return the keys that a RestoreV2 asks for, and their dtypes."""
    keys, attributes = constant(scope, scope.inputs[name][1][0]), scope.nodes[name].attr
    kinds = list(attributes["dtypes"].list.type) if "dtypes" in attributes else []
    return {key: kinds[i] if i < len(kinds) else -1 for i, key in enumerate(keys)}


def _composite(values: Any) -> list[str]:
    return sorted(k for k, info in values.items() if info.WhichOneof("kind") not in {"name", None})


def init_targets(proto: Any) -> list[str]:
    """Return what loaders run after restoring: the op of a signature, else of a collection."""
    if INIT_OP in proto.signature_def:
        outputs = proto.signature_def[INIT_OP].outputs
        return [outputs[INIT_OP].name] if INIT_OP in outputs else []
    for name in _INIT_COLLECTIONS:
        if name in proto.collection_def:
            return list(proto.collection_def[name].node_list.value)
    return []


def tensors(info: Any) -> list[str]:
    """Return the names of the tensors that an input or output consists of, at any depth."""
    names, queue = [], [info]
    while queue:
        part = queue.pop()
        sparse = part.coo_sparse
        kind = part.WhichOneof("kind")
        if kind == "coo_sparse":
            names += [sparse.values_tensor_name, sparse.indices_tensor_name]
            names += [sparse.dense_shape_tensor_name]
        elif kind == "composite_tensor":
            queue += part.composite_tensor.components
        else:
            names.append(part.name)
    return names


def meta_graphs(directory: Directory, *, restored: bool) -> list[MetaGraph]:
    """Analyse every MetaGraph of an artifact, with a checkpoint or without.

    Raises UnreadableArtifact.
    """
    try:
        return [MetaGraph(proto, restored=restored) for proto in directory.proto.meta_graphs]
    except UnreadableArtifact as error:
        raise UnreadableArtifact(f"{directory.file} cannot be analysed: {error}") from error

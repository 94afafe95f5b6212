"""Where the name of a file comes from that an op is given: a constant, an asset, a client.

Followed backwards through the graph, into the calls of a function and out of the functions that a
node calls. A name that is joined from parts comes from its first part, unless a later one climbs
out by `..`. What cannot be followed is "computed".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.scope import Scope, constant, tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from savedmodel_matrix.savedmodel.ops import Call
    from savedmodel_matrix.savedmodel.reachability import Root
    from savedmodel_matrix.savedmodel.soundness import MetaGraph

CONSTANT, ASSET, CHECKPOINT = "constant", "asset", "checkpoint"
CLIENT, CALLER, COMPUTED = "client", "caller", "computed"
_STEPS = 5000  # places looked at for one name; a graph that was not made for it needs tens
_SAME = {
    *("Identity", "StopGradient", "PlaceholderWithDefault", "Reshape", "ExpandDims"),
    *("Squeeze", "Snapshot", "EnsureShape", "PreventGradient", "ReadVariableOp"),
    *("Enter", "Exit", "Switch", "ShardedFilename"),
    # What a dataset's function gets are the elements that the dataset was made from.
    *("RepeatDataset", "ShuffleDatasetV3", "PrefetchDataset", "TakeDataset", "SkipDataset"),
    *("OptionsDataset", "BatchDatasetV2", "ShardDataset", "CacheDataset", "CacheDatasetV2"),
}
_ALL = {"Pack", "ConcatV2", "IdentityN", "Merge", "TensorSliceDataset", "TensorDataset"}
_CHOICES = {"Select", "SelectV2"}  # the condition comes first


@dataclass(frozen=True, order=True)
class Source:
    """Where a name comes from; `name` is the constant, or the input's key, or the op."""

    kind: str
    name: str = ""


@dataclass(frozen=True)
class _Place:
    """An output of a node of the main graph (function ""), or of a function's body."""

    function: str
    node: str
    output: str
    loading: bool = False  # as it is computed at load, whatever was asked about


class Sources:
    """The answers for one MetaGraph; `objects` is its object graph as `object_schema` has it."""

    def __init__(self, graph: MetaGraph, objects: Any, load: Root) -> None:
        self._graph, self._objects, self._load = graph, objects, load
        self._scopes: dict[str, Scope] = {"": graph.summaries.main}
        self._callers: dict[str, list[tuple[str, str, Call]]] = {}
        self._indexed = set[str]()

    def scope(self, function: str) -> Scope:
        """Return the body of a function, or the main graph for ""."""
        if function not in self._scopes:
            known = self._graph.summaries.scope(function)
            proto = self._graph.summaries.functions[function]
            self._scopes[function] = known or Scope(
                proto.node_def, self._graph.summaries.functions, proto
            )
        return self._scopes[function]

    def of_input(
        self, function: str, node: str, position: int, roots: list[Root], reached: AbstractSet[str]
    ) -> set[Source]:
        """Return where an input of a node comes from, as run by `roots`, which reach functions."""
        inputs = self.scope(function).inputs.get(node, [])
        if position >= len(inputs):
            return {Source(COMPUTED)}
        return self._of_place(_Place(function, *inputs[position]), roots, reached)

    def _of_place(self, start: _Place, roots: list[Root], reached: AbstractSet[str]) -> set[Source]:
        found, seen, queue = set[Source](), {start}, [start]
        while queue:
            place = queue.pop()
            around = [self._load] if place.loading else roots
            for step in self._before(place, around, reached):
                if isinstance(step, Source):
                    found.add(step)
                elif step not in seen:
                    seen.add(step)
                    queue.append(step)
            if len(seen) > _STEPS:
                return found | {Source(COMPUTED)}
        return found or {Source(COMPUTED)}

    def _before(
        self, place: _Place, roots: list[Root], reached: AbstractSet[str]
    ) -> Iterator[Source | _Place]:
        """Yield what an output is made from: places before it, or where it comes from."""
        scope = self.scope(place.function)
        if not place.function:
            written = tensor(f"{place.node}:{place.output}")
            if fed := list(_fed(written, roots)):
                yield from fed
                if len(fed) == sum(bool(root.nodes) for root in roots):
                    return  # else one of them computes it; functions alone run no main graph
        elif place.node in scope.arguments:
            yield from self._arguments(place, roots, reached)
            return
        node = scope.nodes.get(place.node)
        if node is None:
            yield Source(COMPUTED)
        elif node.op == "Const":
            strings = constant(scope, place.node)
            yield from (Source(CONSTANT, text) for text in strings or [""])
        elif node.op == "VarHandleOp" and not place.function:
            yield from self._assigned(place.node)
        elif place.node in scope.calls:
            yield from self._returned(place, scope)
        else:
            yield from self._inputs(place, scope, node.op)

    def _inputs(self, place: _Place, scope: Scope, op: str) -> Iterator[Source | _Place]:
        of = scope.inputs[place.node]
        inputs = [_Place(place.function, *pair, place.loading) for pair in of]
        if op == "StringJoin":
            for later in inputs[1:]:
                for text in constant(scope, later.node):
                    if ".." in PurePosixPath(text).parts:
                        yield Source(CONSTANT, text)
            yield from inputs[:1]
        elif op in _ALL:
            yield from inputs
        elif op in _CHOICES:
            yield from inputs[1:]
        elif op in _SAME:
            yield from inputs[:1]
        else:
            yield Source(COMPUTED, op)
            if not op.startswith("Placeholder"):
                yield from inputs

    def _arguments(
        self, place: _Place, roots: list[Root], reached: AbstractSet[str]
    ) -> Iterator[Source | _Place]:
        """Yield what the callers of a function give for an argument."""
        function = place.function
        position = self.scope(function).arguments[place.node]
        if any(function in root.functions for root in roots):
            yield self._bound(function, position)
        nodes = set().union(*(root.nodes for root in roots))
        for caller, node, call in self._calls_of(function, reached):
            if not caller and node not in nodes:
                continue
            inputs = self.scope(caller).inputs[node]
            if call.before is None:
                yield from (_Place(caller, *pair, place.loading) for pair in inputs)
            elif 0 <= position + call.before < len(inputs):
                yield _Place(caller, *inputs[position + call.before], place.loading)

    def _bound(self, function: str, position: int) -> Source:
        """Return what Python gives for an argument: a captured object, or what its caller has."""
        bound = self._objects.concrete_functions[function].bound_inputs
        arguments = len(self.scope(function).arguments)
        index = position - (arguments - len(bound))
        if index < 0:
            return Source(CALLER)
        number = bound[index]
        node = self._objects.nodes[number] if 0 <= number < len(self._objects.nodes) else None
        kind = node.WhichOneof("kind") if node is not None else None
        if kind == "asset":
            return Source(ASSET)
        if kind == "constant" and node is not None:
            main = self._graph.summaries.main
            return Source(CONSTANT, ", ".join(constant(main, node.constant.operation)))
        return Source(COMPUTED, kind or "")

    def _calls_of(self, function: str, reached: AbstractSet[str]) -> list[tuple[str, str, Call]]:
        known = (n for n in self._graph.summaries.functions if self._graph.summaries.scope(n))
        for caller in ["", *known] if not self._indexed else reached - self._indexed:
            self._indexed.add(caller)
            for node, calls in self.scope(caller).calls.items():
                for call in calls:
                    self._callers.setdefault(call.function, []).append((caller, node, call))
        return [c for c in self._callers.get(function, ()) if not c[0] or c[0] in reached]

    def _returned(self, place: _Place, scope: Scope) -> Iterator[Source | _Place]:
        """Yield what the functions return that a node calls."""
        number = place.output.rpartition(":")[2]
        index = int(number) if number.isdecimal() and len(number) < 10 else 0
        for call in scope.calls[place.node]:
            proto = self._graph.summaries.functions.get(call.function)
            outputs = proto.signature.output_arg if proto is not None else ()
            if proto is None or not call.returns or index >= len(outputs):
                yield Source(COMPUTED, scope.ops[place.node])
            else:
                source, _, output = proto.ret[outputs[index].name].partition(":")
                yield _Place(call.function, source, output, place.loading)

    def _assigned(self, variable: str) -> Iterator[Source | _Place]:
        """Yield what a variable of the main graph gets at load from elsewhere than a checkpoint."""
        main, at, found = self._graph.summaries.main, self._graph.summaries.at, False
        wanted = at(variable)
        for name in self._load.nodes:
            inputs = main.inputs[name]
            assigns = main.ops[name] == "AssignVariableOp" and len(inputs) > 1
            if assigns and wanted & at(inputs[0][0]):
                found = True
                yield _Place("", *inputs[1], loading=True)
        if not found:
            yield Source(COMPUTED, "variable")


def _fed(written: tuple[str, int], roots: Iterable[Root]) -> Iterator[Source]:
    for root in roots:
        if written in root.saver:
            yield Source(CHECKPOINT)
        elif written in root.assets:
            yield Source(ASSET)
        elif written in root.inputs:
            yield Source(CLIENT, root.inputs[written])

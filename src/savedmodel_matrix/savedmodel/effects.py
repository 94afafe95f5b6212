"""Which resources a graph or a function reads and writes, handles followed through calls.

What a function does with its arguments is worked out once for all of its callers, as a summary
in which an argument stands for whatever it gets; recursion ends because summaries only grow.
Nothing here recurses, and every loop is bounded by the size of the graph.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

from savedmodel_matrix.savedmodel import ops
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.ops import Resource
from savedmodel_matrix.savedmodel.schema import RESOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Token = Union[int, Resource]  # an argument of the function at hand, or a resource  # noqa: UP007
_WORK = 20_000_000  # nodes looked at; no graph that was not made for it comes near
_HANDLES = {RESOURCE, 21}  # what an argument must be to get a resource from an unknown caller


@dataclass
class Effects:
    """What a node or a function does with resources."""

    reads: set[Token] = field(default_factory=set)
    writes: set[Token] = field(default_factory=set)
    keys: dict[Token, str] = field(default_factory=dict)  # the checkpoint key that is restored
    missing: set[str] = field(default_factory=set)  # functions called that are not there

    def size(self) -> int:
        """Return a number that grows whenever something is added."""
        return len(self.reads) + len(self.writes) + len(self.keys) + len(self.missing)

    def add(self, other: Effects) -> None:
        """Take over what another one does."""
        self.reads |= other.reads
        self.writes |= other.writes
        self.keys.update(other.keys)
        self.missing |= other.missing


class Scope:
    """The nodes of the main graph, or of a function's body, and the edges between them."""

    def __init__(self, nodes: Iterable[Any], function: Any = None) -> None:
        self.nodes = {node.name: node for node in nodes}
        arguments = function.signature.input_arg if function is not None else ()
        self.arguments = {argument.name: i for i, argument in enumerate(arguments)}
        self.handles = {i for i, a in enumerate(arguments) if a.type in _HANDLES}
        self.inputs: dict[str, list[tuple[str, str]]] = {}  # (node, output as written), in order
        self.controls: dict[str, list[str]] = {}
        self.consumers: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for name, node in self.nodes.items():
            inputs, controls = [], []
            for position, text in enumerate(node.input):
                if text.startswith("^"):
                    controls.append(text[1:])
                else:
                    source, _, output = text.partition(":")
                    inputs.append((source, output))
                    self.consumers[source].append((name, position))
            self.inputs[name], self.controls[name] = inputs, controls


class Summaries:
    """What every function of a graph does, and the main graph's nodes."""

    def __init__(self, graph: Any) -> None:
        self.functions = {f.signature.name: f for f in graph.library.function}
        self._scopes = {name: Scope(f.node_def, f) for name, f in self.functions.items()}
        self._effects = {name: Effects() for name in self.functions}
        self._returns: dict[str, list[set[Token]]] = {
            name: [set() for _ in f.signature.output_arg] for name, f in self.functions.items()
        }
        self._calls: dict[tuple[str | None, str], list[ops.Call]] = {}
        self._summarise()
        self.main = Scope(graph.node)
        self.handles = self._propagate(None, self.main)
        self._by_node = self._effects_by_node(None, self.main, self.handles)

    def of_nodes(self, names: Iterable[str]) -> Effects:
        """Return what these nodes of the main graph do together."""
        total = Effects()
        for name in names:
            if name in self._by_node:
                total.add(self._by_node[name])
        return total

    def scope(self, function: str) -> Scope:
        """Return the body of a function."""
        return self._scopes[function]

    def at(self, node: str, output: int = 0) -> set[Token]:
        """Return the resources that come out of a node of the main graph."""
        return self.handles.get((node, output), set())

    def calls(self, scope: str | None, node: Any) -> list[ops.Call]:
        """Return what a node calls; `scope` is the function that it is part of, if any."""
        key = (scope, node.name)
        if key not in self._calls:
            self._calls[key] = ops.calls(node, self.functions)
        return self._calls[key]

    def _summarise(self) -> None:
        callers: defaultdict[str, set[str]] = defaultdict(set)
        for name, scope in self._scopes.items():
            for node in scope.nodes.values():
                for call in self.calls(name, node):
                    callers[call.function].add(name)
        queue, work = dict.fromkeys(_callees_first(self._scopes, callers)), 0
        while queue:
            name = next(iter(queue))
            del queue[name]
            work += len(self._scopes[name].nodes) + 1
            if work > _WORK:
                raise UnreadableArtifact("its functions call one another in too many ways")
            before = self._grown(name)
            self._summarise_one(name)
            if self._grown(name) != before:
                queue.update(dict.fromkeys(callers[name]))

    def _grown(self, name: str) -> int:
        return self._effects[name].size() + sum(map(len, self._returns[name]))

    def _summarise_one(self, name: str) -> None:
        scope, function = self._scopes[name], self.functions[name]
        handles = self._propagate(name, scope)
        for effects in self._effects_by_node(name, scope, handles).values():
            self._effects[name].add(effects)
        for position, output in enumerate(function.signature.output_arg):
            source, _, which = function.ret.get(output.name, "").partition(":")
            self._returns[name][position] |= handles.get(
                (source, self._output(scope, source, which)), set()
            )

    def _propagate(  # noqa: C901 - one worklist
        self, name: str | None, scope: Scope
    ) -> dict[tuple[str, int], set[Token]]:
        """Return the resources at every output that has any."""
        handles: dict[tuple[str, int], set[Token]] = {}
        queue: list[tuple[str, int]] = []

        def put(node: str, output: int, tokens: set[Token]) -> None:
            known = handles.setdefault((node, output), set())
            if not tokens <= known:
                known |= tokens
                queue.append((node, output))

        for argument, position in scope.arguments.items():
            if position in scope.handles:
                put(argument, 0, {position})
        for node in scope.nodes.values():
            made = ops.made_by(node)
            if made:
                put(node.name, 0, {made})
            for output, tokens in self._returned(name, scope, node, handles):
                put(node.name, output, tokens)
        while queue:
            source, output = queue.pop()
            tokens = handles[source, output]
            for consumer, position in scope.consumers[source]:
                if self._output(scope, *scope.inputs[consumer][position]) != output:
                    continue
                node = scope.nodes[consumer]
                for token in tuple(tokens):
                    for out in ops.passes(node.op, _kind(token), position):
                        put(consumer, out, {token})
                for out, returned in self._returned(name, scope, node, handles):
                    put(consumer, out, returned)
        return handles

    def _returned(
        self,
        name: str | None,
        scope: Scope,
        node: Any,
        handles: Mapping[tuple[str, int], set[Token]],
    ) -> Iterable[tuple[int, set[Token]]]:
        """Yield the resources that come back from the functions that a node calls."""
        for call in self.calls(name, node):
            if call.returns:
                for output, tokens in enumerate(self._returns.get(call.function, ())):
                    found: set[Token] = set()
                    for token in tokens:
                        found |= self._actual(call, token, scope, node, handles)
                    if found:
                        yield output, found

    def _effects_by_node(
        self, name: str | None, scope: Scope, handles: Mapping[tuple[str, int], set[Token]]
    ) -> dict[str, Effects]:
        found: dict[str, Effects] = {}
        for node in scope.nodes.values():
            calls = self.calls(name, node)
            effects = Effects()
            for call in calls:
                self._add_call(effects, call, scope, node, handles)
            if not calls:
                for position, (source, which) in enumerate(scope.inputs[node.name]):
                    for token in handles.get((source, self._output(scope, source, which)), ()):
                        if ops.reads(node.op, _kind(token), position):
                            effects.reads.add(token)
                        if ops.writes(node.op, _kind(token), position):
                            effects.writes.add(token)
                            if key := _restored(scope, node.name):
                                effects.keys[token] = key
            if effects.size():
                found[node.name] = effects
        return found

    def _add_call(
        self,
        effects: Effects,
        call: ops.Call,
        scope: Scope,
        node: Any,
        handles: Mapping[tuple[str, int], set[Token]],
    ) -> None:
        summary = self._effects.get(call.function)
        if summary is None:
            effects.missing.add(call.function)
            return
        effects.missing |= summary.missing
        for token in tuple(summary.reads):
            effects.reads |= self._actual(call, token, scope, node, handles)
        for token in tuple(summary.writes):
            actual = self._actual(call, token, scope, node, handles)
            effects.writes |= actual
            if token in summary.keys:
                effects.keys.update(dict.fromkeys(actual, summary.keys[token]))

    def _actual(
        self,
        call: ops.Call,
        token: Token,
        scope: Scope,
        node: Any,
        handles: Mapping[tuple[str, int], set[Token]],
    ) -> set[Token]:
        """Return what a token of a callee is in the caller."""
        if isinstance(token, Resource):
            return {token}
        inputs = scope.inputs[node.name]
        if call.before is None:
            positions = range(len(inputs))
        else:
            positions = range(token + call.before, token + call.before + 1)
        found: set[Token] = set()
        for position in positions:
            if 0 <= position < len(inputs):
                source, which = inputs[position]
                found |= handles.get((source, self._output(scope, source, which)), set())
        return found

    def _output(self, scope: Scope, source: str, which: str) -> int:
        """Return the number of an output: as "1" in the main graph, "output:1" in a function."""
        name, _, number = which.rpartition(":")
        index = int(number) if number.isdecimal() and len(number) < 10 else 0
        node = scope.nodes.get(source)
        if node is None or not name:
            return index
        if name == "output_true":
            return 1
        if node.op in self.functions:  # its outputs have the names that the function gives them
            names = [a.name for a in self.functions[node.op].signature.output_arg]
            return names.index(name) if name in names else index
        return index


def _kind(token: Token) -> str | None:
    return token.kind if isinstance(token, Resource) else None


def _callees_first(scopes: Mapping[str, Scope], callers: Mapping[str, set[str]]) -> list[str]:
    """Return all functions, those that call none first; an order that saves work, no more."""
    waiting: dict[str, int] = dict.fromkeys(scopes, 0)
    for function, names in callers.items():
        if function in scopes:
            for name in names:
                waiting[name] += 1
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for caller in callers.get(name, ()):
            waiting[caller] -= 1
            if not waiting[caller]:
                ready.append(caller)
    known = set(ready)
    return ready + [name for name in scopes if name not in known]


def _restored(scope: Scope, writer: str) -> str:
    """Return the checkpoint key whose tensor a node writes, "" if it comes from elsewhere."""
    inputs, seen = scope.inputs[writer], set()
    source, which = inputs[1] if len(inputs) > 1 else ("", "")
    while source in scope.nodes and source not in seen:
        seen.add(source)
        node, inputs = scope.nodes[source], scope.inputs[source]
        if node.op == "RestoreV2":
            names = constant(scope, inputs[1][0]) if len(inputs) > 1 else []
            number = which.rpartition(":")[2]
            index = int(number) if number.isdecimal() and len(number) < 10 else 0
            return names[index] if index < len(names) else ""
        if not inputs:
            return ""
        source, which = inputs[0]
    return ""


def constant(scope: Scope, name: str) -> list[str]:
    """Return the strings of a Const node, [] if it is something else."""
    node = scope.nodes.get(name)
    if node is None or node.op != "Const" or "value" not in node.attr:
        return []
    return [s.decode("utf-8", "backslashreplace") for s in node.attr["value"].tensor.string_val]

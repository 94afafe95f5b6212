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
from savedmodel_matrix.savedmodel.scope import Scope, number, restored_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Token = Union[int, Resource]  # an argument of the function at hand, or a resource  # noqa: UP007
_WORK = 20_000_000  # nodes looked at; no graph that was not made for it comes near


@dataclass
class Effects:
    """What a node or a function does with resources."""

    reads: set[Token] = field(default_factory=set)
    writes: set[Token] = field(default_factory=set)
    keys: dict[Token, str] = field(default_factory=dict)  # the checkpoint key that is restored
    missing: set[str] = field(default_factory=set)  # functions called that are not there
    python: set[str] = field(default_factory=set)  # ops that call Python functions

    def size(self) -> int:
        """Return a number that grows whenever something is added."""
        parts = (self.reads, self.writes, self.keys, self.missing, self.python)
        return sum(map(len, parts))

    def add(self, other: Effects) -> None:
        """Take over what another one does."""
        self.reads |= other.reads
        self.python |= other.python
        self.add_kept(other)

    def add_kept(self, other: Effects) -> None:
        """Take over what another one does even where nothing depends on it."""
        self.writes |= other.writes
        self.keys.update(other.keys)
        self.missing |= other.missing


class Summaries:
    """What every function that the main graph reaches does, and the main graph's nodes."""

    def __init__(self, graph: Any) -> None:
        self.functions = {f.signature.name: f for f in graph.library.function}
        self.main = Scope(graph.node, self.functions)
        self._scopes: dict[str, Scope] = {}
        self._callers: defaultdict[str, set[str]] = defaultdict(set)
        self._read_functions()
        self._effects = {name: Effects() for name in self._scopes}
        self._returns: dict[str, list[set[Token]]] = {
            name: [set() for _ in self.functions[name].signature.output_arg]
            for name in self._scopes
        }
        self._summarise()
        self.handles = self._propagate(self.main)
        self._by_node = self._effects_by_node(self.main, self.handles)

    def of_nodes(self, names: Iterable[str]) -> Effects:
        """Return what these nodes of the main graph do together."""
        return _together(self.main, self._by_node, names)

    def scope(self, function: str) -> Scope | None:
        """Return the body of a function that the main graph reaches, None of any other."""
        return self._scopes.get(function)

    def at(self, node: str, output: int = 0) -> set[Token]:
        """Return the resources that come out of a node of the main graph."""
        return self.handles.get((node, output), set())

    def _read_functions(self) -> None:
        """Read the bodies of the functions that the main graph reaches."""
        queue: list[tuple[str, Scope]] = [("", self.main)]
        while queue:
            caller, scope = queue.pop()
            for name in {call.function for calls in scope.calls.values() for call in calls}:
                if caller:
                    self._callers[name].add(caller)
                if name in self.functions and name not in self._scopes:
                    function = self.functions[name]
                    self._scopes[name] = Scope(function.node_def, self.functions, function)
                    queue.append((name, self._scopes[name]))

    def _summarise(self) -> None:
        queue, work = dict.fromkeys(_callees_first(self._scopes, self._callers)), 0
        while queue:
            name = next(iter(queue))
            del queue[name]
            work += len(self._scopes[name].nodes) + 1
            if work > _WORK:
                raise UnreadableArtifact("its functions call one another in too many ways")
            before = self._grown(name)
            self._summarise_one(name)
            if self._grown(name) != before:
                queue.update(dict.fromkeys(self._callers[name]))

    def _grown(self, name: str) -> int:
        return self._effects[name].size() + sum(map(len, self._returns[name]))

    def _summarise_one(self, name: str) -> None:
        scope, function = self._scopes[name], self.functions[name]
        handles = self._propagate(scope)
        by_node = self._effects_by_node(scope, handles)
        # What nothing depends on is pruned. A write counts all the same: it may be kept.
        runs = scope.reach([*function.ret.values(), *function.control_ret.values()])
        self._effects[name].add(_together(scope, by_node, runs))
        for effects in by_node.values():
            self._effects[name].add_kept(effects)
        for position, output in enumerate(function.signature.output_arg):
            source, _, which = function.ret.get(output.name, "").partition(":")
            self._returns[name][position] |= handles.get(
                (source, self._output(scope, source, which)), set()
            )

    def _propagate(  # noqa: C901 - one worklist
        self, scope: Scope
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
        for name, resource in scope.made.items():
            put(name, 0, {resource})
        for name in scope.calls:
            for output, tokens in self._returned(scope, name, handles):
                put(name, output, tokens)
        while queue:
            source, output = queue.pop()
            tokens = handles[source, output]
            for consumer, position in scope.consumers[source]:
                if self._output(scope, *scope.inputs[consumer][position]) != output:
                    continue
                if consumer in scope.calls:
                    for out, returned in self._returned(scope, consumer, handles):
                        put(consumer, out, returned)
                op = scope.ops[consumer]
                for token in tuple(tokens):
                    for out in ops.passes(op, _kind(token), position):
                        put(consumer, out, {token})
        return handles

    def _returned(
        self, scope: Scope, node: str, handles: Mapping[tuple[str, int], set[Token]]
    ) -> Iterable[tuple[int, set[Token]]]:
        """Yield the resources that come back from the functions that a node calls."""
        for call in scope.calls.get(node, ()):
            if call.returns:
                for output, tokens in enumerate(self._returns.get(call.function, ())):
                    found: set[Token] = set()
                    for token in tokens:
                        found |= self._actual(call, token, scope, node, handles)
                    if found:
                        yield output, found

    def _effects_by_node(
        self, scope: Scope, handles: Mapping[tuple[str, int], set[Token]]
    ) -> dict[str, Effects]:
        """Return what each node does that calls a function or takes a resource."""
        found: defaultdict[str, Effects] = defaultdict(Effects)
        for name, calls in scope.calls.items():
            for call in calls:
                self._add_call(found[name], call, scope, name, handles)
        for name in scope.python:
            found[name].python.add(scope.ops[name])
        for (source, output), tokens in handles.items():
            for name, position in scope.consumers[source]:
                if name in scope.calls:
                    continue
                if self._output(scope, *scope.inputs[name][position]) == output:
                    _add_op(found, scope, name, position, tokens)
        return found

    def _add_call(
        self,
        effects: Effects,
        call: ops.Call,
        scope: Scope,
        node: str,
        handles: Mapping[tuple[str, int], set[Token]],
    ) -> None:
        summary = self._effects.get(call.function)
        if summary is None:
            effects.missing.add(call.function)
            return
        effects.missing |= summary.missing
        effects.python |= summary.python
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
        node: str,
        handles: Mapping[tuple[str, int], set[Token]],
    ) -> set[Token]:
        """Return what a token of a callee is in the caller."""
        if isinstance(token, Resource):
            return {token}
        inputs = scope.inputs[node]
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
        name, _, last = which.rpartition(":")
        index = number(last)
        if not name:
            return index
        if name == "output_true":
            return 1
        op = scope.ops.get(source)
        if op in self.functions:  # its outputs have the names that the function gives them
            names = [a.name for a in self.functions[op].signature.output_arg]
            return names.index(name) if name in names else index
        return index


def _together(scope: Scope, by_node: Mapping[str, Effects], names: Iterable[str]) -> Effects:
    """Return what nodes do together; what they write before they read it they do not read."""
    total = Effects()
    doing = {name: by_node[name] for name in names if name in by_node}
    for effects in doing.values():
        total.add(effects)
    for token in total.reads & total.writes:
        writers = [n for n, e in doing.items() if token in e.writes and token not in e.reads]
        later = scope.after(writers)
        if all(name in later for name, e in doing.items() if token in e.reads):
            total.reads.discard(token)
    return total


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


def _add_op(
    found: defaultdict[str, Effects],
    scope: Scope,
    name: str,
    position: int,
    tokens: Iterable[Token],
) -> None:
    """Add what a node does with the resources at one of its inputs; most only pass them on."""
    op = scope.ops[name]
    for token in tokens:
        kind = _kind(token)
        if ops.reads(op, kind, position):
            found[name].reads.add(token)
        if ops.writes(op, kind, position):
            found[name].writes.add(token)
            if key := restored_key(scope, name):
                found[name].keys[token] = key

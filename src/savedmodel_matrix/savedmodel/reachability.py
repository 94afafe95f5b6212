"""From where the functions of a MetaGraph are reached: load, a signature, save, Python only.

Functions are followed through every attribute that names one. What a V1 session reaches is read
from the graph; where that leaves a function unexplained, names are looked for in the bytes of
every function and node, so that a name inside of another attribute's attributes counts too.
Everything here is linear in the size of the graph, whatever calls what.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.scope import tensor
from savedmodel_matrix.savedmodel.soundness import init_targets, tensors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.savedmodel.soundness import MetaGraph

LOAD, SAVE, PYTHON, DEAD = "load", "save", "python", "dead"
# Signatures that are told apart; those beyond share a place, or masks would outgrow memory.
_TOLD_APART = 128
_LARGE = 1 << 20  # bytes of a function from which on its constants are left out
# What Python's loader runs of an object when it loads or drops it.
_ON_LOAD = {"_create_resource", "_initialize", "_destroy_resource"}
_BEFORE_A_NAME = re.compile(rb"(?=[\n\x12])")  # the tags of NameAttrList.name and of NodeDef.op
Tensor = tuple[str, int]


@dataclass
class Root:
    """Something that is run from outside: nodes of the main graph, or functions themselves."""

    where: str
    nodes: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    saver: frozenset[Tensor] = frozenset()  # tensors that are fed the name of the checkpoint
    assets: frozenset[Tensor] = frozenset()  # … the path of an asset
    inputs: Mapping[Tensor, str] = field(default_factory=dict)  # … what a client gives, by key


def session_roots(graph: MetaGraph) -> list[Root]:
    """Return what a V1 session runs: at load, for each signature, and when it saves."""
    proto = graph.proto
    saver = frozenset({tensor(proto.saver_def.filename_tensor_name)})
    assets = frozenset(tensor(a.tensor_info.name) for a in proto.asset_file_def)
    targets = [proto.saver_def.restore_op_name, *init_targets(proto)]
    roots = [Root(LOAD, graph.reach(targets, saver | assets), saver=saver, assets=assets)]
    for number, state in enumerate(graph.signatures):
        signature = proto.signature_def[state.name]
        inputs = {tensor(t): k for k, info in signature.inputs.items() for t in tensors(info)}
        outputs = [t for info in signature.outputs.values() for t in tensors(info)]
        reached = graph.reach(outputs, inputs)
        if number < _TOLD_APART:
            roots.append(Root(f"signature:{state.name}", reached, inputs=inputs))
        else:
            roots[-1].nodes.update(reached)
    saved = graph.reach([proto.saver_def.save_tensor_name], saver)
    return [*roots, Root(SAVE, saved, saver=saver)]


def python_roots(graph: MetaGraph, objects: Any) -> list[Root]:
    """Return the functions that Python's loader runs by itself, when it saves, and offers.

    `objects` is the object graph as `object_schema` reads it.
    """
    known, nodes = graph.summaries.functions.keys(), objects.nodes
    names = Names(known)
    load, save = set[str](), set[str]()
    for node in nodes:
        for child in node.children:
            if child.local_name in _ON_LOAD:
                load |= _functions_of(nodes, child.node_id)
        for saveable in node.saveable_objects.values():
            load |= _functions_of(nodes, saveable.restore_function)
            save |= _functions_of(nodes, saveable.save_function)
    offered = {*objects.concrete_functions, *names.inside(_gradients(graph))}
    for number in range(len(nodes)):
        offered |= _functions_of(nodes, number)
    return [
        Root(LOAD, functions=load & known),
        Root(SAVE, functions=save & known),
        Root(PYTHON, functions=offered & known),
    ]


def _functions_of(nodes: Sequence[Any], number: int) -> set[str]:
    if not 0 <= number < len(nodes):
        return set()
    node = nodes[number]
    return {*node.function.concrete_functions, node.bare_concrete_function.concrete_function_name}


def _gradients(graph: MetaGraph) -> bytes:
    """Return what the library holds beside functions: which function is whose gradient."""
    library = graph.proto.graph_def.library
    beside = type(library)()
    beside.CopyFrom(library)
    beside.ClearField("function")
    return bytes(beside.SerializeToString())


Edges = dict[str, set[str]]  # the functions that each function calls


def session_edges(graph: MetaGraph) -> Edges:
    """Return which function calls which, as far as a V1 session reads the graph."""
    known = graph.summaries.functions.keys()
    return {
        name: {call.function for calls in scope.calls.values() for call in calls} & known
        for name in known
        if (scope := graph.summaries.scope(name))
    }


def session_seeds(graph: MetaGraph, roots: Iterable[Root]) -> list[set[str]]:
    """Return the functions that each root calls from the main graph, and its own."""
    calls, known = graph.summaries.main.calls, graph.summaries.functions.keys()
    return [
        {c.function for n in calls.keys() & root.nodes for c in calls[n]} & known | root.functions
        for root in roots
    ]


def all_edges(graph: MetaGraph) -> Edges:
    """Return which function names which, anywhere in its bytes."""
    functions = graph.summaries.functions
    names = Names(functions)
    return {
        name: names.inside(_bytes_of(function)) - {name} for name, function in functions.items()
    }


def _bytes_of(function: Any) -> bytes:
    """Return the bytes of a function; of a large one without its constants, which call nothing."""
    if function.ByteSize() <= _LARGE:
        return bytes(function.SerializeToString())
    return b"".join(node.SerializeToString() for node in function.node_def if node.op != "Const")


def all_seeds(graph: MetaGraph, roots: Iterable[Root]) -> list[set[str]]:
    """Return the functions that nodes of each root name anywhere in their bytes, and its own."""
    names = Names(graph.summaries.functions)
    named = {
        name: found
        for name, node in graph.summaries.main.nodes.items()
        if node.op != "Const" and (found := names.inside(node.SerializeToString()))
    }
    return [
        set().union(*(named[name] for name in named.keys() & root.nodes)) | root.functions
        for root in roots
    ]


class Names:
    """Names that are looked for in the bytes of messages, each as a field of its own."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = {name.encode(): name for name in names}
        self._longest = max(map(len, self._known), default=0)

    def inside(self, data: bytes) -> set[str]:
        """Return the names that stand in the bytes of a message."""
        found = set()
        for match in _BEFORE_A_NAME.finditer(data):
            start, length, shift = match.start() + 1, 0, 0
            while start < len(data) and shift < 28:
                byte = data[start]
                length |= (byte & 0x7F) << shift
                start, shift = start + 1, shift + 7
                if byte < 0x80:
                    break
            if length <= self._longest and (name := self._known.get(data[start : start + length])):
                found.add(name)
        return found


def reached_from(edges: Edges, seeds: Sequence[set[str]]) -> dict[str, set[int]]:
    """Return the numbers of the roots from which each function is reached."""
    masks: defaultdict[str, int] = defaultdict(int)
    for number, names in enumerate(seeds):
        for name in names:
            masks[name] |= 1 << number
    for component in reversed(_components(edges, masks)):  # callers first
        mask = 0
        for name in component:
            mask |= masks[name]
        for name in component if mask else ():
            masks[name] = mask
            for callee in edges.get(name, ()):
                masks[callee] |= mask
    numbers = range(len(seeds))
    by_mask = {m: {n for n in numbers if m >> n & 1} for m in set(masks.values())}
    return {name: by_mask[mask] for name, mask in masks.items() if mask}


def _components(edges: Edges, starts: Iterable[str]) -> list[list[str]]:
    """Return the sets of functions that call one another, callees before callers (Tarjan)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: dict[str, None] = {}
    components = []
    for start in list(starts):
        if start in order:
            continue
        stack = [(start, iter(edges.get(start, ())))]
        order[start] = low[start] = len(order)
        open_[start] = None
        while stack:
            name, callees = stack[-1]
            for callee in callees:
                if callee not in order:
                    order[callee] = low[callee] = len(order)
                    open_[callee] = None
                    stack.append((callee, iter(edges.get(callee, ()))))
                    break
                if callee in open_:
                    low[name] = min(low[name], order[callee])
            else:
                stack.pop()
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[name])
                if low[name] == order[name]:
                    component: list[str] = []
                    while not component or component[-1] != name:
                        component.append(open_.popitem()[0])
                    components.append(component)
    return components

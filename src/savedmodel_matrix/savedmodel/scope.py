"""The main graph, or the body of a function, as nodes and edges."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel import ops
from savedmodel_matrix.savedmodel.schema import RESOURCE, VARIANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HANDLES = {RESOURCE, VARIANT}  # the types of arguments that may be a resource


class Scope:
    """The nodes of the main graph, or of a function's body, and the edges between them."""

    def __init__(
        self, nodes: Iterable[Any], functions: Mapping[str, Any], function: Any = None
    ) -> None:
        """Read the nodes of a graph; `function` has the arguments, `functions` what is called."""
        self.nodes = {node.name: node for node in nodes}
        self.ops = {name: node.op for name, node in self.nodes.items()}
        arguments = function.signature.input_arg if function is not None else ()
        self.arguments = {argument.name: i for i, argument in enumerate(arguments)}
        self.handles = {i for i, a in enumerate(arguments) if a.type in _HANDLES}
        self.inputs: dict[str, list[tuple[str, str]]] = {}  # (node, output as written), in order
        self.controls: dict[str, list[str]] = {}
        self.consumers: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self.calls: dict[str, list[ops.Call]] = {}
        self.made: dict[str, ops.Resource] = {}
        self.python = [name for name, op in self.ops.items() if op in ops.PYTHON]
        quiet = ops.CALL_NOTHING - functions.keys()  # a function of that name is called instead
        for name, node in self.nodes.items():
            op = self.ops[name]
            if op not in quiet and (calls := ops.calls(node, functions)):
                self.calls[name] = calls
            if op in ops.MAKERS and (made := ops.made_by(node)):
                self.made[name] = made
            inputs: list[tuple[str, str]] = []
            controls: list[str] = []
            for text in node.input:  # controls come last, but in a damaged graph
                source, _, output = text.partition(":")
                if source[:1] == "^":
                    controls.append(text[1:])
                else:
                    self.consumers[source].append((name, len(inputs)))
                    inputs.append((source, output))
            self.inputs[name], self.controls[name] = inputs, controls
        self._followers: dict[str, list[str]] = {}

    def reach(self, targets: Iterable[str], fed: Iterable[tuple[str, int]] = ()) -> set[str]:
        """Return the nodes that run for tensors or ops: by name, "node:1", or as in a function.

        What is fed is not computed.
        """
        fed, found = set(fed), set[str]()
        fed_nodes = {name for name, _ in fed}
        queue = [tensor(target) for target in targets if target]
        while queue:
            wanted = queue.pop()
            name = wanted[0]
            if name in found or name not in self.nodes or wanted in fed:
                continue
            found.add(name)
            for source, output in self.inputs[name]:
                if source not in found:
                    # Which of its outputs it is matters where one is fed, and nowhere else.
                    queue.append((source, number(output) if source in fed_nodes else 0))
            queue += [(control, -1) for control in self.controls[name]]
        return found

    def after(self, names: Iterable[str]) -> set[str]:
        """Return the nodes that run after all of these have run, or some of them."""
        if not self._followers:
            for name, controls in self.controls.items():
                for source in {*controls, *(source for source, _ in self.inputs[name])}:
                    self._followers.setdefault(source, []).append(name)
        found, queue = set[str](), list(names)
        while queue:
            for follower in self._followers.get(queue.pop(), ()):
                if follower not in found:
                    found.add(follower)
                    queue.append(follower)
        return found


def tensor(text: str) -> tuple[str, int]:
    """Return the node and the number of an output: "node", "node:1", "^node"."""
    name, _, output = text.partition(":")
    return name.lstrip("^"), number(output)


@functools.lru_cache(1024)
def number(output: str) -> int:
    """Return the number of an output that is written as in the main graph: "1", "" for the first.

    What is no number of at most nine digits is 0.
    """
    return int(output) if output.isdecimal() and len(output) < 10 else 0


def restored_key(scope: Scope, writer: str) -> str:
    """Return the checkpoint key whose tensor a node writes, "" if it comes from elsewhere."""
    inputs, seen = scope.inputs[writer], set()
    source, which = inputs[1] if len(inputs) > 1 else ("", "")
    while source in scope.nodes and source not in seen:
        seen.add(source)
        inputs = scope.inputs[source]
        if scope.ops[source] == "RestoreV2":
            names = constant(scope, inputs[1][0]) if len(inputs) > 1 else []
            index = number(which.rpartition(":")[2])
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

"""The main graph, or the body of a function, as nodes and edges."""

from __future__ import annotations

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
        for name, node in self.nodes.items():
            if calls := ops.calls(node, functions):
                self.calls[name] = calls
            if self.ops[name] in ops.MAKERS and (made := ops.made_by(node)):
                self.made[name] = made
            inputs, controls = [], []
            for position, text in enumerate(node.input):
                if text.startswith("^"):
                    controls.append(text[1:])
                else:
                    source, _, output = text.partition(":")
                    inputs.append((source, output))
                    self.consumers[source].append((name, position))
            self.inputs[name], self.controls[name] = inputs, controls


def restored_key(scope: Scope, writer: str) -> str:
    """Return the checkpoint key whose tensor a node writes, "" if it comes from elsewhere."""
    inputs, seen = scope.inputs[writer], set()
    source, which = inputs[1] if len(inputs) > 1 else ("", "")
    while source in scope.nodes and source not in seen:
        seen.add(source)
        inputs = scope.inputs[source]
        if scope.ops[source] == "RestoreV2":
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

"""The object graph of a SavedModel: where in it a resource of the main graph has its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.savedmodel.effects import Summaries
    from savedmodel_matrix.savedmodel.ops import Resource

_DEPTH = 200  # edges of a path that anybody reads


def paths(graph: Any) -> dict[int, str]:
    """Return the shortest path from the root to each object, by number: "layers.0.kernel"."""
    nodes = graph.nodes
    found = {0: ""} if nodes else {}
    queue = [(0, 0)] if nodes else []
    for number, depth in queue:
        for child in nodes[number].children if depth < _DEPTH else ():
            if 0 <= child.node_id < len(nodes) and child.node_id not in found:
                path = f"{found[number]}.{child.local_name}"
                found[child.node_id] = path.lstrip(".")
                queue.append((child.node_id, depth + 1))
    return found


def places(graph: Any, summaries: Summaries, known: Mapping[int, str]) -> dict[Resource, str]:
    """Return the place of each resource that a function of the object graph has captured.

    ``known`` is what ``paths`` returns.

    A call in the main graph gets the captured resources last, in the order of the objects that the
    object graph names for the function.
    """
    functions = graph.concrete_functions
    by_name = {
        node.variable.name: known[number]
        for number, node in enumerate(graph.nodes)
        if node.WhichOneof("kind") == "variable" and known.get(number)
    }
    found: dict[Resource, str] = {}
    for name, calls in summaries.main.calls.items():
        for call in calls:
            if call.function not in functions:
                continue
            inputs = summaries.main.inputs[name]
            bound = functions[call.function].bound_inputs
            for (source, _), number in zip(reversed(inputs), reversed(bound)):  # noqa: B905
                for token in summaries.at(source):
                    if not isinstance(token, int) and known.get(number):
                        found.setdefault(token, known[number])
    for resource in {token for tokens in summaries.handles.values() for token in tokens}:
        if not isinstance(resource, int) and resource.name in by_name:
            found.setdefault(resource, by_name[resource.name])
    return found

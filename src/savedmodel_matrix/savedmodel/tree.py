"""The object graph of an artifact as a tree, for who wants to see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.errors import UnreadableArtifact, naming
from savedmodel_matrix.savedmodel.object_schema import objects_of
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.schema import data_type

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_DEPTH = 40
LINES = 2000


@dataclass(frozen=True)
class Line:
    """One object: how deep it lies, by what name, and what it is."""

    depth: int
    name: str
    what: str


def tree(path: str | os.PathLike[str], lines: int = LINES) -> list[Line]:
    """Return the object graph of the first MetaGraph, in the order of the file, each object once.

    An object that was listed already is named with where it is. At most `lines` of them; the last
    line says so. Raises UnreadableArtifact.
    """
    proto = read_saved_model(Path(path)).proto.meta_graphs[0]
    found: list[Line] = []
    try:
        nodes = objects_of(proto).nodes
    except UnreadableArtifact as error:
        raise UnreadableArtifact(naming(error, path)) from error
    for line in _lines(nodes):
        if len(found) == lines:
            found.append(Line(0, "…", f"there is more than {lines} lines of it"))
            break
        found.append(line)
    return found


def _lines(nodes: Any) -> Iterator[Line]:
    seen: dict[int, str] = {}
    stack = [(0, "root", "", 0)] if nodes else []
    while stack:
        number, name, path, depth = stack.pop()
        if not 0 <= number < len(nodes):
            yield Line(depth, name, f"object {number}, which there is not")
        elif number in seen:
            yield Line(depth, name, f"the same as {seen[number] or 'root'}")
        else:
            seen[number] = path
            node = nodes[number]
            yield Line(depth, name, _what(node))
            if depth < _DEPTH:
                for child in reversed(node.children):
                    below = f"{path}.{child.local_name}".lstrip(".")
                    stack.append((child.node_id, child.local_name, below, depth + 1))


def _what(node: Any) -> str:
    kind = node.WhichOneof("kind") or "object"
    if kind == "variable":
        saved = node.variable
        dims = ",".join("?" if dim.size < 0 else str(dim.size) for dim in saved.shape.dim[:64])
        shape = "[...]" if saved.shape.unknown_rank else f"[{dims}]"
        return f"variable {saved.name} {data_type(saved.dtype)}{shape}"
    if kind == "user_object":
        return str(node.user_object.identifier or "object").lstrip("_").replace("_", " ")
    if kind == "function":
        return f"function, {len(node.function.concrete_functions)} traced"
    if kind == "bare_concrete_function":
        return f"function {node.bare_concrete_function.concrete_function_name}"
    return kind.replace("_", " ")

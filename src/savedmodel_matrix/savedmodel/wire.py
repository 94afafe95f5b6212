"""Changing single strings of a serialised SavedModel, every other byte as it was.

Serialising a parsed message would put fields and maps into an order of its own, and move what it
does not know to the end. Here only the strings change, and the lengths of what they lie in.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.table import varint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from savedmodel_matrix.savedmodel.surgery import Change

    Nodes = Mapping[str, Mapping[int, str]]  # inputs to change, by node and position

_META_GRAPHS, _GRAPH_DEF, _NODE = 2, 2, 1  # SavedModel, MetaGraphDef, GraphDef
_NAME, _INPUT = 1, 3  # NodeDef
Pieces = list[memoryview | bytes]  # evaluated, by Python 3.10 too
_FIXED = {1: 8, 5: 4}  # bytes of the wire types that have a fixed length
_DELIMITED = 2


def changed(data: bytes, changes: Sequence[Change]) -> Pieces:
    """Return the file with the inputs of nodes changed, in pieces; it has been parsed before."""
    wanted: defaultdict[int, dict[str, dict[int, str]]] = defaultdict(dict)
    for change in changes:
        wanted[change.meta_graph].setdefault(change.node, {})[change.input] = change.after
    view, pieces, number = memoryview(data), Pieces(), -1
    for field, start, body, end in _fields(view):
        if field == _META_GRAPHS and body is not None:
            number += 1
            if number in wanted:
                pieces += _delimited(view[start:body], _meta_graph(view[body:end], wanted[number]))
                continue
        pieces.append(view[start:end])
    return pieces


def _meta_graph(view: memoryview, nodes: Nodes) -> Pieces:
    pieces: Pieces = []
    for field, start, body, end in _fields(view):
        if field == _GRAPH_DEF and body is not None:
            pieces += _delimited(view[start:body], _graph(view[body:end], nodes))
        else:
            pieces.append(view[start:end])
    return pieces


def _graph(view: memoryview, nodes: Nodes) -> Pieces:
    pieces: Pieces = []
    for field, start, body, end in _fields(view):
        if field == _NODE and body is not None:
            inputs = nodes.get(_name(view[body:end]))
            if inputs:
                pieces += _delimited(view[start:body], _node(view[body:end], inputs))
                continue
        pieces.append(view[start:end])
    return pieces


def _name(view: memoryview) -> str:
    name = ""
    for field, _, body, end in _fields(view):
        if field == _NAME and body is not None:
            name = bytes(view[body:end]).decode("utf-8", "replace")
            break  # it comes first; a node with two names is nobody's
    return name


def _node(view: memoryview, inputs: Mapping[int, str]) -> Pieces:
    pieces: Pieces = []
    position = -1
    for field, start, body, end in _fields(view):
        if field == _INPUT and body is not None:
            position += 1
            if position in inputs:
                pieces += _delimited(view[start:body], [inputs[position].encode()])
                continue
        pieces.append(view[start:end])
    return pieces


def _delimited(head: memoryview, pieces: Pieces) -> Pieces:
    """Return a field with another content; its head is the tag, and the length that it had."""
    _, after = varint(head, 0)
    return [head[:after], _varint(sum(map(len, pieces))), *pieces]


def _fields(view: memoryview) -> Iterator[tuple[int, int, int | None, int]]:
    """Yield the number of each field, where it begins, where its content does, and its end.

    The content is None where a field has no length of its own. Groups, which these messages do not
    have, are passed over tag by tag.
    """
    position = 0
    while position < len(view):
        start = position
        tag, position = varint(view, position)
        body = None
        if tag & 7 == _DELIMITED:
            length, position = varint(view, position)
            body, position = position, position + length
        elif tag & 7 in _FIXED:
            position += _FIXED[tag & 7]
        elif tag & 7 == 0:
            _, position = varint(view, position)
        yield tag >> 3, start, body, position


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)

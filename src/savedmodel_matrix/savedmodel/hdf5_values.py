"""What HDF5 datasets and attributes state: types, shapes, and where their bytes are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.windows import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.savedmodel.hdf5 import Hdf5, Message

_SPACE, _TYPE, _LAYOUT, _EXTERNAL, _FILTERS = 0x01, 0x03, 0x08, 0x07, 0x0B
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)
_STRING, _VARIABLE = 3, 9
_NAMES = {2: "time", 3: "string", 4: "bits", 5: "opaque", 6: "compound", 7: "reference"}
_NAMES |= {8: "enum", 9: "variable-length", 10: "array", 11: "complex"}
_TEXT_BYTES = 1 << 26  # of one attribute
_NAME_BYTES, _NAMES_LISTED = 1 << 16, 1 << 16  # of a list of names
_CHUNKS = 1_000_000


@dataclass(frozen=True)
class Dataset:
    """What a dataset states. `stored` is None where how it is stored is not read here."""

    dtype: str
    shape: tuple[int, ...] | None  # None for one that holds nothing
    declared: int  # bytes in memory
    stored: int | None  # bytes, uncompressed
    compressed: bool
    address: int  # of contiguous bytes; 0 for others
    files: bool  # whether its bytes are in other files


@dataclass(frozen=True)
class Attribute:
    """An attribute: its type and shape, and the bytes that are or name its value."""

    name: str
    type_class: int
    item: int
    shape: tuple[int, ...] | None
    data: bytes


def dataset(file: Hdf5, messages: Sequence[Message]) -> Dataset | None:
    """Return what a dataset states, None if the messages are of something else."""
    by_kind = {message.kind: message for message in messages}
    if not {_SPACE, _TYPE, _LAYOUT} <= by_kind.keys():
        return None
    kind = by_kind[_TYPE]
    body = _elsewhere(file, kind.data) if kind.shared else kind.data
    name, item = _type(body)
    shape = _shape(file, by_kind[_SPACE].data)
    declared = 0 if shape is None else math.prod(shape) * item
    layout, stored, address = _stored(file, by_kind[_LAYOUT].data, item, declared)
    return Dataset(
        name,
        shape,
        declared,
        stored,
        compressed=_FILTERS in by_kind,
        address=address,
        files=_EXTERNAL in by_kind or layout == _VIRTUAL,
    )


def _elsewhere(file: Hdf5, body: bytes) -> bytes:
    """Return the datatype that a dataset shares with others, from the object that holds it."""
    position = 8 if body[:1] == b"\x01" else 2
    address = int.from_bytes(body[position : position + file.offset], "little")
    for message in file.messages(address):
        if message.kind == _TYPE and not message.shared:
            return message.data
    raise DamagedFile(f"there is no datatype in the object at byte {address:,}")


def _type(body: bytes) -> tuple[str, int]:
    if len(body) < 8:
        raise DamagedFile("a datatype is cut short")
    kind, size = body[0] & 0x0F, int.from_bytes(body[4:8], "little")
    if kind == 0:
        return f"{'int' if body[1] & 8 else 'uint'}{8 * size}", size
    if kind == 1:
        return f"float{8 * size}", size
    if kind not in _NAMES:
        raise DamagedFile(f"the class {kind} of a datatype is not known")
    return _NAMES[kind], size


def _shape(file: Hdf5, body: bytes) -> tuple[int, ...] | None:
    if len(body) < 4:
        raise DamagedFile("a dataspace is cut short")
    version, rank = body[0], body[1]
    if version not in {1, 2} or rank > 32:
        raise DamagedFile(f"a dataspace of version {version} and rank {rank} is not known")
    if version == 2 and body[3] == 2:
        return None
    start, width = (8 if version == 1 else 4), file.length
    if len(body) < start + rank * width:
        raise DamagedFile("a dataspace is cut short")
    return tuple(
        int.from_bytes(body[start + i * width : start + (i + 1) * width], "little")
        for i in range(rank)
    )


def _stored(file: Hdf5, body: bytes, item: int, declared: int) -> tuple[int, int | None, int]:
    """Return how a dataset is stored, how many bytes it has (None if unknown), and where."""
    if len(body) < 2:
        raise DamagedFile("the layout of a dataset is cut short")
    version, kind = body[0], body[1]
    width, length = file.offset, file.length
    if version in {3, 4, 5}:
        if kind == _COMPACT:
            return kind, int.from_bytes(body[2:4], "little"), 0
        if kind == _CONTIGUOUS:
            address = int.from_bytes(body[2 : 2 + width], "little")
            size = int.from_bytes(body[2 + width : 2 + width + length], "little")
            if address == file.undefined:
                return kind, 0, 0
            if file.base + address + size > file.window.size:
                said = f"a dataset of {size:,} bytes is stated at byte {address:,}"
                raise DamagedFile(f"{said}, and the file ends at byte {file.window.size:,}")
            return kind, size, address
        if kind == _CHUNKED and version == 3:
            dims = [
                int.from_bytes(body[3 + width + 4 * i : 7 + width + 4 * i], "little")
                for i in range(body[2] if len(body) > 2 else 0)
            ]
            tree = int.from_bytes(body[3 : 3 + width], "little")
            count = 0 if tree == file.undefined else _chunks(file, tree, len(dims))
            return kind, count * math.prod(dims), 0
        if kind in {_CHUNKED, _VIRTUAL}:
            return kind, None, 0
    elif version in {1, 2}:
        return _CHUNKED, None, 0  # HDF5 before 1.6.3: nothing that Keras was ever written with
    raise DamagedFile(f"the layout {kind} of version {version} of a dataset is not known")


def _chunks(file: Hdf5, tree: int, dimensions: int) -> int:
    """Return the number of chunks in a B-tree of version 1."""
    nodes, seen, count = [tree], {tree}, 0
    step = 8 + 8 * dimensions + file.offset
    for node in nodes:
        if file.read(node, 4) != b"TREE" or file.number(node + 4, 1) != 1:
            raise DamagedFile(f"there is no node of chunks at byte {node:,}")
        level, used = file.number(node + 5, 1), file.number(node + 6, 2)
        first = node + 8 + 2 * file.offset + 8 + 8 * dimensions
        if not level:
            count += used
            for i in range(used):
                size = file.number(first - 8 - 8 * dimensions + i * step, 4)
                address = file.number(first + i * step, file.offset)
                if file.base + address + size > file.window.size:
                    raise DamagedFile(f"a chunk of {size:,} bytes at byte {address:,} is not there")
            continue
        for i in range(used):
            child = file.number(first + i * step, file.offset)
            if child in seen:
                raise DamagedFile(f"a dataset has the node at byte {child:,} twice")
            seen.add(child)
            nodes.append(child)
        if len(nodes) > _CHUNKS:
            raise DamagedFile(f"the chunks at byte {tree:,} have no end")
    return count


def attribute(file: Hdf5, body: bytes) -> Attribute:
    """Return the attribute that a message holds."""
    if len(body) < 8:
        raise DamagedFile("an attribute is cut short")
    version, flags = body[0], body[1]
    if version not in {1, 2, 3}:
        raise DamagedFile(f"version {version} of an attribute is not known")
    sizes = [int.from_bytes(body[i : i + 2], "little") for i in (2, 4, 6)]
    position, parts = (9 if version == 3 else 8), []
    for size in sizes:
        parts.append(body[position : position + size])
        position += size if version > 1 else (size + 7) // 8 * 8
    if position > len(body):
        raise DamagedFile("an attribute reaches past its end")
    kind = _elsewhere(file, parts[1]) if version > 1 and flags & 1 else parts[1]
    name = parts[0].split(b"\0")[0].decode("utf-8", "backslashreplace")
    _, item = _type(kind)
    shape = _shape(file, parts[2]) if not (version > 1 and flags & 2) else None
    return Attribute(name, kind[0] & 0x0F, item, shape, body[position:])


def text(file: Hdf5, one: Attribute) -> str | None:
    """Return the text of an attribute that holds one, else None."""
    if one.shape is None or math.prod(one.shape) != 1:
        return None
    if one.type_class == _STRING:
        return one.data[: one.item].split(b"\0")[0].decode("utf-8", "replace")
    if one.type_class != _VARIABLE:
        return None
    return _variable(file, one.data, _TEXT_BYTES)


def texts(file: Hdf5, one: Attribute) -> list[str]:
    """Return the texts of an attribute that holds a list of them; none of any other."""
    if one.shape is None or len(one.shape) != 1 or not one.item:
        return []
    count = min(one.shape[0], len(one.data) // one.item, _NAMES_LISTED)
    parts = [one.data[i * one.item : (i + 1) * one.item] for i in range(count)]
    if one.type_class == _STRING:
        return [part.rstrip(b"\0").decode("utf-8", "backslashreplace") for part in parts]
    if one.type_class == _VARIABLE:
        return [_variable(file, part, _NAME_BYTES) or "" for part in parts]
    return []


def _variable(file: Hdf5, data: bytes, limit: int) -> str | None:
    """Return a text of variable length, of which an attribute has the size and place."""
    if len(data) < 8 + file.offset:
        return None
    size = int.from_bytes(data[:4], "little")
    heap = int.from_bytes(data[4 : 4 + file.offset], "little")
    index = int.from_bytes(data[4 + file.offset : 8 + file.offset], "little")
    if not size:
        return ""
    objects = file.heaps.get(heap)
    if objects is None:
        objects = file.heaps[heap] = _objects(file, heap)
    if index not in objects:
        raise DamagedFile(f"the heap of values at byte {heap:,} does not have number {index}")
    position, stored = objects[index]
    if size > min(stored, limit):
        raise DamagedFile(f"a value of {size:,} bytes is stated at byte {position:,}")
    return file.read(position, size).split(b"\0")[0].decode("utf-8", "replace")


def _objects(file: Hdf5, heap: int) -> dict[int, tuple[int, int]]:
    """Return where the objects of a global heap are, and their sizes, by number."""
    if file.read(heap, 4) != b"GCOL":
        raise DamagedFile(f"there is no heap of values at byte {heap:,}")
    end, position = heap + file.number(heap + 8, file.length), heap + 8 + file.length
    head, found = 8 + file.length, {}
    while position + head <= end:
        index, size = file.number(position, 2), file.number(position + 8, file.length)
        if not index:
            break
        found[index] = position + head, size
        position += head + (size + 7) // 8 * 8
    return found

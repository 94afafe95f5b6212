"""Links of HDF5 groups, in the two ways in which small groups are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.windows import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.savedmodel.hdf5 import Hdf5

HARD, SOFT, EXTERNAL, OTHER = "hard", "soft", "external", "user-defined"
_HEAP_BYTES = 1 << 24  # of the names of one group
_SOFT_IN_TABLE = 2


@dataclass(frozen=True)
class Link:
    """A name in a group: for an object at an address, or for a path, perhaps in another file."""

    name: str
    kind: str
    address: int = 0
    target: str = ""


def of_symbol_table(file: Hdf5, body: bytes) -> Iterator[Link]:
    """Yield the links of a group stored as a B-tree and a heap of names (before HDF5 1.8)."""
    width, length = file.offset, file.length
    if len(body) < 2 * width:
        raise DamagedFile("a group states no address of its links")
    tree = int.from_bytes(body[:width], "little")
    heap = int.from_bytes(body[width : 2 * width], "little")
    if file.read(heap, 4) != b"HEAP":
        raise DamagedFile(f"there is no heap of names at byte {heap:,}")
    size = file.number(heap + 8, length)
    if size > _HEAP_BYTES:
        raise DamagedFile(f"the heap of names at byte {heap:,} states {size:,} bytes")
    names = file.read(file.number(heap + 8 + 2 * length, width), size)
    nodes, seen = [tree], {tree}
    for node in nodes:
        kind = file.read(node, 4)
        if kind == b"SNOD":
            yield from _symbols(file, node, names)
            continue
        if kind != b"TREE" or file.number(node + 4, 1):
            raise DamagedFile(f"there is no node of a group at byte {node:,}")
        first = node + 8 + 2 * width + length
        for i in range(file.number(node + 6, 2)):
            child = file.number(first + i * (width + length), width)
            if child in seen:
                raise DamagedFile(f"a group has the node at byte {child:,} twice")
            seen.add(child)
            nodes.append(child)


def _symbols(file: Hdf5, node: int, names: bytes) -> Iterator[Link]:
    width = file.offset
    for i in range(file.number(node + 6, 2)):
        entry = node + 8 + i * (2 * width + 24)
        name = _name(names, file.number(entry, width))
        address = file.number(entry + width, width)
        if file.number(entry + 2 * width, 4) == _SOFT_IN_TABLE:
            target = _name(names, file.number(entry + 2 * width + 8, 4))
            yield Link(name, SOFT, target=target)
        else:
            yield Link(name, HARD, address)


def _name(names: bytes, start: int) -> str:
    end = names.find(b"\0", start)
    if start >= len(names) or end < 0:
        raise DamagedFile(f"a link has its name at byte {start:,} of a heap of {len(names):,}")
    return names[start:end].decode("utf-8", "backslashreplace")


def of_message(file: Hdf5, body: bytes) -> Link:
    """Return the link that a message holds (HDF5 1.8 and later)."""
    try:
        return _of_message(file, body)
    except IndexError:
        raise DamagedFile("a link message is cut short") from None


def _of_message(file: Hdf5, body: bytes) -> Link:
    flags, position, kind = body[1], 2, 0
    if flags & 0x08:
        kind, position = body[position], position + 1
    position += (8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size, position = int.from_bytes(body[position : position + width], "little"), position + width
    name = body[position : position + size].decode("utf-8", "backslashreplace")
    position += size
    if position > len(body):
        raise DamagedFile("the name in a link message reaches past its end")
    if kind == 0:
        if len(body) < position + file.offset:
            raise DamagedFile(f"the link {name!r} has no address")
        return Link(name, HARD, int.from_bytes(body[position : position + file.offset], "little"))
    value = body[position + 2 :][: int.from_bytes(body[position : position + 2], "little")]
    if kind == 1:
        return Link(name, SOFT, target=value.decode("utf-8", "backslashreplace"))
    if kind == 64:
        path, _, inside = value[1:].rstrip(b"\0").partition(b"\0")
        target = f"{path.decode('utf-8', 'replace')}:{inside.decode('utf-8', 'replace')}"
        return Link(name, EXTERNAL, target=target)
    return Link(name, OTHER)

"""Many links or attributes of one HDF5 object: a fractal heap, and a B-tree that indexes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.windows import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.savedmodel.hdf5 import Hdf5

LINKS, ATTRIBUTES = 5, 8  # the types of their B-trees
_RECORDS = 1_000_000
_LARGEST = 1 << 24  # bytes of a link or attribute
_MANAGED, _TINY = 0, 2
_OVERHEAD = 10  # bytes of a node of a B-tree beside its records


def objects(file: Hdf5, body: bytes, kind: int) -> Iterator[bytes]:
    """Yield the links or attributes that an info message says are stored densely."""
    flags = body[1] if len(body) > 1 else 0
    position = 2 + ((8 if kind == LINKS else 2) if flags & 1 else 0)
    width = file.offset
    if len(body) < position + 2 * width:
        raise DamagedFile("a message about links or attributes is cut short")
    heap, tree = (
        int.from_bytes(body[position + i * width : position + (i + 1) * width], "little")
        for i in range(2)
    )
    if file.undefined in {heap, tree}:
        return
    stored = _Heap(file, heap)
    for record in _records(file, tree, kind):
        yield stored.object(record[4:11] if kind == LINKS else record[:8])


def _records(file: Hdf5, tree: int, kind: int) -> Iterator[bytes]:
    """Yield the records of a B-tree of version 2."""
    if file.read(tree, 4) != b"BTHD" or file.number(tree + 5, 1) != kind:
        raise DamagedFile(f"there is no B-tree of links or attributes at byte {tree:,}")
    node, size = file.number(tree + 6, 4), file.number(tree + 10, 2)
    depth, root = file.number(tree + 12, 2), file.number(tree + 16, file.offset)
    count = file.number(tree + 16 + file.offset, 2)
    if size < (11 if kind == LINKS else 17) or node < _OVERHEAD + size or depth > 32:
        raise DamagedFile(f"the B-tree at byte {tree:,} states sizes that it cannot have")
    wide, totals = _widths(node, size, file.offset, depth)
    if root == file.undefined:
        return
    nodes, seen = [(root, count, depth)], {root}
    number = 0
    for address, records, level in nodes:
        if file.read(address, 4) != (b"BTIN" if level else b"BTLF"):
            raise DamagedFile(f"there is no node of a B-tree at byte {address:,}")
        for i in range(records):
            yield file.read(address + 6 + i * size, size)
        number += records
        if number > _RECORDS:
            raise DamagedFile(f"the B-tree at byte {tree:,} has more than {_RECORDS:,} records")
        position = address + 6 + records * size
        for _ in range(records + 1 if level else 0):
            child = file.number(position, file.offset)
            held = file.number(position + file.offset, wide)
            position += file.offset + wide + totals[level - 1]
            if child in seen:
                raise DamagedFile(f"a B-tree has the node at byte {child:,} twice")
            seen.add(child)
            nodes.append((child, held, level - 1))


def _widths(node: int, size: int, offset: int, depth: int) -> tuple[int, list[int]]:
    """Return how many bytes a node counts a child's records in, and all below it, by level."""
    most = total = (node - _OVERHEAD) // size
    wide, totals = _bytes_for(most), [0]
    for _ in range(depth):
        pointer = offset + wide + totals[-1]
        inner = (node - _OVERHEAD - pointer) // (size + pointer)
        total = (inner + 1) * total + max(inner, 0)
        totals.append(_bytes_for(total))
    return wide, totals


def _bytes_for(number: int) -> int:
    return (max(number, 1).bit_length() - 1) // 8 + 1


class _Heap:
    """A fractal heap: objects in blocks whose sizes double row by row."""

    def __init__(self, file: Hdf5, address: int) -> None:
        width, length = file.offset, file.length
        if file.read(address, 4) != b"FRHP":
            raise DamagedFile(f"there is no heap of links or attributes at byte {address:,}")
        self.file = file
        self.filtered = bool(file.number(address + 7, 2))
        managed = file.number(address + 10, 4)
        position = address + 14 + 10 * length + 2 * width
        self.columns = file.number(position, 2)
        self.first = file.number(position + 2, length)
        direct = file.number(position + 2 + length, length)
        bits = file.number(position + 2 + 2 * length, 2)
        self.root = file.number(position + 6 + 2 * length, width)
        self.rows = file.number(position + 6 + 2 * length + width, 2)
        if not self.columns or not self.first or direct < self.first or not 8 <= bits <= 64:
            raise DamagedFile(f"the heap at byte {address:,} states sizes that it cannot have")
        self.offset_bytes = (bits + 7) // 8
        self.length_bytes = _bytes_for(min(direct, managed))
        self.direct_rows = (direct // self.first).bit_length() + 1

    def object(self, identity: bytes) -> bytes:
        """Return the object of an ID."""
        kind = identity[0] >> 4 & 3
        if kind == _TINY:
            return identity[1 : (identity[0] & 0x0F) + 2]
        if kind != _MANAGED or self.filtered:
            raise DamagedFile("a link or attribute is stored as a huge or compressed object")
        middle = 1 + self.offset_bytes
        offset = int.from_bytes(identity[1:middle], "little")
        size = int.from_bytes(identity[middle : middle + self.length_bytes], "little")
        if size > _LARGEST:
            raise DamagedFile(f"a link or attribute of {size:,} bytes is stated")
        if not self.rows:
            return self.file.read(self.root + offset, size)
        return self.file.read(self._place(self.root, offset), size)

    def _place(self, block: int, offset: int) -> int:
        """Return the address of an offset of the heap that lies below an indirect block."""
        file = self.file
        for _ in range(64):
            if file.read(block, 4) != b"FHIB":
                raise DamagedFile(f"there is no block of a heap at byte {block:,}")
            entries = block + 5 + file.offset + self.offset_bytes
            line = self.columns * self.first
            row = (offset // line).bit_length()
            size = self.first << max(0, row - 1)
            start = line << (row - 1) if row else 0
            column, within = divmod(offset - start, size)
            block = file.number(entries + (row * self.columns + column) * file.offset, file.offset)
            if row < self.direct_rows:
                return block + within
            offset = within
        raise DamagedFile("a heap of links or attributes has no end")

"""Flatbuffers, read table by table with every offset checked.

Source: https://flatbuffers.dev/internals/ - a table begins with the distance to its vtable, which
holds the place of each field, 0 for one that is absent.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.windows import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.savedmodel.windows import Window

# Bytes of tables, vectors and texts that are read of a file: offsets let a small one name the same
# ones any number of times.
MOST = 1 << 25
_TABLE = 64  # what a table counts for
_TEXT = 1 << 16  # bytes of a name that anybody reads


class Buffer:
    """A flatbuffer in a window. Everything that reads it raises DamagedFile or OSError."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._left = MOST

    def root(self) -> Table:
        """Return the table that the flatbuffer holds."""
        return Table(self, self.window.number(0, 4))

    def spend(self, size: int) -> None:
        """Count what is read. Raises DamagedFile where it is more than any model has."""
        self._left -= size
        if self._left < 0:
            raise DamagedFile(f"its tables take more than {MOST:,} bytes: they name one another")


class Table:
    """A table; fields are named by their number in the schema."""

    def __init__(self, buffer: Buffer, position: int) -> None:
        buffer.spend(_TABLE)
        self.position = position
        self._buffer, self._window = buffer, buffer.window
        (distance,) = struct.unpack("<i", self._window.at(position, 4))
        vtable = position - distance
        size = self._window.number(vtable, 2)
        if size < 4 or size % 2:
            raise DamagedFile(f"the table at byte {position:,} has a vtable of {size} bytes")
        raw = self._window.at(vtable + 4, size - 4)
        self._fields = struct.unpack(f"<{len(raw) // 2}H", raw)
        self._size = self._window.number(vtable + 2, 2)

    def _place(self, field: int) -> int:
        """Return where a field is, 0 if it is absent."""
        inside = self._fields[field] if field < len(self._fields) else 0
        if inside >= max(self._size, 1):
            raise DamagedFile(f"a field of the table at byte {self.position:,} lies outside of it")
        return self.position + inside if inside else 0

    def number(self, field: int, kind: str = "i", default: int = 0) -> int:
        """Return a number; `kind` is its letter in `struct`."""
        place = self._place(field)
        if not place:
            return default
        size = struct.calcsize(f"<{kind}")
        return int(struct.unpack(f"<{kind}", self._window.at(place, size))[0])

    def _target(self, field: int) -> int:
        place = self._place(field)
        return place + self._window.number(place, 4) if place else 0

    def table(self, field: int) -> Table | None:
        """Return a table that a field names."""
        target = self._target(field)
        return Table(self._buffer, target) if target else None

    def text(self, field: int) -> str:
        """Return a string, "" if it is absent; a very long one is cut."""
        start, size = self.span(field)
        size = min(size, _TEXT)
        self._buffer.spend(size)
        return self._window.at(start, size).decode("utf-8", "backslashreplace")

    def span(self, field: int, width: int = 1) -> tuple[int, int]:
        """Return where a vector's elements begin and how many there are; they are all there."""
        target = self._target(field)
        if not target:
            return 0, 0
        count = self._window.number(target, 4)
        end = target + 4 + count * width
        if end > self._window.size:
            raise DamagedFile(
                f"the vector at byte {target:,} states {count:,} elements and reaches past the end"
            )
        return target + 4, count

    def numbers(self, field: int, kind: str = "i", most: int = 1 << 20) -> list[int]:
        """Return a vector of numbers, of `most` elements at most."""
        size = struct.calcsize(f"<{kind}")
        start, count = self.span(field, size)
        if count > most:
            raise DamagedFile(f"the vector at byte {start:,} states {count:,} elements")
        self._buffer.spend(count * size)
        return list(struct.unpack(f"<{count}{kind}", self._window.at(start, count * size)))

    def count(self, field: int) -> int:
        """Return the number of tables in a vector of them."""
        return self.span(field, 4)[1]

    def tables(self, field: int) -> Iterator[Table]:
        """Yield a vector of tables."""
        start, count = self.span(field, 4)
        for place in range(start, start + 4 * count, 4):
            yield Table(self._buffer, place + self._window.number(place, 4))

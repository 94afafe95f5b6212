"""Protocol buffers as they lie on the wire: reading fields, and putting messages together again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.table import varint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Pieces = list[memoryview | bytes]  # evaluated, by Python 3.10 too
DELIMITED = 2  # the wire type of strings, messages and packed numbers
_FIXED = {1: 8, 5: 4}  # bytes of the wire types that have a fixed length


@dataclass(frozen=True)
class Field:
    """One field: its number, its bytes from the tag on, and its content."""

    number: int
    whole: memoryview
    content: memoryview  # of a field with a length; empty for a number
    value: int  # of a number; 0 for a field with a length

    @property
    def text(self) -> str:
        """The content as text."""
        return bytes(self.content).decode("utf-8", "backslashreplace")


def fields(view: memoryview) -> Iterator[Field]:
    """Yield the fields of a message, which has been parsed before: it is whole."""
    position = 0
    while position < len(view):
        start, value = position, 0
        tag, position = varint(view, position)
        content = view[:0]
        if tag & 7 == DELIMITED:
            length, position = varint(view, position)
            content = view[position : position + length]
            position += length
        elif tag & 7 in _FIXED:
            position += _FIXED[tag & 7]
        elif tag & 7 == 0:
            value, position = varint(view, position)
        yield Field(tag >> 3, view[start:position], content, value)


def delimited(number: int, pieces: Pieces) -> Pieces:
    """Return a field with a length: a string, or a message within another."""
    size = sum(map(len, pieces))
    return [encoded(number << 3 | DELIMITED), encoded(size), *pieces]


def encoded(number: int) -> bytes:
    """Return a number as a varint."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def rebuilt(view: memoryview, change: Callable[[Field], Pieces | None]) -> Pieces:
    """Return a message of which some fields are others; None keeps one, [] leaves it out."""
    pieces: Pieces = []
    for field in fields(view):
        new = change(field)
        pieces += [field.whole] if new is None else new
    return pieces

"""HDF5 as Keras and h5py write it: groups, links, attributes, and what a dataset states.

Own and in Python on purpose: the C library follows links into other files, and a damaged file can
end the process or never return. No data of a dataset is read. What is read is counted, and a file
whose structures name one another again and again is refused.

Source: the HDF5 File Format Specification, version 3.0 (the HDF Group).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import hdf5_dense, hdf5_links
from savedmodel_matrix.savedmodel.hdf5_links import HARD, Link
from savedmodel_matrix.savedmodel.hdf5_values import (
    Attribute,
    Dataset,
    attribute,
    dataset,
    text,
    texts,
)
from savedmodel_matrix.savedmodel.windows import DamagedFile, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CONTINUATION, _ATTRIBUTE, _ATTRIBUTES, _LINKS = 0x10, 0x0C, 0x15, 0x02
_SYMBOL_TABLE, _LINK = 0x11, 0x06
_HEADER_BYTES = 1 << 24  # of one block of an object header; HDF5 writes at most 64 kB each
_MESSAGES = 100_000  # of an object
OBJECTS = 500_000  # of a file
_READS, _READS_AT_LEAST = 10_000_000, 100_000  # seconds of work; what a small file may take
_FIXED = 16  # bytes before the messages of an old object header


@dataclass(frozen=True)
class Message:
    """A message of an object header: its type, whether it is stored elsewhere, and its bytes."""

    kind: int
    shared: bool
    data: bytes


class Hdf5:
    """An HDF5 file in a window. Everything raises DamagedFile or OSError."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._left = min(_READS, _READS_AT_LEAST + window.size // 4)
        self.heaps: dict[int, dict[int, tuple[int, int]]] = {}
        start = 0
        while window.size >= start + len(SIGNATURE) and window.at(start, 8) != SIGNATURE:
            start = start * 2 or 512  # a block of the user's own may come first
        if window.size < start + 48:
            raise DamagedFile("it does not begin as an HDF5 file does")
        self.base = start
        version = window.number(start + 8, 1)
        if version in {0, 1}:
            self.offset, self.length = window.at(start + 13, 2)
            position = start + 24 + 4 * version
        elif version in {2, 3}:
            self.offset, self.length = window.at(start + 9, 2)
            position = start + 12
        else:
            raise DamagedFile(f"version {version} of the superblock is not known")
        if self.offset not in {2, 4, 8} or self.length not in {2, 4, 8}:
            raise DamagedFile(f"addresses of {self.offset} and {self.length} bytes are not known")
        self.undefined = (1 << 8 * self.offset) - 1
        fields = [
            window.number(position + i * self.offset, self.offset)
            for i in range(6 if version < 2 else 4)
        ]
        self.root = fields[5] if version < 2 else fields[3]
        end = fields[2] + start - fields[0]  # as if it had always been where it is now
        if end > window.size:
            said = f"it states {end:,} bytes and has {window.size:,}"
            raise DamagedFile(f"it is cut short: {said}")

    def read(self, address: int, size: int) -> bytes:
        """Return bytes at an address, which counts from where the HDF5 file begins."""
        self._spend(1 + size // 256)
        return self.window.at(self.base + address, size)

    def _spend(self, reads: int) -> None:
        self._left -= reads
        if self._left < 0:
            raise DamagedFile(
                "its structures name one another more often than a file of its size can"
            )

    def number(self, address: int, size: int) -> int:
        """Return an unsigned number at an address."""
        return int.from_bytes(self.read(address, size), "little")

    def messages(self, address: int) -> list[Message]:
        """Return the messages of an object."""
        if self.read(address, 4) == b"OHDR":
            return list(self._messages(*self._new_header(address)))
        version, _, count, _, size = (
            *self.read(address, 2),
            self.number(address + 2, 2),
            self.number(address + 4, 4),
            self.number(address + 8, 4),
        )
        if version != 1:
            raise DamagedFile(f"there is no object header at byte {address:,}")
        return list(self._messages(address + _FIXED, size, 8, count))

    def _new_header(self, address: int) -> tuple[int, int, int, int]:
        flags = self.number(address + 5, 1)
        position = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = self.number(position, width)
        return position + width, size, 6 if flags & 4 else 4, _MESSAGES

    def _messages(self, start: int, size: int, head: int, count: int) -> Iterator[Message]:
        """Yield messages, through the blocks in which the header continues."""
        blocks, seen, old = [(start, size)], {start}, head == 8
        number = 0
        for begin, length in blocks:
            if length > _HEADER_BYTES:
                raise DamagedFile(f"the object header at byte {begin:,} states {length:,} bytes")
            data, position = self.read(begin, length), 0
            while position + head <= length and number < count:
                if old:
                    kind, stop = int.from_bytes(data[position : position + 2], "little"), 2
                else:
                    kind, stop = data[position], 1
                taken = int.from_bytes(data[position + stop : position + stop + 2], "little")
                flags = data[position + stop + 2]
                position += head
                if position + taken > length:
                    raise DamagedFile(
                        f"a message of the object header at byte {begin:,} reaches past its end"
                    )
                body = data[position : position + taken]
                position += taken
                number += 1
                self._spend(1)
                if number > _MESSAGES:
                    raise DamagedFile(f"the object header at byte {begin:,} has no end")
                if kind == _CONTINUATION:
                    where, more = self._place(body)
                    if where in seen:
                        raise DamagedFile(
                            f"the object header at byte {begin:,} continues in itself"
                        )
                    seen.add(where)
                    if not old and self.read(where, 4) != b"OCHK":
                        raise DamagedFile(f"an object header does not continue at byte {where:,}")
                    blocks.append((where, more) if old else (where + 4, max(0, more - 8)))
                else:
                    yield Message(kind, bool(flags & 2), body)

    def _place(self, body: bytes) -> tuple[int, int]:
        if len(body) < self.offset + self.length:
            raise DamagedFile("an object header continues at no address")
        where = int.from_bytes(body[: self.offset], "little")
        return where, int.from_bytes(body[self.offset : self.offset + self.length], "little")

    def links(self, messages: list[Message]) -> Iterator[Link]:
        """Yield the links of a group; none of what is no group."""
        for message in messages:
            if message.kind == _SYMBOL_TABLE:
                yield from hdf5_links.of_symbol_table(self, message.data)
            elif message.kind == _LINK:
                yield hdf5_links.of_message(self, message.data)
            elif message.kind == _LINKS:
                for body in hdf5_dense.objects(self, message.data, hdf5_dense.LINKS):
                    yield hdf5_links.of_message(self, body)

    def attributes(self, messages: list[Message]) -> dict[str, Attribute]:
        """Return the attributes of an object by name; their values are read when asked for."""
        found: dict[str, Attribute] = {}
        for message in messages:
            if message.kind == _ATTRIBUTE and not message.shared:
                one = attribute(self, message.data)
                found[one.name] = one
            elif message.kind == _ATTRIBUTES:
                for body in hdf5_dense.objects(self, message.data, hdf5_dense.ATTRIBUTES):
                    one = attribute(self, body)
                    found[one.name] = one
        return found

    def text(self, one: Attribute | None) -> str | None:
        """Return the text that an attribute holds, None if it holds something else."""
        return None if one is None else text(self, one)

    def texts(self, one: Attribute) -> list[str]:
        """Return the texts that an attribute lists; none if it holds something else."""
        return texts(self, one)

    def walk(self) -> Iterator[tuple[str, Link, list[Message]]]:
        """Yield every link below the root, with the messages of the object that a hard one names.

        An object that several links name has its messages only with the first.
        """
        seen, queue = {self.root}, [("", self.root)]
        number = 0
        for path, address in queue:
            for link in self.links(self.messages(address)):
                number += 1
                if number > OBJECTS:
                    raise DamagedFile(f"it has more than {OBJECTS:,} links")
                name = f"{path}/{link.name}".lstrip("/")
                if link.kind != HARD or link.address in seen:
                    yield name, link, []
                    continue
                seen.add(link.address)
                messages = self.messages(link.address)
                yield name, link, messages
                if not any(m.kind in {0x01, 0x03, 0x08} for m in messages):
                    queue.append((name, link.address))

    def dataset(self, messages: list[Message]) -> Dataset | None:
        """Return what a dataset states, None for what is none."""
        return dataset(self, messages)

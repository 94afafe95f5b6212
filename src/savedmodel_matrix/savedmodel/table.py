"""LevelDB's table format, as TensorFlow writes `variables.index` in it.

Blocks of entries sorted by key, each key without the prefix that it shares with the one before; a
block of handles of these blocks; a footer. TensorFlow reads compressed blocks too but never writes
one, and they are refused here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import crc32c
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5  # of a block: how it is compressed, and its CRC32C
_LONGEST_VARINT = 10
KEY_BYTES = 1 << 26  # of all keys: shared prefixes let a small file ask for any amount of memory


class DamagedTable(ValueError):
    """What is wrong with a table, and at which byte."""


def read_table(data: bytes, where: str) -> dict[bytes, bytes]:
    """Return the entries of a table by key. Raises UnreadableArtifact, which names `where`."""
    try:
        return dict(_entries(data))
    except DamagedTable as error:
        raise UnreadableArtifact(f"{where} is damaged: {error}") from error


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(data) < _FOOTER:
        raise DamagedTable(f"it has {len(data)} bytes, fewer than the {_FOOTER} of a footer")
    footer = data[-_FOOTER:]
    if struct.unpack("<Q", footer[-8:])[0] != MAGIC:
        raise DamagedTable("it does not end as an index does, so it is cut short or something else")
    _, position = _handle(footer, 0)
    index, _ = _handle(footer, position)
    end, keys, last = 0, 0, None
    for _, handle in _block(data, *index):
        (offset, size), _ = _handle(handle, 0)
        if offset < end:
            raise DamagedTable(f"two blocks overlap at byte {offset}")
        end = offset + size
        for key, value in _block(data, offset, size):
            if last is not None and key <= last:
                raise DamagedTable(f"the keys of the block at byte {offset} are not in order")
            last, keys = key, keys + len(key)
            if keys > KEY_BYTES:
                raise DamagedTable(f"its keys take more than {KEY_BYTES:,} bytes")
            yield key, value


def _block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the entries of a block, once its sum is found right."""
    end = offset + size
    if end + _TRAILER > len(data) - _FOOTER:
        raise DamagedTable(f"the block at byte {offset} reaches past the end")
    if data[end]:
        raise DamagedTable(f"the block at byte {offset} is compressed, as TensorFlow writes none")
    (stored,) = struct.unpack_from("<I", data, end + 1)
    if crc32c.masked(data[offset : end + 1]) != stored:
        raise DamagedTable(f"the block at byte {offset} has another CRC32C than it states")
    block = data[offset:end]
    if len(block) < 4:
        raise DamagedTable(f"the block at byte {offset} is too short")
    restarts = 4 * struct.unpack("<I", block[-4:])[0] + 4
    if restarts > len(block):
        raise DamagedTable(f"the block at byte {offset} states more restarts than it has room for")
    limit, position, key = len(block) - restarts, 0, b""
    while position < limit:
        shared, position = varint(block, position)
        own, position = varint(block, position)
        length, position = varint(block, position)
        stop = position + own + length
        if shared > len(key) or stop > limit:
            raise DamagedTable(f"an entry of the block at byte {offset} reaches past its end")
        if shared + own > KEY_BYTES:
            raise DamagedTable(f"its keys take more than {KEY_BYTES:,} bytes")
        key = key[:shared] + block[position : position + own]
        yield key, block[position + own : stop]
        position = stop


def _handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    offset, position = varint(data, position)
    size, position = varint(data, position)
    return (offset, size), position


def varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """Return the number that begins at `position`, and the position after it."""
    number = 0
    for count in range(_LONGEST_VARINT):
        if position + count >= len(data):
            break
        byte = data[position + count]
        number |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return number, position + count + 1
    raise DamagedTable(f"there is no whole number at byte {position} of a block or of the footer")

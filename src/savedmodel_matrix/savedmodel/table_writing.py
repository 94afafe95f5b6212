"""Writing LevelDB's table format, as `table` reads it, and byte for byte as TensorFlow does.

A block ends after 256 kB, as TensorFlow's do; readers take blocks of any length.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import crc32c
from savedmodel_matrix.savedmodel.protowire import encoded
from savedmodel_matrix.savedmodel.table import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BLOCK = 1 << 18  # bytes after which a block ends
_RESTART = 16  # entries between two keys that are stored whole
_FOOTER = 48
_STORED = b"\0"  # how a block is compressed: not at all


def table(entries: Iterable[tuple[bytes, bytes]], block: int = BLOCK) -> bytes:
    """Return a table of entries, which are in the order of their keys."""
    out, handles = bytearray(), list[tuple[bytes, bytes]]()
    pending, last, size = list[tuple[bytes, bytes]](), b"", 0
    handle = b""  # of a block whose name in the index waits for the next key
    for key, value in entries:
        if handle:
            handles.append((_between(last, key), handle))
            handle = b""
        pending.append((key, value))
        last, size = key, size + len(key) + len(value)
        if size >= block:
            handle, pending, size = _append(out, pending), [], 0
    if pending or not (handles or handle):
        handle = _append(out, pending)
    if handle:
        handles.append((_after(last) if last else b"", handle))
    meta = _append(out, [])  # of filters, which TensorFlow has none of
    index = _append(out, handles)
    return bytes(out + (meta + index).ljust(_FOOTER - 8, b"\0") + struct.pack("<Q", MAGIC))


def _between(key: bytes, following: bytes) -> bytes:
    """Return a short key that is not before `key`, and before the one that follows it."""
    shared = _shared(key, following)
    if shared < min(len(key), len(following)) and key[shared] + 1 < following[shared]:
        return key[:shared] + bytes([key[shared] + 1])
    return key


def _shared(one: bytes, other: bytes) -> int:
    """Return how many bytes two keys begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _after(key: bytes) -> bytes:
    """Return a short key that is not before `key`."""
    for place, byte in enumerate(key):
        if byte != 0xFF:
            return key[:place] + bytes([byte + 1])
    return key


def _append(out: bytearray, entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Add a block, and return its handle."""
    body, restarts, last = bytearray(), [], b""
    for number, (key, value) in enumerate(entries):
        shared = 0
        if number % _RESTART:
            shared = _shared(key, last)
        else:
            restarts.append(len(body))
        body += encoded(shared) + encoded(len(key) - shared) + encoded(len(value))
        body += key[shared:] + value
        last = key
    restarts = restarts or [0]
    body += struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))
    handle = encoded(len(out)) + encoded(len(body))
    out += body + _STORED + struct.pack("<I", crc32c.masked(bytes(body) + _STORED))
    return handle

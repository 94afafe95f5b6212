"""CRC32C (Castagnoli), by google-crc32c where it is installed.

The sum in Python takes a second for some 15 MB: enough for the blocks of an index, and for small
shards. What larger shards need is up to the caller (`FAST`).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    with warnings.catch_warnings():  # it warns where it has no C code, and is of no use then
        warnings.simplefilter("ignore")
        from google_crc32c import extend as _extend
        from google_crc32c import implementation
except ImportError:
    _extend, implementation = None, "python"

_POLYNOMIAL = 0x82F63B78
_MASK = 0xA282EAD8

FAST = implementation == "c"  # whether gigabytes can be summed in seconds


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()


def in_python(crc: int, data: bytes) -> int:
    """Return the CRC32C of what `crc` is the sum of, followed by `data`."""
    crc, table = crc ^ 0xFFFFFFFF, _TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


extend: Callable[[int, bytes], int] = _extend if FAST and _extend else in_python


def masked(data: bytes) -> int:
    """Return the sum as LevelDB and TensorFlow store it: rotated, and a constant added."""
    return mask(extend(0, data))


def mask(crc: int) -> int:
    """Return a sum as LevelDB and TensorFlow store it."""
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF

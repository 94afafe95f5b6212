"""CRC32C of tensors, eight bytes at a step: nearly twice as fast in Python as a byte at a step.

By google-crc32c where that is installed. The method is slicing-by-8 (Kounavis and Berry, 2005).
"""

from __future__ import annotations

import functools
from struct import iter_unpack

from savedmodel_matrix.savedmodel import crc32c

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF


@functools.cache
def _tables() -> tuple[list[int], ...]:
    """Return for each place in eight bytes the sum of each byte there, zeros after it."""
    first = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        first.append(value)
    tables = [first]
    for _ in range(7):
        tables.append([first[value & 0xFF] ^ value >> 8 for value in tables[-1]])
    return tuple(tables)


def extend(crc: int, data: bytes) -> int:
    """Return the CRC32C of what `crc` is the sum of, followed by `data`."""
    return crc32c.extend(crc, data) if crc32c.FAST else in_python(crc, data)


def in_python(crc: int, data: bytes) -> int:
    """Return the same without google-crc32c."""
    h, g, f, e, d, c, b, a = _tables()
    whole = len(data) & ~7
    crc ^= _ALL
    for low, high in iter_unpack("<II", memoryview(data)[:whole]):
        low ^= crc  # noqa: PLW2901 - the loop is what takes the time
        crc = (
            a[low & 0xFF]
            ^ b[low >> 8 & 0xFF]
            ^ c[low >> 16 & 0xFF]
            ^ d[low >> 24]
            ^ e[high & 0xFF]
            ^ f[high >> 8 & 0xFF]
            ^ g[high >> 16 & 0xFF]
            ^ h[high >> 24]
        )
    for byte in data[whole:]:
        crc = h[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ _ALL

"""CRC32C of tensors without a library: many places of the data at a step, by `bytes.translate`.

A CRC is linear. What each byte of a block of sixteen adds to the sum of its block is looked up for
all blocks at once, a table for each byte of the sum; then two blocks that are neighbours become
one, again for all pairs at once, by tables that say what a sum becomes when zeros follow. Some ten
times as fast as a loop over the bytes (slicing-by-8, Kounavis and Berry, 2005), which is left for
what is short.
"""

from __future__ import annotations

import functools
from struct import iter_unpack

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF
_BLOCK = 16
_FEW = 16  # blocks from which on a loop takes the rest
_SHORT = 1 << 10  # bytes for which a loop is as fast
_LONG = 1 << 20  # bytes taken at once, so that what is between takes little memory
Planes = list[bytes]  # the first byte of the sum of each block, the second, ...


@functools.cache
def _tables() -> tuple[list[int], ...]:
    """Return for each place in a block the sum of each byte there, zeros after it; last first."""
    first = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        first.append(value)
    tables = [first]
    for _ in range(_BLOCK - 1):
        tables.append([first[value & 0xFF] ^ value >> 8 for value in tables[-1]])
    return tuple(tables)


@functools.cache
def _followed(zeros: int) -> tuple[list[int], ...]:
    """Return what a sum becomes when zeros follow, for each byte of it: a power of two of them."""
    if zeros == 1:
        first = _tables()[0]
        return (first, *([byte << 8 * place for byte in range(256)] for place in range(3)))
    half = _followed(zeros // 2)
    found = []
    for place in range(4):
        table = [0] * 256
        for bit in range(8):
            once = half[place][1 << bit]
            twice = (
                half[0][once & 0xFF]
                ^ half[1][once >> 8 & 0xFF]
                ^ half[2][once >> 16 & 0xFF]
                ^ half[3][once >> 24]
            )
            for below in range(1 << bit):
                table[(1 << bit) + below] = table[below] ^ twice
        found.append(table)
    return tuple(found)


def _by_plane(table: list[int]) -> tuple[bytes, ...]:
    return tuple(bytes(value >> 8 * plane & 0xFF for value in table) for plane in range(4))


@functools.cache
def _block_planes() -> tuple[tuple[bytes, ...], ...]:
    return tuple(_by_plane(table) for table in reversed(_tables()))


@functools.cache
def _followed_planes(zeros: int) -> tuple[tuple[bytes, ...], ...]:
    return tuple(_by_plane(table) for table in _followed(zeros))


def extend(crc: int, data: bytes) -> int:
    """Return the CRC32C of what `crc` is the sum of, followed by `data`."""
    if len(data) < _SHORT:
        return _one_by_one(crc, data)
    for start in range(0, len(data), _LONG):
        part = data[start : start + _LONG]
        crc = _at_once(crc, part) if len(part) >= _SHORT else _one_by_one(crc, part)
    return crc


def _at_once(crc: int, data: bytes) -> int:
    head = (int.from_bytes(data[:4], "little") ^ crc ^ _ALL).to_bytes(4, "little")
    whole = bytes(-len(data) % _BLOCK) + head + data[4:]  # zeros before change nothing
    count = len(whole) // _BLOCK
    sums = [0] * 4
    for place, tables in enumerate(_block_planes()):
        column = whole[place::_BLOCK]
        for plane in range(4):
            sums[plane] ^= int.from_bytes(column.translate(tables[plane]), "little")
    planes = [value.to_bytes(count, "little") for value in sums]
    size = _BLOCK
    while count > _FEW:
        planes, count = _paired(planes, count, size)
        size *= 2
    a, b, c, d = _followed(size)
    total = 0
    for low, second, third, high in zip(*planes, strict=True):
        total = a[total & 0xFF] ^ b[total >> 8 & 0xFF] ^ c[total >> 16 & 0xFF] ^ d[total >> 24]
        total ^= low | second << 8 | third << 16 | high << 24
    return total ^ _ALL


def _paired(planes: Planes, count: int, size: int) -> tuple[Planes, int]:
    """Return the sums of every two blocks together, of which each has `size` bytes."""
    if count % 2:
        planes, count = [b"\0" + plane for plane in planes], count + 1
    tables = _followed_planes(size)
    before = [plane[::2] for plane in planes]
    joined = []
    for number, plane in enumerate(planes):
        value = int.from_bytes(plane[1::2], "little")
        for place in range(4):
            value ^= int.from_bytes(before[place].translate(tables[place][number]), "little")
        joined.append(value.to_bytes(count // 2, "little"))
    return joined, count // 2


def _one_by_one(crc: int, data: bytes) -> int:
    h, g, f, e, d, c, b, a = _tables()[:8]
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

"""A part of a file, read by position, with bounds and in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import BinaryIO

_BLOCK = 1 << 16
_BLOCKS = 64  # 4 MB: what is kept of a file at a time
LARGEST_PIECE = 1 << 26  # bytes that are asked for at once, by anything that is read here


class DamagedFile(ValueError):
    """What is wrong with the contents of a file, and at which byte: one sentence, no period."""


class Window:
    """`size` bytes of an open file from `start` on; positions count from there."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self.size = size
        self._file = file
        self._start = start
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def at(self, position: int, size: int) -> bytes:
        """Return `size` bytes. Raises DamagedFile where they are not all there, and OSError."""
        if position < 0 or size < 0 or position + size > self.size:
            said = f"{size:,} bytes are stated at byte {position:,}, and it ends at byte"
            raise DamagedFile(f"{said} {self.size:,}")
        if size > LARGEST_PIECE:
            raise DamagedFile(f"a structure of {size:,} bytes is stated at byte {position:,}")
        number, within = divmod(position, _BLOCK)
        if within + size <= _BLOCK:
            return self._block(number)[within : within + size]
        self._file.seek(self._start + position)
        return self._whole(self._file.read(size), size, position)

    def number(self, position: int, size: int) -> int:
        """Return an unsigned number, the least significant byte first."""
        return int.from_bytes(self.at(position, size), "little")

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        position = number * _BLOCK
        size = min(_BLOCK, self.size - position)
        self._file.seek(self._start + position)
        block = self._blocks[number] = self._whole(self._file.read(size), size, position)
        if len(self._blocks) > _BLOCKS:
            self._blocks.popitem(last=False)
        return block

    def _whole(self, data: bytes, size: int, position: int) -> bytes:
        if len(data) < size:  # it shrank since it was opened
            raise DamagedFile(f"it ends at byte {position + len(data):,}, before its stated size")
        return data

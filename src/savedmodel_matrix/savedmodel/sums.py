"""CRC32C of tensors: by google-crc32c where that is installed, else in Python."""

from __future__ import annotations

from savedmodel_matrix.savedmodel import crc32c, lanes


def extend(crc: int, data: bytes) -> int:
    """Return the CRC32C of what `crc` is the sum of, followed by `data`."""
    return crc32c.extend(crc, data) if crc32c.FAST else lanes.extend(crc, data)

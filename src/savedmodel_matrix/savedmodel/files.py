"""Reading files of an artifact, bounded, with one kind of error."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.errors import UnreadableArtifact

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = (1 << 31) - 1  # bytes that a protocol buffer may have


def read(path: Path, limit: int = LARGEST) -> bytes:
    """Return the bytes of a regular file. Raises UnreadableArtifact, over `limit` bytes too."""
    try:
        size = size_of(path)
        if size > limit:
            raise UnreadableArtifact(f"{path} has {size:,} bytes, more than the {limit:,} allowed")
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise UnreadableArtifact(f"{path} cannot be read: {error.strerror or error}") from error


def size_of(path: Path) -> int:
    """Return the size of a regular file in bytes. Raises OSError or UnreadableArtifact."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableArtifact(f"{path} is not a regular file")
    return status.st_size

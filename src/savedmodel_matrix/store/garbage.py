"""Which artifacts are given up when they take too much room: those not used for longest."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.store.leftovers import remove

if TYPE_CHECKING:
    from collections.abc import Collection


def use(directory: Path) -> None:
    """Note that an artifact was used just now."""
    with contextlib.suppress(OSError):
        os.utime(directory)


def collect(artifacts: Path, most: int, in_use: Collection[str]) -> int:
    """Remove artifacts until the others take ``most`` bytes at most; return how many went.

    The least recently used go first. Those ``in_use``, by name, stay whatever they take. What was
    removed is made anew when it is needed.
    """
    found = []
    for directory in artifacts.iterdir():
        with contextlib.suppress(OSError):
            found.append((directory.stat().st_mtime, directory, _size(directory)))
    total, removed = sum(size for _, _, size in found), 0
    for _, directory, size in sorted(found):
        if total <= most:
            break
        if directory.name not in in_use:
            remove(directory)
            total -= size
            removed += 1
    return removed


def _size(directory: Path) -> int:
    """Return the bytes that a directory takes, in whole blocks of the file system."""
    total = 0
    for place, _, files in os.walk(directory):
        for file in files:
            status = Path(place, file).lstat()
            total += getattr(status, "st_blocks", status.st_size // 512 + 8) * 512
    return total

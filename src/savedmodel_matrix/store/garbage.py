"""Which artifacts are removed: those that no record refers to, then those not used for longest."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.store.leftovers import remove

if TYPE_CHECKING:
    from collections.abc import Collection

_NAME = re.compile(r"[0-9a-f]{64}")  # the hash of its content


def use(directory: Path | str) -> None:
    """Note that an artifact was used just now."""
    with contextlib.suppress(OSError):
        os.utime(directory)


def collect(artifacts: Path, most: int, in_use: Collection[str], referred: Collection[str]) -> int:
    """Remove artifacts until the others take ``most`` bytes at most; return how many went.

    Those that are not ``referred`` to go whatever they take, then the least recently used. Those
    ``in_use``, by name, stay whatever they take. What was removed is made again when it is needed.
    Only directories with the name of an artifact are looked at.
    """
    found = []
    for directory in artifacts.iterdir():
        if _NAME.fullmatch(directory.name) and not directory.is_symlink():
            with contextlib.suppress(OSError):
                wanted = directory.name in referred
                found.append((wanted, directory.stat().st_mtime, directory, _size(directory)))
    total, removed = sum(size for *_, size in found), 0
    for wanted, _, directory, size in sorted(found):
        if wanted and total <= most:
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

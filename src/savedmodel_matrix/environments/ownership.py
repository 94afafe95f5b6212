"""Which directories of environments are ours, so that no other one is ever removed.

One is ours if it has our stamp, which a whole environment has. Until then, and when the stamp is
lost, a note beside it says which directory we made, by device and inode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STAMP = "savedmodel-matrix.json"


def is_ours(directory: Path) -> bool:
    """Say whether a directory may be removed and filled: it is ours, not there, or empty.

    Raises OSError.
    """
    if directory.is_symlink():
        return False
    if not directory.exists():
        return True
    if not directory.is_dir():
        return False
    if (directory / STAMP).is_file() or not any(directory.iterdir()):
        return True
    try:
        return _note(directory).read_text() == _identity(directory)
    except FileNotFoundError:
        return False


def note_ours(directory: Path) -> None:
    """Note that a directory is ours, which we have just made or found to be. Raises OSError."""
    _note(directory).write_text(_identity(directory))


def _note(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.made")


def _identity(directory: Path) -> str:
    status = directory.stat()
    return f"{status.st_dev} {status.st_ino}\n"

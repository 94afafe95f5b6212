"""A directory that is replaced whole, and the list in it of what was written there.

Only what the list names may be replaced. A directory without a list, or with a file that is not on
it, holds something of somebody else's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LIST = ".savedmodel-matrix"
_HEADER = "# Written by savedmodel-matrix, which replaces this directory whole:"


def listed(places: Iterable[str]) -> bytes:
    """Return the list of these places, relative to the directory."""
    return "".join(f"{line}\n" for line in (_HEADER, *sorted(places))).encode()


def is_begun(directory: Path) -> bool:
    """Say whether we made the directory, which may not be whole."""
    try:
        return (directory / LIST).read_text("utf-8").startswith(_HEADER)
    except (OSError, UnicodeDecodeError):
        return False


def check_replaceable(directory: Path) -> None:
    """Raise UserError if the directory holds anything that is not on its list.

    One that is not there, or is empty, may be written.
    """
    try:
        found = _not_listed(directory)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{directory} cannot be read ({error}), so it is not replaced.") from error
    if found is not None:
        raise UserError(
            f"{found} was not written by savedmodel-matrix, so {directory} is not replaced: move "
            "it away."
        )


def _not_listed(directory: Path) -> Path | None:
    """Return something that keeps the directory from being replaced, None if nothing does."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        return directory
    known: set[str] = set()
    start = os.path.join(directory, "")  # noqa: PTH118
    if is_begun(directory):
        known = {LIST, *(directory / LIST).read_text("utf-8").splitlines()[1:]}
    for place, directories, files in os.walk(directory):
        links = [name for name in directories if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118 - thousands of files
        for name in sorted([*files, *links]):
            path = os.path.join(place, name)  # noqa: PTH118
            if path[len(start) :].replace(os.sep, "/") not in known:
                return directory.joinpath(path)
    return None

"""`results/history/`: one small file for each full run that was accepted, never replaced."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.history import HistoryEntry, read_entry
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

DIRECTORY = "history"  # in the project's results
_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z(?:-(?P<number>\d+))?\.json")
_REMEDY = "restore it from version control, or move it away"


def read_history(directory: Path) -> tuple[HistoryEntry, ...]:
    """Return the entries in a directory, the oldest first; none if there is no such directory.

    Files by other names than ours are left alone. Raises UserError, naming the file, if one of
    ours cannot be read.
    """
    check_history(directory)
    if not directory.is_dir():
        return ()
    found = [
        (int(named["number"] or 1), _read(path))
        for path in directory.iterdir()
        if (named := _NAME.fullmatch(path.name))
    ]
    ordered = sorted(found, key=lambda one: (one[1].finished, one[0]))
    return tuple(entry for _, entry in ordered)


def check_history(directory: Path) -> None:
    """Raise UserError if a directory's name is taken by something else."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise UserError(
            f"{directory} is not a directory of ours, so no history is kept in it: move it away."
        )


def file_of(entry: HistoryEntry, directory: Path) -> dict[Path, bytes]:
    """Return the file that an entry is to be written as, by a name that nothing has yet.

    Raises UserError if the directory's name is taken.
    """
    check_history(directory)
    stem = entry.finished.replace(":", "")
    path, number = directory / f"{stem}.json", 1
    while path.exists() or path.is_symlink():
        number += 1
        path = directory / f"{stem}-{number}.json"
    return {path: (json.dumps(entry.to_json(), indent=1, sort_keys=True) + "\n").encode()}


def _read(path: Path) -> HistoryEntry:
    try:
        return read_entry(json.loads(path.read_bytes()))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); {_REMEDY}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is no entry of the history ({error}); {_REMEDY}.") from error

"""A finished run as it was shown, and all that it rests on, so that it can be shown again.

A snapshot counts only while everything is as it was: what was asked, the code of this package, the
content of every file that was read, and every file that the run left in its directory. Inputs are
compared by content. What the run left is compared by size, times and inode, the artifacts by name.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.store.contents import content_of, stat_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = ".savedmodel-matrix/snapshot.json"  # in the directory of a run
FORMAT = 1
NAMED = ("artifacts", "logs")  # whose files are named for their content, or only looked at
OTHERS = ("accepted", "history", "selfcheck", "work", "unfinished")  # no part of the last run
LOCKS = ("lock", ".lock", "snapshot.json")


@dataclass(frozen=True)
class Snapshot:
    """What a run printed, its exit status, and what has to hold for that to be true still."""

    asked: Mapping[str, Any]
    inputs: Mapping[str, str]  # content by path
    left: Mapping[str, list[int]]  # files of the run and interpreters: `stat_of` by path
    output: str
    errors: str
    status: int

    def holds(self) -> bool:
        """Say whether everything is as it was."""
        return all(stat_of(path) == stat for path, stat in self.left.items()) and all(
            content_of(path) == content for path, content in self.inputs.items()
        )


def left_in(results: Path) -> tuple[dict[str, list[int]], dict[str, str]]:
    """Return what a run has left in its directory: its files by `stat_of`, and names by content."""
    files: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for place, inner, found in os.walk(results):
        paths = [os.path.join(place, name) for name in found if name not in LOCKS]  # noqa: PTH118
        files |= {path: stat_of(path) for path in paths}
        named = [os.path.join(place, name) for name in inner if name in NAMED]  # noqa: PTH118
        names |= {path: content_of(path) for path in named}
        inner[:] = [name for name in inner if name not in (*NAMED, *OTHERS)]
    return files, names


def write(snapshot: Snapshot, results: Path) -> None:
    """Put the snapshot into the directory of its run. Raises OSError."""
    file = results / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.new")
    part.write_text(json.dumps({"format": FORMAT, **asdict(snapshot)}), encoding="utf-8")
    part.replace(file)


def read(results: Path, asked: Mapping[str, Any]) -> Snapshot | None:
    """Return the snapshot in a directory if it answers what is asked now, None else."""
    try:
        stated = json.loads((results / FILE).read_bytes())
        if stated.pop("format") != FORMAT or stated["asked"] != asked:
            return None
        return Snapshot(**stated)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def remove(results: Path) -> None:
    """Forget what the directory's last run showed: a run is about to change it. Raises OSError."""
    (results / FILE).unlink(missing_ok=True)

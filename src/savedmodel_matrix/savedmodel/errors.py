"""What can be wrong with an artifact, so that it is not read or not repaired."""

from __future__ import annotations

import os
from pathlib import Path


class UnreadableArtifact(Exception):
    """An artifact, or a file of it, that cannot be read: one sentence that says what and where."""


class RepairRefused(Exception):
    """An artifact that is left as it is: one sentence that says why, and what to do instead."""


def naming(error: UnreadableArtifact, path: str | os.PathLike[str]) -> str:
    """Return what is wrong with an artifact, which is named where the sentence names no file."""
    said = str(error)
    return said if Path(path).name in said else f"{os.fspath(path)} cannot be read: {said}"

"""What a report is made of, as one hash: a report with the same stamp is not built again."""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.code import code_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Protocol

    class Source(Protocol):
        """A case, a remedy or a loader."""

        @property
        def path(self) -> Path:
            """Its file."""


# The packages whose code and data a report is made with: all that `views` rests on.
RENDERING = (
    "analysis",
    "environments",
    "engine",
    "host",
    "model",
    "savedmodel",
    "store",
    "views",
    "workspace",
)
LIBRARIES = ("jinja2", "markupsafe", "pandas", "pygments")
# Of a run's description, what is of the hour: a report says when what it shows was made.
OF_THE_HOUR = ("finished", "seconds", "cells_run")


def made_of(
    rests_on: str, run: Mapping[str, Any], sources: Iterable[Source], groups: Sequence[str] = ()
) -> str:
    """Return a hash of everything that a report shows, and of the code that shows it.

    ``rests_on`` stands for the cells; the sources are read, and need not be there any more.
    """
    described = {name: value for name, value in run.items() if name not in OF_THE_HOUR}
    parts = [
        rests_on,
        json.dumps(described, sort_keys=True),
        code_hash(*RENDERING),
        *(f"{name} {version(name)}" for name in LIBRARIES),
        sys.version,
        *groups,
        *sorted(f"{source.path} {_content(source.path)}" for source in sources),
    ]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""

"""What the files of artifacts say, remembered by content: an artifact is read once.

It depends on the code that reads as well, so what other code found is forgotten.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.files import write_files

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    Told = Mapping[str, Mapping[str, Any]]  # by loader: verdict, because, since, until

FILE = "diagnoses.json"  # in the hidden place of a run directory


def read_told(hidden: Path, code: str) -> dict[str, Told]:
    """Return what is remembered by content; nothing if other code found it, or it is damaged."""
    with contextlib.suppress(OSError, ValueError, AttributeError, LookupError, TypeError):
        held = json.loads((hidden / FILE).read_bytes())
        if held.get("code") == code:
            return dict(held["told"])
    return {}


def write_told(hidden: Path, code: str, told: Mapping[str, Told], there: Container[str]) -> None:
    """Remember what artifacts say, of those that are still there. Raises OSError."""
    kept = {content: said for content, said in sorted(told.items()) if content in there}
    data = json.dumps({"code": code, "told": kept}, sort_keys=True)
    write_files({hidden / FILE: data.encode()})

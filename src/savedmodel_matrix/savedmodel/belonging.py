"""Which artifact a file belongs to: git names files, and a SavedModel is a directory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.checkpoint_files import SUFFIX
from savedmodel_matrix.savedmodel.formats import artifacts, is_one
from savedmodel_matrix.savedmodel.reading import is_saved_model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SHARD = re.compile(r"(.+)\.data-\d{5}-of-\d{5}")


def artifacts_of(paths: Iterable[Path]) -> list[Path]:
    """Return the artifacts that files belong to, each once, in the order of their first file.

    Whatever lies in a SavedModel belongs to it, and a shard of a checkpoint to its index. A file
    that belongs to none is left out; of a directory it is those at and below it.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            below = (one for one in artifacts(path) if one != path or is_saved_model(one))
            found |= dict.fromkeys(below)
        elif (artifact := artifact_of(path)) is not None:
            found[artifact] = None
    return list(found)


def artifact_of(path: Path) -> Path | None:
    """Return the artifact that a file belongs to, None if it belongs to none.

    Of SavedModels one in the other it is the outer one, which is what `artifacts` yields too.
    """
    outer = [parent for parent in path.parents if is_saved_model(parent)]
    if outer:
        return outer[-1]
    if shard := _SHARD.fullmatch(path.name):
        path = path.with_name(shard[1] + SUFFIX)
    return path if is_one(path) else None

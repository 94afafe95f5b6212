"""Repair of an artifact in its file: four strings for a Dense layer, and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel.diagnose import examine
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.rewriting import rewrite

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.savedmodel.surgery import Change


@dataclass(frozen=True)
class Repair:
    """What was changed, or would be; `after` is the diagnosis of the result, None if dry."""

    source: str
    result: str
    changes: tuple[Change, ...]
    removed: tuple[str, ...]
    after: Diagnosis | None

    @property
    def changed(self) -> bool:
        """Whether there was anything to repair."""
        return bool(self.changes)


def repair(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    dry_run: bool = False,
) -> Repair:
    """Repair a SavedModel directory into `out`, which must not exist, or in place.

    A sound artifact is copied as it is, or left as it is. Raises UnreadableArtifact, RepairRefused,
    and FileExistsError or another OSError where the result cannot be written; then nothing is.
    """
    source = Path(path)
    target = source if out is None else Path(out)
    in_place = out is None or (target.exists() and target.samefile(source))
    if not in_place and os.path.lexists(target):
        raise FileExistsError(f"{target} exists already: name a directory that does not")
    if not in_place and source.resolve() in target.resolve().parents:
        raise RepairRefused(f"{target} lies in {source}: name a directory outside of it")
    examine(source)  # what cannot be read is not repaired either, and nothing is written
    done = rewrite(source, None if in_place else target, dry_run=dry_run)
    after = None if dry_run else examine(target)
    return Repair(os.fspath(path), os.fspath(target), done.changes, done.removed, after)

"""Repair of an artifact in its file: four strings for a Dense layer, and nothing else."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import downgrade
from savedmodel_matrix.savedmodel.diagnose import examine
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.reading import read_saved_model
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
    taken_out: downgrade.Downgrade | None = None  # for an older TensorFlow, where one was named

    @property
    def changed(self) -> bool:
        """Whether there was anything to repair, or to take out."""
        return bool(self.changes or (self.taken_out and self.taken_out.cuts))


def repair(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    dry_run: bool = False,
    reader: str | None = None,
) -> Repair:
    """Repair a SavedModel directory into `out`, which must not exist, or in place.

    `reader` names an older TensorFlow, such as "2.12", that is to load the result: what only saving
    needs and that one does not know is taken out, see `downgrade`.

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
    taken_out = None
    if reader is not None:  # planned before anything is written, for it may be refused
        taken_out = downgrade.plan(read_saved_model(source), downgrade.release_of(reader))
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        if dry_run or taken_out is None or in_place:
            done = rewrite(source, None if in_place else target, dry_run=dry_run)
            removed = done.removed
            if taken_out is not None and not dry_run:
                removed += downgrade.apply(target, taken_out)
        else:
            done = rewrite(source, beside)
            removed = done.removed + downgrade.apply(beside, taken_out)
            if os.path.lexists(target):
                raise FileExistsError(f"{target} exists already: name a directory that does not")
            beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    after = None if dry_run else examine(target)
    return Repair(os.fspath(path), os.fspath(target), done.changes, removed, after, taken_out)

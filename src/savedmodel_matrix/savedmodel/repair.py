"""Repair of an artifact in its file: four strings for a Dense layer, and nothing else."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import downgrade, slimming
from savedmodel_matrix.savedmodel.checkpoint import read_checkpoint
from savedmodel_matrix.savedmodel.diagnose import examine
from savedmodel_matrix.savedmodel.errors import RepairRefused
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.rewriting import FINGERPRINT, rewrite

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.savedmodel.rewriting import Rewritten
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
    slimmed: slimming.Slimmed | None = None  # what was there twice, where that was asked for

    @property
    def changed(self) -> bool:
        """Whether there was anything to repair, or to take out."""
        cut = self.taken_out and self.taken_out.cuts
        return bool(self.changes or cut or (self.slimmed and self.slimmed.changed))


def repair(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    dry_run: bool = False,
    reader: str | None = None,
    slim: bool = False,
) -> Repair:
    """Repair a SavedModel directory into `out`, which must not exist, or in place.

    `reader` names an older TensorFlow, such as "2.12", that is to load the result: what only saving
    needs and that one does not know is taken out, see `downgrade`. With `slim`, what an export
    carries twice is there once, see `slimming`; that needs `out`, since several files change.

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
    if slim and in_place and not dry_run:
        raise RepairRefused(f"{source}: several files change to make it smaller: write a copy")
    examine(source)  # what cannot be read is not repaired either, and nothing is written
    directory, taken_out, slimmed = read_saved_model(source), None, None
    if reader is not None:  # planned before anything is written, for it may be refused
        taken_out = downgrade.plan(directory, downgrade.release_of(reader))
    if slim:
        slimmed = slimming.plan(directory, read_checkpoint(source))
    if dry_run:
        done = rewrite(source, dry_run=True)
        return Repair(
            os.fspath(path),
            os.fspath(target),
            *(done.changes, done.removed, None, taken_out, slimmed),
        )
    if in_place:
        done = rewrite(source)
        removed = done.removed + (downgrade.apply(source, taken_out) if taken_out else ())
    else:
        done, removed, slimmed = _beside(source, target, taken_out, slim=slim)
    after = examine(target)
    return Repair(
        os.fspath(path), os.fspath(target), done.changes, removed, after, taken_out, slimmed
    )


def _beside(
    source: Path, target: Path, taken_out: downgrade.Downgrade | None, *, slim: bool
) -> tuple[Rewritten, tuple[str, ...], slimming.Slimmed | None]:
    """Write the result beside `target`, and give it its name when all is done."""
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        done, slimmed = rewrite(source, beside), None
        removed = done.removed + (downgrade.apply(beside, taken_out) if taken_out else ())
        if slim:
            slimmed = slimming.slim(beside)
            if slimmed.changes and not removed and (source / FINGERPRINT).exists():
                removed = (FINGERPRINT,)
        if os.path.lexists(target):
            raise FileExistsError(f"{target} exists already: name a directory that does not")
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return done, removed, slimmed

"""What `diagnose` and `repair` do; the exit status is their result."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.savedmodel.diagnosis import DEFECT, SOUND, UNREADABLE
from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.reading import is_saved_model
from savedmodel_matrix.savedmodel.repair import repair
from savedmodel_matrix.views.diagnosis import headline, repaired, screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.savedmodel.repair import Repair

JSON = "json"
_FEW = 3  # artifacts that get a screen each; of more there is a line each


def run_diagnose(paths: Sequence[Path], *, form: str, fail_on: str) -> int:
    """Diagnose artifacts, in directory trees too: 0 sound, 1 not, 2 if one cannot be read."""
    found = [artifact for path in paths for artifact in _artifacts(path)]
    diagnoses = [diagnose(artifact) for artifact in found]
    if form == JSON:
        click.echo(json.dumps([d.to_json() for d in diagnoses], indent=2))
    else:
        _print(diagnoses)
    if any(d.verdict == UNREADABLE for d in diagnoses):
        return 2
    return int(any(d.verdict == DEFECT or d.at_least(fail_on) for d in diagnoses))


def _artifacts(path: Path) -> Iterator[Path]:
    """Yield the SavedModels at a path and below it; the path itself if there is none."""
    if not path.is_dir() or is_saved_model(path):
        yield path
        return
    number = 0
    for folder, folders, _ in os.walk(path):
        folders.sort()
        if is_saved_model(Path(folder)):
            folders.clear()
            number += 1
            yield Path(folder)
    if not number:
        yield path


def _print(diagnoses: Sequence[Diagnosis]) -> None:
    console = Console()
    for diagnosis in diagnoses:
        if len(diagnoses) > _FEW:
            _show(console, headline(diagnosis))
        else:
            _show(console, screen(diagnosis))
    if len(diagnoses) > 1:
        counts = [
            f"{sum(d.verdict == verdict for d in diagnoses)} {verdict}"
            for verdict in (SOUND, DEFECT, UNREADABLE)
        ]
        console.print(
            f"{len(diagnoses)} artifacts: {', '.join(counts)}", highlight=False, crop=False
        )


def _show(console: Console, shown: RenderableType) -> None:
    """Print text in which lines that are not to be wrapped (paths, commands) are not cropped."""
    console.print(Group(shown), highlight=False, crop=False)


def run_repair(source: Path, out: Path | None, *, form: str, dry_run: bool) -> int:
    """Repair an artifact: 0 if the result is sound, 1 if it has another defect still.

    Raises UserError where it is refused, cannot be read, or cannot be written.
    """
    try:
        done = repair(source, out, dry_run=dry_run)
    except (RepairRefused, UnreadableArtifact, FileExistsError) as error:
        raise UserError(f"{error}.") from error
    except OSError as error:
        raise UserError(
            f"{error.filename or out or source} cannot be written: {error.strerror or error}."
        ) from error
    if form == JSON:
        click.echo(json.dumps(_as_json(done), indent=2))
    else:
        console = Console()
        _show(console, repaired(done))
        if done.after:
            _show(console, screen(done.after))
    return int(done.after is not None and not done.after.sound)


def _as_json(done: Repair) -> dict[str, Any]:
    return {
        "source": done.source,
        "result": done.result,
        "changes": [asdict(change) for change in done.changes],
        "removed": list(done.removed),
        "after": done.after.to_json() if done.after else None,
    }

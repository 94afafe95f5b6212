"""What `diagnose` and `repair` do; the exit status is their result."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group

from savedmodel_matrix.commands.diagnosing import diagnosed
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.contract import HARMLESS, differences
from savedmodel_matrix.savedmodel.diagnose import examine
from savedmodel_matrix.savedmodel.diagnosis import DEFECT, UNREADABLE
from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.formats import artifacts
from savedmodel_matrix.savedmodel.repair import repair
from savedmodel_matrix.savedmodel.tree import tree
from savedmodel_matrix.views.diagnosis import repaired, screen
from savedmodel_matrix.views.diagnosis_formats import as_junit, as_markdown, as_sarif
from savedmodel_matrix.views.diagnosis_table import compared, conclusion, object_tree, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.savedmodel.repair import Repair

TEXT, JSON = "text", "json"
_FEW = 3  # artifacts that get a screen each; more are rows of a table


def run_diagnose(
    paths: Sequence[Path], *, form: str, fail_on: str, verbose: bool = False, jobs: int = 1
) -> int:
    """Diagnose artifacts, in directory trees too: 0 sound, 1 not, 2 if one cannot be read."""
    found = [artifact for path in paths for artifact in artifacts(path)]
    diagnoses = diagnosed(found, jobs, Console(stderr=True))
    if form == TEXT:
        _print(diagnoses, fail_on, verbose=verbose)
    else:
        click.echo(_formatted(diagnoses, form, fail_on))
    if any(d.verdict == UNREADABLE for d in diagnoses):
        return 2
    return int(any(d.verdict == DEFECT or d.at_least(fail_on) for d in diagnoses))


def _formatted(diagnoses: Sequence[Diagnosis], form: str, fail_on: str) -> str:
    if form == "markdown":
        return as_markdown(diagnoses, fail_on).rstrip("\n")
    if form == "junit":
        return as_junit(diagnoses, fail_on).rstrip("\n")
    if form == "sarif":
        return json.dumps(as_sarif(diagnoses), indent=2)
    return json.dumps([d.to_json() for d in diagnoses], indent=2)


def run_against(new: Path, old: Path, *, form: str) -> int:
    """Compare two artifacts as a client sees them: 1 if one of `old` would notice `new`.

    Raises UserError where one cannot be read.
    """
    try:
        found = differences(examine(old), examine(new))
    except UnreadableArtifact as error:
        raise UserError(f"{error}.") from error
    if form == JSON:
        click.echo(json.dumps([asdict(difference) for difference in found], indent=2))
    else:
        _show(Console(), compared(found, str(old), str(new)))
    return int(any(difference.risk != HARMLESS for difference in found))


def run_tree(path: Path) -> int:
    """Print the object graph of an artifact. Raises UserError where it cannot be read."""
    try:
        _show(Console(), object_tree(tree(path)))
    except UnreadableArtifact as error:
        raise UserError(f"{error}.") from error
    return 0


def _print(diagnoses: Sequence[Diagnosis], fail_on: str, *, verbose: bool) -> None:
    console = Console()
    if len(diagnoses) <= _FEW:
        for diagnosis in diagnoses:
            _show(console, screen(diagnosis, verbose=verbose))
    else:
        _show(console, table(diagnoses, fail_on, whole=verbose))
    if len(diagnoses) > 1:
        _show(console, conclusion(diagnoses, fail_on, whole=verbose or len(diagnoses) <= _FEW))


def _show(console: Console, shown: RenderableType) -> None:
    """Print text in which lines that are not to be wrapped (paths, commands) are not cropped."""
    console.print(Group(shown), highlight=False, crop=False)


def run_repair(
    source: Path, out: Path | None, *, form: str, dry_run: bool, reader: str | None = None
) -> int:
    """Repair an artifact: 0 if the result is sound, 1 if it has another defect still.

    Raises UserError where it is refused, cannot be read, or cannot be written.
    """
    try:
        done = repair(source, out, dry_run=dry_run, reader=reader)
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
        "taken_out": {
            "nodes": done.taken_out.nodes if done.taken_out else [],
            "attributes": done.taken_out.attributes if done.taken_out else [],
        },
        "after": done.after.to_json() if done.after else None,
    }

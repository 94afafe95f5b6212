"""What `diagnose` does; the exit status is its result."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console, Group

from savedmodel_matrix.commands.diagnosing import diagnosed
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.belonging import artifacts_of
from savedmodel_matrix.savedmodel.contract import HARMLESS, differences
from savedmodel_matrix.savedmodel.diagnose import examine
from savedmodel_matrix.savedmodel.diagnosis import DEFECT, UNREADABLE
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.formats import artifacts
from savedmodel_matrix.savedmodel.tree import tree
from savedmodel_matrix.views.diagnosis import screen
from savedmodel_matrix.views.diagnosis_formats import as_junit, as_markdown, as_sarif
from savedmodel_matrix.views.diagnosis_table import compared, conclusion, object_tree, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis

TEXT, JSON = "text", "json"
_FEW = 3  # artifacts that get a screen each; more are rows of a table


def run_diagnose(
    paths: Sequence[Path],
    *,
    form: str,
    fail_on: str,
    verbose: bool = False,
    jobs: int = 1,
    files: bool = False,
) -> int:
    """Diagnose artifacts, in directory trees too: 0 sound, 1 not, 2 if one cannot be read.

    With `files`, the artifacts that the paths belong to; where none does, it is 0.
    """
    if files:
        found = artifacts_of(paths)
    else:
        found = [artifact for path in paths for artifact in artifacts(path)]
    if not found:
        click.echo("No file that is named belongs to an artifact.", err=True)
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
        show(Console(), compared(found, str(old), str(new)))
    return int(any(difference.risk != HARMLESS for difference in found))


def run_tree(path: Path) -> int:
    """Print the object graph of an artifact. Raises UserError where it cannot be read."""
    try:
        show(Console(), object_tree(tree(path)))
    except UnreadableArtifact as error:
        raise UserError(f"{error}.") from error
    return 0


def _print(diagnoses: Sequence[Diagnosis], fail_on: str, *, verbose: bool) -> None:
    console = Console()
    if len(diagnoses) <= _FEW:
        for diagnosis in diagnoses:
            show(console, screen(diagnosis, verbose=verbose))
    else:
        show(console, table(diagnoses, fail_on, whole=verbose))
    if len(diagnoses) > 1:
        show(console, conclusion(diagnoses, fail_on, whole=verbose or len(diagnoses) <= _FEW))


def show(console: Console, shown: RenderableType) -> None:
    """Print text in which lines that are not to be wrapped (paths, commands) are not cropped."""
    console.print(Group(shown), highlight=False, crop=False)

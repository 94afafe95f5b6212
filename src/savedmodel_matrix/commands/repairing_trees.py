"""What `repair --recursive` does: every SavedModel of a tree, and a table at the end."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from savedmodel_matrix.commands.artifacts import JSON, show
from savedmodel_matrix.commands.repairing import Wanted, as_json, attempt
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.formats import artifacts
from savedmodel_matrix.savedmodel.many import FEW, in_processes
from savedmodel_matrix.savedmodel.reading import is_saved_model
from savedmodel_matrix.views.repaired import Row, ending, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from savedmodel_matrix.savedmodel.repair import Repair

_CHUNK = 4  # artifacts
_PLAIN_EVERY = 5.0  # seconds between plain lines


@dataclass(frozen=True)
class _Task:
    source: str
    out: str | None
    wanted: Wanted


def run_repair_tree(
    source: Path, out: Path | None, wanted: Wanted, *, form: str, jobs: int = 1
) -> int:
    """Repair every SavedModel below `source` into the same place below `out`, or in place.

    Returns 0 if every result is sound, 1 if one is not, 2 if one was refused or cannot be read;
    the others are repaired all the same. Raises UserError where `out` cannot be begun, and where
    there is nothing to repair.
    """
    found = [path for path in artifacts(source) if is_saved_model(path)]
    if not found:
        said = "has no SavedModel in it" if source.is_dir() else "is not a directory"
        raise UserError(f"{source} {said}: name a directory with SavedModels at or below it.")
    if out is not None and not wanted.dry_run:
        if os.path.lexists(out):
            raise UserError(f"{out} exists already: name a directory that does not.")
        if source.resolve() in out.resolve().parents:
            raise UserError(f"{out} lies in {source}: name a directory outside of it.")
    tasks = [
        _Task(str(path), None if out is None else str(out / path.relative_to(source)), wanted)
        for path in found
    ]
    rows = _with_progress(tasks, jobs, Console(stderr=True))
    if form == JSON:
        click.echo(json.dumps([data for _, data in rows], indent=2))
    else:
        console = Console()
        show(console, table([row for row, _ in rows]))
        show(console, ending([row for row, _ in rows], dry=wanted.dry_run))
    if any(row.refused for row, _ in rows):
        return 2
    return int(any(not row.sound for row, _ in rows))


def _with_progress(
    tasks: Sequence[_Task], jobs: int, console: Console
) -> list[tuple[Row, dict[str, Any]]]:
    done: list[tuple[Row, dict[str, Any]]] = []
    last = time.monotonic()
    try:
        for one in _all(tasks, jobs):
            done.append(one)
            if time.monotonic() - last >= _PLAIN_EVERY:
                last = time.monotonic()
                line = f"{len(done):,} of {len(tasks):,} artifacts"
                console.print(line, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        console.print(
            f"Interrupted: {len(done):,} of {len(tasks):,} artifacts are done, each of them whole.",
            highlight=False,
            soft_wrap=True,
        )
        raise
    return done


def _all(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[Row, dict[str, Any]]]:
    if jobs < 2 or len(tasks) <= FEW:
        yield from map(_one, tasks)
        return
    chunks = [tasks[start : start + _CHUNK] for start in range(0, len(tasks), _CHUNK)]
    number = 0
    try:
        for found in in_processes(_some, chunks, jobs):
            yield from found
            number += 1
    except BrokenProcessPool:
        said = "a process was ended, as if out of memory: run this again for what is left."
        for task in (task for chunk in chunks[number:] for task in chunk):
            yield _refused(task, said)


def _some(tasks: Sequence[_Task]) -> list[tuple[Row, dict[str, Any]]]:
    return [_one(task) for task in tasks]


def _one(task: _Task) -> tuple[Row, dict[str, Any]]:
    try:
        done = attempt(Path(task.source), Path(task.out) if task.out else None, task.wanted)
    except UserError as error:
        return _refused(task, str(error))
    return _row(done), as_json(done)


def _refused(task: _Task, said: str) -> tuple[Row, dict[str, Any]]:
    return Row(task.source, refused=said), {"source": task.source, "error": said}


def _row(done: Repair) -> Row:
    return Row(
        done.source,
        changes=len(done.changes),
        taken_out=len(done.taken_out.nodes) + len(done.taken_out.attributes)
        if done.taken_out
        else 0,
        spare_bytes=done.slimmed.spare_bytes if done.slimmed else 0,
        variables=done.slimmed.variables if done.slimmed else 0,
        sound=done.after is None or done.after.sound,
        worst=done.after.findings[0].message if done.after and not done.after.sound else "",
    )

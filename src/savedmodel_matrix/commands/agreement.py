"""What `agreement` does; its exit status is its result."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix.analysis.agreement import HAPPENED, confusion
from savedmodel_matrix.analysis.predictions import FAILS, RUNS
from savedmodel_matrix.commands.foretold import versions_of, with_predictions
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store import accepted
from savedmodel_matrix.store.run_directory import RunDirectory
from savedmodel_matrix.views.agreement import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from savedmodel_matrix.workspace.project import Project


def run_agreement(project: Project, results: Path | None, *, form: str) -> int:
    """Print the confusion table of each loader: 1 if there is a false alarm.

    Raises UserError where no cell says what its files predict.
    """
    found = confusion(_cells(project, results))
    if not found:
        where = results or project.results / "accepted"
        raise UserError(
            f"{where} has no cell of which the files say something: name the directory of a run "
            "whose artifacts are there."
        )
    if form == "json":
        told = [
            {
                "loader": one.loader,
                "counts": {p: {h: one.count(p, h) for h in HAPPENED} for p in (RUNS, FAILS)},
                "misses": _listed(one.misses),
                "false_alarms": _listed(one.alarms),
            }
            for one in found
        ]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        shown(found, Console())
    return int(any(one.alarms for one in found))


def _listed(cases: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [
        {"case": case, "reason": reason, "cells": number}
        for (case, reason), number in cases.items()
    ]


def _cells(project: Project, results: Path | None) -> Iterable[Mapping[str, Any]]:
    if results is None:
        return accepted.read_cells(project.results / "accepted")
    directory = RunDirectory(results)
    directory.check()
    try:
        lines = directory.cells.read_text(encoding="utf-8").splitlines()
        cells = [json.loads(line) for line in lines if line]
    except (OSError, ValueError) as error:
        raise UserError(f"{directory.cells} cannot be read ({error}): name a run.") from error
    say = Console(stderr=True).print
    return with_predictions(cells, directory, versions_of(project), say)

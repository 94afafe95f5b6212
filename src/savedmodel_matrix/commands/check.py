"""What `check` does: somebody's own artifacts through loaders and environments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group

from savedmodel_matrix.analysis.predictions import Checked, Told, disagreements
from savedmodel_matrix.commands.foretold import versions_of, with_predictions
from savedmodel_matrix.commands.job import worked
from savedmodel_matrix.commands.ready import CASES, CHECKS, arrays_of, cells_of, diagnosed, ready
from savedmodel_matrix.commands.shown import shown_path
from savedmodel_matrix.model.cell_record import portable
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.views.checked import screen
from savedmodel_matrix.views.report.publish import build_of_run
from savedmodel_matrix.workspace.given import write_case

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from savedmodel_matrix.workspace.project import Project


def run_check(project: Project, paths: Sequence[Path], **options: Any) -> int:
    """Run artifacts through loaders and environments, and say where they give the same numbers.

    Returns 0 if every cell passes, 1 if one does not or if the files predict something else than
    what happened, 2 if a cell was not run. Raises UserError for an artifact that cannot be read or
    fed, for one that is not safe to run and not trusted, and for an option that names nothing.
    """
    read = [(path, diagnosed(path, trusted=options["trust"])) for path in paths]
    artifacts = [ready(project, path, found, options["reference"]) for path, found in read]
    if len(artifacts) > 1 and (options["inputs"] or options["expected"]):
        raise UserError("--inputs and --expected are of one artifact: check one at a time.")
    arrays = [arrays_of(one, options) for one in artifacts]
    directory = RunDirectory(options["results"] or project.results / CHECKS)
    directory.check()
    if options["results"] is None:
        of_project(project.results).claim()
    directory.claim()
    where = directory.hidden / CASES
    names = [
        write_case(where, one.path, *given) for one, given in zip(artifacts, arrays, strict=True)
    ]
    loaders, planned = cells_of(project, where, names, artifacts, options)
    progress = Console(stderr=True)
    how = {"cross": False, **options}
    with worked(project, planned, loaders, directory, progress, how) as run:
        cells = list(run.cells.values())
        predicted = with_predictions(cells, directory, versions_of(project), progress.print)
        made = run.describe()
        table = from_cells(cells)
        write_files(
            {
                directory.place / "run.json": (json.dumps(made, indent=1) + "\n").encode(),
                directory.place / "matrix.csv": csv_bytes(table),
            },
            directory.unfinished,
        )
        cases = list({cell.case.name: cell.case for cell in planned}.values())
        build_of_run(
            lambda: [portable(cell, str(project.root)) for cell in predicted],
            made,
            cases,
            directory,
            rests_on=run.rests_on(),
            plugins=project.plugins,
        )
    stated = {name: one.tensorflow for name, one in project.environments.items()}
    checked = [
        Checked(
            path=str(one.path),
            reference="" if options["expected"] else one.reference,
            wrote=one.diagnosis.tensorflow,
            told={
                loader: Told(verdict.verdict, verdict.because, verdict.since, verdict.until)
                for loader, verdict in one.diagnosis.loaders.items()
            },
            cells=[cell for cell in cells if cell["case"] == name],
            versions=stated,
            remedies=tuple(
                dict.fromkeys(
                    finding.remedy for finding in one.diagnosis.findings if finding.remedy
                )
            ),
        )
        for one, name in zip(artifacts, names, strict=True)
    ]
    if options["form"] == "json":
        click.echo(json.dumps([one.to_json() for one in checked], indent=2))
    else:
        console = Console()
        for one in checked:
            console.print(Group(*screen(one)), highlight=False, crop=False)
        said = f"Whole: {shown_path(directory.report / 'index.html')}"
        console.print(said, highlight=False, soft_wrap=True, markup=False)
    return _status(checked)


def _status(checked: Sequence[Checked]) -> int:
    statuses = {cell["status"] for one in checked for cell in one.cells}
    if "not-run" in statuses:
        return 2
    wrong = any(disagreements(one) for one in checked)
    return int(wrong or bool(statuses - {"pass", "not-applicable"}))

"""A against A: everything run twice, to find the cells that are flaky.

A cell that does not come out the same twice, from the same code in the same environment, says
nothing about a version. It is named and published as flaky, never run again until it is green.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.commands.job import check_accepted, worked
from savedmodel_matrix.commands.selection import select
from savedmodel_matrix.commands.shown import shown_path
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import csv_bytes, from_cells, key_of, rows_of
from savedmodel_matrix.store.flaky import FILE, flaky_cells, load_selfcheck, made
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.report.publish import publish
from savedmodel_matrix.views.wording import in_words, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.store.flaky import Flaky
    from savedmodel_matrix.workspace.project import Project

RUNS = ("first", "second")
SHOWN = 20  # flaky cells


def run_selfcheck(project: Project, **options: Any) -> int:
    """Run the selected cells twice, name those that do not agree, and write down what was found.

    Returns 0 if every cell agrees, 1 if one does not, 2 if one was not run.
    """
    project = project.with_plugins(options["plugins"])
    _, loaders, planned, full = select(project, options)
    if options["accept"]:
        load_selfcheck(project.results / "accepted")
        check_accepted(project, full=True)
    directory = RunDirectory(options["results"] or project.results / "selfcheck")
    directory.check()
    if options["results"] is None:
        of_project(project.results).claim()
    directory.claim()
    place = directory.place
    console, progress = Console(), Console(stderr=True)
    tables, described = [], {}
    for name in RUNS:
        progress.print(f"The {name} of two runs:", highlight=False)
        one = RunDirectory(place / name)
        with worked(project, planned, loaders, one, progress, options) as run:
            tables.append(from_cells(run.cells.values()))
            described = run.describe()
            write_files({place / name / "matrix.csv": csv_bytes(tables[-1])}, one.unfinished)
    found = flaky_cells(*tables)
    checked = made(described, len(tables[0]), found)
    write_files({place / FILE: checked}, directory.hidden)
    tell(found, len(tables[0]), console)
    console.print(f"Written to {shown_path(place / FILE)}", highlight=False, soft_wrap=True)
    unknown = sum(row["status"] == "not-run" for table in tables for row in rows_of(table))
    if options["accept"]:
        if unknown or not full:
            raise UserError("Only a full selfcheck without a cell that is not-run is accepted.")
        write_files({project.results / "accepted" / FILE: checked})
        publish(project)
        console.print("Accepted; report/ shows it.", highlight=False)
    if unknown:
        console.print(f"{number_of(unknown, 'cell was', 'cells were')} not run.", highlight=False)
        return 2
    return 1 if found else 0


def tell(found: Sequence[Flaky], cells: int, console: Console) -> None:
    """Print the cells that do not agree, or that all do."""
    if not found:
        console.print(f"Two runs agree in each of {cells} cells.", highlight=False)
        return
    console.print(f"{len(found)} of {cells} cells are flaky:", highlight=False)
    for one in found[:SHOWN]:
        was, now = (in_words(outcome(row)) for row in (one.first, one.second))
        ways = f"{was}, then {now}" if was != now else f"{was}, but not in the same way"
        line = f"  {', '.join(key_of(one.first))}: {ways}"
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
    if len(found) > SHOWN:
        console.print(f"  … and {len(found) - SHOWN} more", highlight=False)

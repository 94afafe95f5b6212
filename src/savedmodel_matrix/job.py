"""What `matrix` does, as a list of small tasks; its exit status is its result."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix import accepted as accepted_module
from savedmodel_matrix.analysis import summarise
from savedmodel_matrix.catalogue import (
    choose,
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
)
from savedmodel_matrix.cells import portable
from savedmodel_matrix.errors import UserError
from savedmodel_matrix.estimate import Estimate
from savedmodel_matrix.explanations import explanations
from savedmodel_matrix.host.outcome import NO_ROOM
from savedmodel_matrix.markdown import markdown
from savedmodel_matrix.plan import Cell, Selected, plan_cells, producing
from savedmodel_matrix.progress import Reporter
from savedmodel_matrix.report.publish import build_of_run, published
from savedmodel_matrix.run import GIB, Options, Run
from savedmodel_matrix.store import Limits, Store, locked
from savedmodel_matrix.table import csv_bytes, from_cells, key_of, sort_key, write_files
from savedmodel_matrix.terminal import terminal
from savedmodel_matrix.tour import read_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from savedmodel_matrix.catalogue import Case, Loader
    from savedmodel_matrix.project import Project

SELECTING = ("environment", "producer", "consumer", "cross", "case", "remedy", "loader", "cases")


def run_matrix(project: Project, **options: Any) -> int:
    """Run the selected cells, print the table, compare it with the accepted one."""
    cases, loaders, planned = select(project, options)
    full = not any(options[name] for name in SELECTING)
    results = (options["results"] or project.results).absolute()
    console, progress = Console(), Console(stderr=True)
    warn_of_unreadable(cases, progress)
    took = how_long(project) if full else ""
    with worked(project, planned, loaders, results, progress, options, took) as run:
        table = from_cells(run.cells.values())
        before = accepted_module.load_table(project.results / "accepted")
        logs = {key_of(cell): str(cell["log"]) for cell in run.cells.values() if cell["log"]}
        summary = summarise(table, before, full=full, logs=logs, explained=explanations())
        shown = shown_path(results)
        made = run.describe()
        write_files(
            {
                results / "run.json": (json.dumps(made, indent=1) + "\n").encode(),
                results / "matrix.csv": csv_bytes(table),
                results / "matrix.md": markdown(summary, results=shown).encode(),
            }
        )
        terminal(summary, console, results=shown)
        tell_where(run.cells.values(), console)
        console.print(ran_line(run, len(planned)), highlight=False, soft_wrap=True)
        portables = [portable(cell, str(project.root)) for cell in run.cells.values()]
        groups = list(read_groups(project.cases))
        build_of_run(portables, made, cases, results, ran=run.ran > 0, groups=groups)
    console.print(f"Report: {shown}/report/index.html", highlight=False, soft_wrap=True)
    if options["accept"]:
        take_over(portables, project, console, full=full, made=made)
        before = accepted_module.load_table(project.results / "accepted")
        differences = accepted_module.compare(table, before, full=full)
        return accepted_module.exit_status(differences, table, strict=options["strict"])
    return accepted_module.exit_status(summary.differences, table, strict=options["strict"])


def select(
    project: Project, options: dict[str, Any]
) -> tuple[list[Case], list[Loader], list[Cell]]:
    """Return the chosen cases, all loaders, and the selected cells. Raises UserError."""
    cases = find_cases([project.cases, *(Path(d).absolute() for d in options["cases"])])
    remedies, loaders = find_remedies(), find_loaders()
    chosen = choose("case", options["case"], [case.name for case in cases])
    cases = [case for case in cases if case.name in chosen]
    remedy = choose("remedy", options["remedy"], [one.name for one in remedies])
    loader = choose("loader", options["loader"], [one.name for one in loaders])
    planned = plan_cells(
        cases,
        [one for one in remedies if one.name in remedy],
        [one for one in loaders if one.name in loader],
        select_environments(project, loaders, options),
        find_converters(),
    )
    return cases, loaders, planned


def select_environments(
    project: Project, loaders: Sequence[Loader], options: dict[str, Any]
) -> Selected:
    """Return which environments save and which load. Raises UserError."""
    if options["environment"] and (options["producer"] or options["consumer"]):
        raise UserError("Use --environment, or --producer and --consumer, but not both.")
    able = producing(list(project.environments.values()), loaders)
    names = [one.name for one in able]
    saving = project.select(options["environment"] or options["producer"])
    loading = project.select(options["consumer"] or options["environment"])
    asked = {one.environment for one in loaders if one.name in options["loader"]}
    producers = [name for name in saving if name in names]
    if not producers:
        raise UserError(
            f"Nothing saves in {' or '.join(saving)}: name an environment that can save with "
            "--producer, and this one with --consumer."
        )
    return Selected(
        environments=tuple(able),
        producers=tuple(producers),
        consumers=tuple(name for name in loading if name in names) if options["consumer"] else None,
        own=frozenset(name for name in [*loading, *asked] if name not in names),
        cross=options["cross"],
    )


def run_options(options: dict[str, Any]) -> Options:
    """Return how to run, from the command line's options."""
    limits = Limits(seconds=options["timeout"], memory=int(options["memory"] * GIB))
    chosen = {"jobs": options["jobs"], "limits": limits, "fresh": options["fresh"]}
    if options["process_per_step"]:
        chosen["forking"] = False
    return Options(**chosen)


def warn_of_unreadable(cases: Iterable[Case], console: Console) -> None:
    """Say at once which cases cannot work; they are run and recorded all the same."""
    for case in cases:
        if case.complaint:
            console.print(case.complaint, markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def worked(
    project: Project,
    planned: Sequence[Cell],
    loaders: Sequence[Loader],
    results: Path,
    progress: Console,
    options: dict[str, Any],
    took: str = "",
) -> Iterator[Run]:
    """Run the planned cells and yield the run; nobody else writes to ``results`` meanwhile.

    Raises UserError where another run has the directory, or it takes no more.
    """
    with locked(results):
        store = Store(results)
        store.open()
        try:
            run = Run(
                project,
                planned,
                loaders,
                store,
                Reporter(progress, len(planned), options["jobs"]),
                run_options(options),
                lambda: Estimate(accepted_module.load_cells(project.results / "accepted")),
            )
            work(run, results, len(planned), took)
        finally:
            store.close()
        yield run


def work(run: Run, results: Path, total: int, took: str) -> None:
    """Run with progress; every process is gone when this returns or raises."""
    reporter = run.reporter
    try:
        with reporter:
            reporter.say(f"{total} cells. {took}" if took else f"{total} cells.")
            asyncio.run(run.run(results / "cells.jsonl"))
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise UserError(
            f"{results} took no more: {error.strerror}. What was finished is kept: make room, "
            "and the same command goes on from there."
        ) from error


def how_long(project: Project) -> str:
    """Say how long the accepted full run took, where that is known."""
    made = accepted_module.load_run(project.results / "accepted")
    cells = len(accepted_module.load_table(project.results / "accepted"))
    if not made.get("seconds") or made.get("cells_run", 0) < cells:
        return ""  # it went on from another run, whose time nobody added up
    return (
        f"From nothing, the accepted run took {made['seconds'] / 60:.0f} minutes "
        f"on {made['cores']} cores; what is known already is not run again."
    )


def shown_path(path: Path) -> str:
    """Return a path as a person would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def tell_where(cells: Iterable[dict[str, Any]], console: Console) -> None:
    """Name file and line of each case that could not be built, once each."""
    said = {
        f"{shown_path(Path(cell['where'].rpartition(':')[0]))}:{cell['where'].rpartition(':')[2]}: "
        + " ".join(str(cell["message"]).split())[:200]
        for cell in cells
        if cell["stage"] == "build" and cell["where"]
    }
    for line in sorted(said)[:20]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def ran_line(run: Run, total: int) -> str:
    """Say what was run and what was known."""
    if not run.ran:
        return f"Nothing to run: all {total} cells were known already."
    minutes, seconds = divmod(round(run.measured.wall), 60)
    overhead = run.measured.overhead(os.cpu_count() or 1)
    return (
        f"Ran {run.ran} of {total} cells in {minutes} min {seconds} s, knew {total - run.ran}; "
        f"wall x cores / CPU of steps and host starts: {overhead:.2f}."
    )


def take_over(
    cells: Iterable[dict[str, Any]],
    project: Project,
    console: Console,
    *,
    full: bool,
    made: dict[str, Any],
) -> None:
    """Accept the outcomes of the cells that ran and say what that changes.

    Those of a full run replace the published report too, whole, or neither is replaced.
    """
    in_order: list[dict[str, Any]] = sorted(cells, key=sort_key)
    ordered = accepted_module.Publishable(in_order)
    accepted = project.results / "accepted"
    if full:
        with published(project, ordered, made):
            took = accepted_module.accept(ordered, accepted, full=True, run=made)
        report = "report/ shows them."
    else:
        took = accepted_module.accept(ordered, accepted, full=False, run=made)
        report = "report/ is as it was; `nox -s report` builds it anew."
    console.print(
        f"Accepted: {len(took.changed)} changed, {len(took.new)} new, {len(took.gone)} gone; "
        f"{report}",
        highlight=False,
        soft_wrap=True,
    )

"""What `matrix` does, as a list of small tasks; its exit status is its result."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix.analysis.differences import compare, exit_status
from savedmodel_matrix.analysis.history import entry_of
from savedmodel_matrix.analysis.machines import other_numerics, other_processor
from savedmodel_matrix.commands import sharding
from savedmodel_matrix.commands.again import BY_NOX, remember, witness_of
from savedmodel_matrix.commands.clustering import check_dask, on_dask
from savedmodel_matrix.commands.durations import estimated
from savedmodel_matrix.commands.first import show_first
from savedmodel_matrix.commands.foretold import versions_of, with_predictions
from savedmodel_matrix.commands.page import Page
from savedmodel_matrix.commands.progress import Reporter
from savedmodel_matrix.commands.selection import asked, everything, select
from savedmodel_matrix.commands.shown import shown_path, summed_up
from savedmodel_matrix.engine import interruption
from savedmodel_matrix.engine.run import GIB, Options, Run
from savedmodel_matrix.host.protocol import SHORT
from savedmodel_matrix.model.cell_record import portable
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.table import csv_bytes, from_cells, rows_of, sort_key
from savedmodel_matrix.store import accepted as accepted_module
from savedmodel_matrix.store import snapshot
from savedmodel_matrix.store.history import DIRECTORY as HISTORY
from savedmodel_matrix.store.history import file_of, read_history
from savedmodel_matrix.store.listed import check_replaceable, is_begun
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.store.witness import witnessing
from savedmodel_matrix.views.changes import taken
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.markdown import markdown
from savedmodel_matrix.views.next_steps import COMMAND, WITHOUT_NOX, next_steps
from savedmodel_matrix.views.report.publish import PUBLISHED, build_of_run, check_pages, published
from savedmodel_matrix.views.terminal import terminal
from savedmodel_matrix.workspace.tour import read_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.analysis.summary import Summary
    from savedmodel_matrix.engine.cluster_run import ClusterRun
    from savedmodel_matrix.engine.measured import Measured
    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.store.witness import Witness
    from savedmodel_matrix.views.next_steps import Step
    from savedmodel_matrix.workspace.project import Project


ONE_PART = (
    "--accept takes over a whole table, and --shard runs a part of it: run the parts without "
    "--accept, merge them (savedmodel-matrix merge), and accept with --results of the merged one."
)


def run_matrix(project: Project, **options: Any) -> int:
    """Run the selected cells, print the table, compare it with the accepted one."""
    if options["shard"] and options["accept"]:
        raise UserError(ONE_PART)
    check_dask(options)
    project = project.with_plugins(options["plugins"])
    directory = chosen_directory(project, options["results"])
    directory.check()
    witness = witness_of(project, directory.place)
    with witnessing(witness):
        return _run_matrix(project, directory, options, witness)


def _what_next(
    project: Project,
    options: Mapping[str, Any],
    summary: Summary,
    loaders: Sequence[Loader],
    ran: int,
) -> list[Step]:
    every = everything(project, options)
    command = COMMAND if os.environ.get(BY_NOX) else WITHOUT_NOX
    usual = _usual(project, loaders)
    return next_steps(summary, options, usual, command, every if every > ran else 0)


def _usual(project: Project, loaders: Sequence[Loader]) -> list[str]:
    """Return the loaders that need no environment beside the default ones: others cost minutes."""
    return [one.name for one in loaders if one.environment in {"", *project.select()}]


def _run_matrix(
    project: Project, directory: RunDirectory, options: dict[str, Any], witness: Witness
) -> int:
    results = directory.place
    cases, loaders, planned, full = select(project, options)
    sharded = sharding.share(project, planned, options["shard"], full=full)
    if sharded:
        planned, full = sharded.cells, False  # what other parts have is not gone
    if options["accept"]:
        check_accepted(project, full=full)
    kinds = {(cell.producer, cell.loader.name, cell.consumer) for cell in planned}
    page, said = Page(Console()), Page(Console(stderr=True))
    console = page.console
    with said.keeping():
        warn_of_unreadable(cases, said.console)
    accepted = project.results / "accepted"
    chosen = None if full else {cell.case.name for cell in planned}
    before = accepted_module.load_table(accepted, chosen)
    accepted_run = accepted_module.load_run(accepted)
    took = how_long(accepted_run, len(before)) if full else ""
    total = f"{sharded.announced if sharded else len(planned)} cells. {took}".strip()
    said.instead(total)
    first = functools.partial(
        show_first, project=project, cases=cases, results=results, console=said.console
    )
    with worked(project, planned, loaders, directory, said.console, options, total, first) as run:
        table = from_cells(run.cells.values())
        shown = shown_path(results)
        made = run.describe() | {"full": full, "asked": asked(options)}
        made |= sharded.stated if sharded else {}
        summary = summed_up(
            run.cells.values(),
            before,
            project,
            cases,
            results=results,
            full=full,
            planned=kinds,
            environments=made["environments"],
            has_accepted=(accepted / accepted_module.TABLE).exists(),
        )
        differs = bool(summary.differences.changed or summary.differences.gone)
        elsewhere = differing(made, accepted_run) if differs else ""
        above = f"> {one_line(elsewhere)}\n\n" if elsewhere else ""
        write_files(
            {
                results / "run.json": (json.dumps(made, indent=1) + "\n").encode(),
                results / "matrix.csv": csv_bytes(table),
                results / "matrix.md": (above + markdown(summary, results=shown)).encode(),
            },
            directory.unfinished,
        )
        steps = _what_next(project, options, summary, loaders, len(planned))
        with page.keeping():
            if elsewhere:
                print_line(elsewhere, console)
            terminal(summary, console, results=shown, steps=steps, verbose=options["verbose"])
        for line in ran_lines(run, len(planned), verbose=options["verbose"]):
            print_line(line, console)
        page.instead(known_line(len(planned)))
        groups, own, rests_on = list(read_groups(project.cases)), project.plugins, run.rests_on()

        @functools.cache
        def portables() -> list[dict[str, Any]]:
            return told(run, project, directory, console)

        build_of_run(
            portables, made, cases, directory, rests_on=rests_on, groups=groups, plugins=own
        )
        with page.keeping():
            print_line(f"Whole: {shown}/matrix.md, {shown}/report/index.html", console)
            for line in sharded.said(shown) if sharded else ():
                print_line(line, console)
        status = exit_status(summary.differences, table, strict=options["strict"])
        if not options["accept"] and not summary.not_run and not options["dask"]:
            remember(project, results, options, witness, (page.text, said.text), status)
    if options["accept"]:
        take_over(portables(), project, console, summary, full=full, made=made, kinds=kinds)
        after = accepted_module.load_table(accepted, chosen)
        left = compare(table, after, full=full, planned=kinds)
        return exit_status(left, table, strict=options["strict"])
    return status


def told(
    run: Run | ClusterRun, project: Project, directory: RunDirectory, console: Console
) -> list[dict[str, Any]]:
    """Return the cells of a run as a report shows them, with what the files of artifacts say."""
    cells = with_predictions(
        run.cells.values(), directory, versions_of(project), lambda s: print_line(s, console)
    )
    return [portable(cell, str(project.root)) for cell in cells]


def check_accepted(project: Project, *, full: bool) -> None:
    """Raise UserError if what `--accept` replaces at the end was not written by us."""
    accepted_module.check(project.results / "accepted")
    if full:
        read_history(project.results / HISTORY)
        check_replaceable(project.root / PUBLISHED)
        check_pages(project)


def chosen_directory(project: Project, results: Path | None) -> RunDirectory:
    """Return the directory that was chosen, the project's own if none was."""
    if results is None or results.absolute() == project.results.absolute():
        return of_project(project.results)
    return RunDirectory(results)


def run_options(options: dict[str, Any]) -> Options:
    """Return how to run, from the command line's options."""
    limits = Limits(seconds=options["timeout"], memory=int(options["memory"] * GIB))
    chosen = {name: options[name] for name in ("jobs", "fresh")}
    chosen |= {"limits": limits, "sample": options["cross"]}
    if options["process_per_step"]:
        chosen["forking"] = False
    return Options(**chosen)


def warn_of_unreadable(cases: Iterable[Case], console: Console) -> None:
    """Say at once which cases cannot work; they are run and recorded all the same."""
    for case in cases:
        if case.complaint:
            print_line(case.complaint, console)


def print_line(text: str, console: Console) -> None:
    """Print a line that is not broken, nothing in it acting."""
    console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def worked(
    project: Project,
    planned: Sequence[Cell],
    loaders: Sequence[Loader],
    directory: RunDirectory,
    progress: Console,
    options: dict[str, Any],
    total: str = "",
    first: Callable[[Sequence[Mapping[str, Any]]], None] = lambda _: None,
) -> Iterator[Run | ClusterRun]:
    """Run the planned cells and yield the run; nobody else writes to ``directory`` meanwhile.

    ``first`` shows the cells of the case that comes first, as soon as they are all there.
    Raises UserError where it is not ours or another run has it, or it takes no more.
    """
    with directory.locked():
        snapshot.remove(directory.place)  # what it says is about to change
        if not is_begun(directory.report):  # else it is looked over when it is replaced
            check_replaceable(directory.report)
        store = Store(directory, say=lambda said: print_line(said, progress))
        store.open()
        reporter = Reporter(progress, len(planned), options["jobs"], first)
        try:
            asked = (project, planned, loaders, store, reporter, run_options(options))
            estimate = functools.partial(estimated, project)
            run: Run | ClusterRun
            if options.get("dask"):
                run = on_dask(*asked, estimate, options=options)
            else:
                run = Run(*asked, estimate)
            work(run, reporter, directory.place, total or f"{len(planned)} cells.")
            run.read()  # while the store is open
        finally:
            store.close()
        yield run


def work(run: Run | ClusterRun, reporter: Reporter, results: Path, total: str) -> None:
    """Run with progress, after saying how much there is; every process is gone at the end."""
    try:
        with reporter:
            reporter.say(total)
            interruption.run(run.run())
    except OSError as error:
        if error.errno not in SHORT:
            raise
        raise UserError(
            f"{results} took no more: {error.strerror}. What was finished is kept: make room, "
            "and the same command goes on from there."
        ) from error


def how_long(made: Mapping[str, Any], cells: int) -> str:
    """Say how long the accepted full run of so many cells took, where that is known."""
    if not made.get("seconds") or made.get("cells_run", 0) < cells:
        return ""  # it went on from another run, whose time nobody added up
    return (
        f"From nothing, the accepted run took {made['seconds'] / 60:.0f} minutes "
        f"on {made['cores']} cores; what is known already is not run again."
    )


def known_line(total: int) -> str:
    """Say that nothing had to be run."""
    return f"Nothing to run: all {total} cells were known already."


def ran_lines(run: Run | ClusterRun, total: int, *, verbose: bool) -> list[str]:
    """Say what was run and what was known; ``verbose``: how well cores were used, too."""
    if not run.ran:
        return [known_line(total)]
    minutes, seconds = divmod(round(run.measured.wall), 60)
    lines = [
        f"Ran {run.ran} of {total} cells in {minutes} min {seconds} s, knew {total - run.ran}."
    ]
    if verbose and run.measured.steps:
        overhead = run.measured.overhead(os.cpu_count() or 1)
        lines.append(f"Wall x cores / CPU of steps and host starts: {overhead:.2f}.")
        lines += alone_lines(run.measured)
    return lines


def alone_lines(measured: Measured) -> list[str]:
    """Say how fast the loads went, and what a process for each would have taken, if known."""
    if not measured.alone:
        return []
    few = sum(map(len, measured.alone.values()))
    said = (
        f"{measured.loads} loads, {measured.loads_a_second:.1f} a second. With a process for each "
        f"they would take {measured.hours_alone:.1f} process-hours (measured on {few} of them)."
    )
    return [said]


def differing(made: Mapping[str, Any], accepted_run: Mapping[str, Any]) -> str:
    """Say that the accepted run was made on another processor or otherwise computed, if so."""
    said = (other_processor(made, accepted_run), other_numerics(accepted_run, made))
    return " ".join(filter(None, said))


def take_over(
    cells: Iterable[dict[str, Any]],
    project: Project,
    console: Console,
    summary: Summary,
    *,
    full: bool,
    made: dict[str, Any],
    kinds: Collection[tuple[str, str, str]],
) -> None:
    """Say what accepting the outcomes of the cells that ran takes over, and accept them.

    ``kinds`` are the producers, loaders and consumers of all that was planned. What a full run
    found replaces the published report too, whole, or neither is replaced, and it adds an entry to
    the history.
    """
    in_order: list[dict[str, Any]] = sorted(cells, key=sort_key)
    ordered = accepted_module.Publishable(in_order)
    accepted = project.results / "accepted"
    for line in taken(summary):
        print_line(line, console)
    if full:
        together = accepted_module.together(ordered, accepted, full=True, run=made, planned=kinds)
        entry = entry_of(rows_of(from_cells(in_order)), made, summary.changes)
        history = [*read_history(project.results / HISTORY), entry]
        whole = accepted_module.Publishable(together.cells)
        with published(project, whole, together.run, history):
            accepted_module.accept(
                ordered,
                accepted,
                full=True,
                run=made,
                planned=kinds,
                beside=file_of(entry, project.results / HISTORY),
            )
        report = "report/ shows them."
    else:
        accepted_module.accept(ordered, accepted, full=False, run=made)
        report = "report/ is unchanged: `nox -s report` builds it from the accepted cells."
    print_line(f"Accepted {len(in_order)} cells; {report}", console)

"""What the pytest plugin asks of the harness: which cells, and how each of them ended."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from savedmodel_matrix.analysis.change_class import ChangeClass, classify
from savedmodel_matrix.commands.job import chosen_directory, told, warn_of_unreadable, worked
from savedmodel_matrix.commands.selection import select
from savedmodel_matrix.commands.shown import shown_path, summed_up
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import (
    FAILURES,
    KEY,
    csv_bytes,
    from_cells,
    key_of,
    rows_of,
)
from savedmodel_matrix.store import accepted
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.markdown import markdown
from savedmodel_matrix.views.report.publish import build_of_run
from savedmodel_matrix.workspace.project import find_project
from savedmodel_matrix.workspace.tour import read_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.model.table import Row
    from savedmodel_matrix.workspace.project import Project

OPTION = "--savedmodel-matrix"
MATRIX = "savedmodel-matrix matrix"
# What a test suite cannot mean: to accept is a decision, and each test has its own outcome.
REFUSED = ("accept", "shard", "strict", "verbose")
KEPT = ("cases", "plugins", "results")  # options without which a cell may not be found again
LONGEST = 400  # characters of a message; all of it is in the log and in cells.jsonl


@dataclass(frozen=True)
class Chosen:
    """The cells that the options select in a project, and how to run them."""

    project: Project
    options: Mapping[str, Any]
    cases: list[Case]
    loaders: list[Loader]
    cells: list[Cell]
    full: bool

    @property
    def file(self) -> Path:
        """The file that states the project, from which the cells are collected."""
        return self.project.root / "pyproject.toml"


@dataclass(frozen=True)
class Ended:
    """How a cell ended, for a test; what is "" does not hold.

    ``accepted``: it is accepted as failing, and ``failed`` is empty where it passes by now.
    """

    failed: str = ""
    skipped: str = ""
    not_run: str = ""
    accepted: str = ""


def choose(words: Sequence[str], directory: Path) -> Chosen:
    """Return what options of `savedmodel-matrix matrix` select in the project of a directory.

    Raises UserError for an option that there is not, or that a test suite cannot mean.
    """
    options = _options(words)
    project = find_project(directory).with_plugins(options["plugins"])
    cases, loaders, cells, full = select(project, options)
    return Chosen(project, options, cases, loaders, cells, full)


def _options(words: Sequence[str]) -> dict[str, Any]:
    from savedmodel_matrix.commands.cli import main  # noqa: PLC0415 - which imports every command

    parent = click.Context(main, **main.context_settings)
    try:
        with main.commands["matrix"].make_context("matrix", list(words), parent) as context:
            options = dict(context.params)
    except click.exceptions.Exit:  # --help has printed it
        raise UserError(f"{OPTION} takes the options above that select cells.") from None
    except click.ClickException as error:
        raise UserError(f"{OPTION}: {error.format_message()}") from error
    if refused := [name for name in REFUSED if options[name]]:
        raise UserError(
            f"{OPTION} does not take --{refused[0]}: use `{MATRIX} --{refused[0]}` for that."
        )
    return options


def run(chosen: Chosen, cells: Sequence[Cell]) -> dict[tuple[str, ...], Ended]:
    """Run cells in the project's own results, but for those that are known, and say how they ended.

    The results are those that `matrix` leaves, report and all; progress goes to stderr. Raises
    UserError, and CancelledError or KeyboardInterrupt where it was interrupted.
    """
    project, options = chosen.project, chosen.options
    directory = chosen_directory(project, options["results"])
    directory.check()
    progress = Console(stderr=True)
    warn_of_unreadable(chosen.cases, progress)
    place = project.results / "accepted"
    table = accepted.load_table(place, {cell.case.name for cell in cells})
    before = {key_of(row): row for row in rows_of(table)}
    total = f"{len(cells)} cells."
    with worked(
        project, cells, chosen.loaders, directory, progress, dict(options), total
    ) as running:
        found = list(running.cells.values())
        full = chosen.full and len(cells) == len(chosen.cells)
        made = running.describe() | {"full": full}
        summary = summed_up(
            found,
            table,
            project,
            chosen.cases,
            results=directory.place,
            full=full,
            environments=made["environments"],
            has_accepted=(place / accepted.TABLE).exists(),
        )
        rows = from_cells(found)
        shown = shown_path(directory.place)
        write_files(
            {
                directory.place / "run.json": (json.dumps(made, indent=1) + "\n").encode(),
                directory.place / "matrix.csv": csv_bytes(rows),
                directory.place / "matrix.md": markdown(summary, results=shown).encode(),
            },
            directory.unfinished,
        )
        build_of_run(
            lambda: told(running, project, directory, progress),
            made,
            chosen.cases,
            directory,
            rests_on=running.rests_on(),
            groups=list(read_groups(project.cases)),
            plugins=project.plugins,
        )
    by_key = {key_of(cell): cell for cell in found}
    planned: dict[tuple[str, ...], Cell] = {cell.key: cell for cell in cells}
    return {
        key_of(row): ended(
            row, before.get(key_of(row)), _details(by_key[key_of(row)], planned, chosen)
        )
        for row in rows_of(rows)
    }


def ended(row: Row, before: Row | None, details: str) -> Ended:
    """Say what a test has to make of a cell; ``before`` is its accepted outcome, if it has one.

    Accepted outcomes are a contract, as for `matrix`: what is as accepted is quiet, and whatever
    differs is loud, a pass too. A cell that was never accepted fails where it does not pass.
    """
    status = row["status"]
    if status == "not-run":
        return Ended(not_run=f"not run, {_outcome(row)}\n{details}")
    kind = classify(before, row)
    if before and kind is ChangeClass.FIXED:
        how = f"take it over with `{MATRIX} --accept`"
        return Ended(accepted=f"accepted as failing, {_outcome(before)}; it passes now: {how}")
    if before and kind is not ChangeClass.SAME:
        said = f"{kind.title}: {kind.says}\naccepted: {_outcome(before)}\nnow: {_outcome(row)}"
        return Ended(failed=f"{said}\n{details}")
    if status == "not-applicable":
        return Ended(skipped=f"not applicable: {one_line(row['reason'])}")
    if status not in FAILURES:
        return Ended()
    quiet = f"accepted as failing, {_outcome(row)}" if before else ""
    return Ended(failed=details, accepted=quiet)


def _outcome(row: Row) -> str:
    """Return an outcome in a line: what happened, at which stage, and why."""
    stage = f" at stage {row['stage']}" if row["stage"] and row["status"] != "pass" else ""
    why = f": {one_line(row['reason'])}" if row["reason"] else ""
    return f"{row['status']}{stage}{why}"


def _details(
    cell: Mapping[str, Any], planned: Mapping[tuple[str, ...], Cell], chosen: Chosen
) -> str:
    """Return what helps with a cell: what it said, where, its log, and what runs it again."""
    said = (str(cell["message"]) or str(cell["reason"])).strip()
    first = one_line(said.partition("\n")[0])[:LONGEST]
    directory = chosen_directory(chosen.project, chosen.options["results"]).place
    log = shown_path(directory / str(cell["log"])) if cell["log"] else ""
    lines = {
        f"{cell['stage']}" if cell["stage"] else str(cell["status"]): first,
        "where": one_line(str(cell["where"])),
        "log": log,
        "run it again": again(planned[key_of(cell)], chosen.options),
    }
    return "\n".join(f"{name}: {text}" for name, text in lines.items() if text)


def again(cell: Cell, options: Mapping[str, Any]) -> str:
    """Return the command that runs one cell, whatever is known of it."""
    named = dict(zip(KEY, cell.key, strict=True))
    words = [f"--case={named['case']}", f"--remedy={named['remedy']}"]
    words += [f"--loader={named['loader']}"]
    if named["producer"] == named["consumer"] or cell.loader.environment:
        words += [f"--environment={named['producer']}"]
    else:
        words += [f"--producer={named['producer']}", f"--consumer={named['consumer']}"]
    for name in KEPT:
        stated = options[name] or ()
        each = stated if isinstance(stated, (list, tuple)) else (stated,)
        words += [f"--{name}={one}" for one in each]
    return f"{MATRIX} {shlex.join(words)} --fresh"

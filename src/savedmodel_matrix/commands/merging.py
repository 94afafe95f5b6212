"""What `merge` does: several run directories become one, with its tables and its report."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix.analysis.merging import Part, merge_cells, merge_runs, missing_parts
from savedmodel_matrix.commands.foretold import versions_of, with_predictions
from savedmodel_matrix.commands.job import chosen_directory, print_line
from savedmodel_matrix.commands.shown import shown_path, summed_up
from savedmodel_matrix.host.protocol import SHORT
from savedmodel_matrix.model.cell_record import portable
from savedmodel_matrix.model.code import code_hash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store import accepted, journal, snapshot
from savedmodel_matrix.store.listed import check_replaceable
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.merging import Source, Taken, check_records, reading, take_over
from savedmodel_matrix.store.told import read_told, write_told
from savedmodel_matrix.views.markdown import markdown
from savedmodel_matrix.views.report.publish import build_of_run
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders, find_remedies
from savedmodel_matrix.workspace.tour import read_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.store.run_directory import RunDirectory
    from savedmodel_matrix.workspace.project import Project

Cell = dict[str, Any]


def run_merge(
    project: Project,
    directories: Sequence[Path],
    into: Path,
    *,
    partial: bool = False,
    cases: Sequence[Path] = (),
    plugins: Sequence[Path] = (),
) -> int:
    """Put runs together into a directory that is new, empty or a run's; return 0.

    Raises UserError, and writes nothing, where they disagree or, without ``partial``, a part of
    the matrix is missing.
    """
    project = project.with_plugins(plugins)
    directory = chosen_directory(project, into)
    directory.check()
    check_replaceable(directory.report)
    others = [chosen_directory(project, one) for one in directories]
    with contextlib.ExitStack() as held:
        scratch = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="savedmodel-matrix-")))
        if directory.is_ours:
            held.enter_context(directory.locked())
        sources = [
            held.enter_context(
                reading(one, shown_path(one.place), scratch / str(number), ours=one is directory)
            )
            for number, one in enumerate(_each_once(directory, others))
        ]
        if not sources:
            raise UserError(
                f"{shown_path(directory.place)} is all there is: name another directory."
            )
        parts = [source.part for source in sources]
        cells = [dict(cell) for cell in merge_cells(parts)]
        made = merge_runs(parts)
        if (missing := missing_parts(parts)) and not partial:
            raise UserError(_missing(missing, parts))
        check_records(sources)
        known = _known_cases(project, cases, cells)
        if not directory.is_ours:
            held.enter_context(directory.locked())
        taken = _write(project, directory, sources, cells, made, known)
    _say(directory, len(parts), cells, taken, missing)
    return 0


def _each_once(directory: RunDirectory, others: Sequence[RunDirectory]) -> list[RunDirectory]:
    """Return what is read: the directory that is written too if it is a run's, and the others."""
    mine = directory.place.resolve()
    each = {one.place.resolve(): one for one in others if one.place.resolve() != mine}
    has_run = directory.is_ours and (directory.place / "run.json").exists()
    return [*([directory] if has_run else []), *each.values()]


def _missing(missing: Sequence[int], parts: Sequence[Part]) -> str:
    of = next(part.run["shard"]["of"] for part in parts if "shard" in part.run)
    named = ", ".join(map(str, missing))
    return (
        f"Of {of} parts {named} {'is' if len(missing) == 1 else 'are'} missing, so nothing was "
        f"written: run matrix with --shard {missing[0]}/{of}, or merge the others with --partial."
    )


def _known_cases(project: Project, more: Sequence[Path], cells: Sequence[Cell]) -> list[Case]:
    """Return the cases of these cells. Raises UserError if what a cell names is not there."""
    directories = [*project.case_directories, *(one.absolute() for one in more)]
    cases = find_cases(directories)
    plugins = project.plugins
    there = {
        "case": [one.name for one in cases],
        "remedy": [one.name for one in find_remedies(plugins.remedies)],
        "loader": [one.name for one in find_loaders(plugins.loaders)],
    }
    for what, names in there.items():
        if unknown := sorted({str(cell[what]) for cell in cells} - set(names)):
            option = "--cases" if what == "case" else "--plugins"
            raise UserError(
                f"There is no {what} {unknown[0]!r} here, which was run: name its directory with "
                f"{option} as in the run, or merge in the checkout of that commit."
            )
    used = {str(cell["case"]) for cell in cells}
    return [one for one in cases if one.name in used]


def _write(
    project: Project,
    directory: RunDirectory,
    sources: Sequence[Source],
    cells: list[Cell],
    made: dict[str, Any],
    cases: Sequence[Case],
) -> Taken:
    """Write everything: artifacts and records first, then the tables together, then the report."""
    snapshot.remove(directory.place)
    store = Store(directory)
    store.open()
    try:
        taken = take_over(sources, store)
    except OSError as error:
        if error.errno not in SHORT:
            raise
        raise UserError(
            f"{directory.place} took no more: {error.strerror}. Make room, and the same command "
            "goes on from there."
        ) from error
    finally:
        store.close()
    directory.unfinished.mkdir(exist_ok=True)
    place = directory.place
    write_files(
        {
            place / "run.json": (json.dumps(made, indent=1) + "\n").encode(),
            place / "matrix.csv": csv_bytes(from_cells(cells)),
            place / "matrix.md": _markdown(project, directory, cells, made, cases).encode(),
            directory.cells: journal.whole(cells),
        },
        directory.unfinished,
    )
    _take_over_told(directory, [source.directory for source in sources])

    def portables() -> list[Cell]:
        console = Console(stderr=True)
        predicted = with_predictions(
            cells, directory, versions_of(project), lambda said: print_line(said, console)
        )
        return [portable(cell, str(project.root)) for cell in predicted]

    build_of_run(
        portables,
        made,
        cases,
        directory,
        rests_on=hashlib.sha256(journal.whole(cells)).hexdigest(),
        groups=list(read_groups(project.cases)),
        plugins=project.plugins,
    )
    return taken


def _take_over_told(directory: RunDirectory, others: Sequence[RunDirectory]) -> None:
    """Take over what is remembered of the files of artifacts, so that none is read again."""
    code = code_hash("savedmodel")
    told = {name: one for other in others for name, one in read_told(other.hidden, code).items()}
    with contextlib.suppress(OSError):  # then they are read again
        write_told(directory.hidden, code, told, told)


def _markdown(
    project: Project,
    directory: RunDirectory,
    cells: Sequence[Cell],
    made: Mapping[str, Any],
    cases: Sequence[Case],
) -> str:
    full = made["full"] is True
    before = accepted.load_table(
        project.results / "accepted", None if full else {str(cell["case"]) for cell in cells}
    )
    summary = summed_up(
        cells,
        before,
        project,
        cases,
        results=directory.place,
        full=full,
        planned={(cell["producer"], cell["loader"], cell["consumer"]) for cell in cells},
        environments=made["environments"],
        has_accepted=(project.results / "accepted" / accepted.TABLE).exists(),
    )
    return markdown(summary, results=shown_path(directory.place))


def _say(
    directory: RunDirectory,
    number: int,
    cells: Sequence[Cell],
    taken: Taken,
    missing: Sequence[int],
) -> None:
    console, shown = Console(), shown_path(directory.place)
    if missing:
        named = ", ".join(map(str, missing))
        print_line(f"Not the whole matrix: without {named}.", console)
    if taken.absent:
        print_line(
            f"{taken.absent} artifacts were in none of the directories: they are made again when "
            "they are needed.",
            console,
        )
    print_line(
        f"Merged {number} directories: {len(cells)} cells; {taken.records} records and "
        f"{taken.artifacts} artifacts were taken over.",
        console,
    )
    print_line(f"Whole: {shown}/matrix.md, {shown}/report/index.html", console)
    compare = f"savedmodel-matrix compare results/accepted {shown}"
    print_line(f"What differs from the accepted table: {compare}", console)

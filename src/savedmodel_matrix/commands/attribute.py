"""What `attribute` does: the release that each difference of the accepted table goes back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix import __version__
from savedmodel_matrix.analysis.accepted_cells import Known
from savedmodel_matrix.commands.attributing_steps import StepTask
from savedmodel_matrix.commands.bisect import BISECT
from savedmodel_matrix.commands.job import print_line
from savedmodel_matrix.commands.mixtures import Clock, Mixtures, Plugins
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.environments.locking import expected
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import environment_order, rows_of
from savedmodel_matrix.store import accepted
from savedmodel_matrix.store.attribution import (
    FILE,
    Attribution,
    content,
    load_attribution,
    table_hash,
)
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.views.attributed import step_lines
from savedmodel_matrix.workspace.catalogue import (
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from savedmodel_matrix.analysis.attribution import Step
    from savedmodel_matrix.workspace.project import Project


def run_attribute(project: Project, **options: Any) -> int:
    """Attribute every difference between neighbouring environments, and keep what was found.

    Returns 0 if all are attributed, 1 if some are not. Raises UserError where nothing was
    accepted, or where locks are no longer those of the accepted run.
    """
    directory = project.results / "accepted"
    rows = rows_of(accepted.load_table(directory))
    run = accepted.load_run(directory)
    if not rows or not run:
        raise UserError(f"{directory} holds no cells, so there is no difference to attribute.")
    plugins = _plugins(project)
    steps = _steps(project, plugins, rows, options["between"])
    known = Known(rows, run)
    for name in {name for pair in steps for name in pair}:
        _check_locks(project, name, known)
    place = _place(project, options["results"])
    progress, console = Console(stderr=True), Console()
    mixtures = Mixtures(project, plugins, place, progress, options)
    clock = Clock.of(options["minutes"])
    tasks = [StepTask(mixtures, known, pair, options["most"]) for pair in steps]
    for task in tasks:
        print_line(task.announced, progress)
    if options["dry_run"]:
        return 0
    for task in sorted(tasks, key=lambda one: len(one.groups)):  # what is soon known comes first
        task.mix(clock)
    if not options["packages_only"]:
        for task in sorted(tasks, key=lambda one: -len(one.groups)):
            task.searches.run(clock)
    found = [task.told() for task in tasks]
    whole = _kept(project, found, run)
    write_files({directory / FILE: content(whole)})
    for step in found:
        for line in step_lines(step):
            print_line(line, console)
    print_line(f"Ran {mixtures.ran} cells. Kept in {directory / FILE}.", console)
    return 1 if any(not one.package for step in found for one in step.attributed) else 0


def _place(project: Project, named: Path | None) -> RunDirectory:
    """Return the run directory that is used, checked: that of `bisect` if none is named."""
    place = RunDirectory(named or project.results / BISECT)
    place.check()
    if named is None:
        of_project(project.results).claim()
    place.claim()
    return place


def _plugins(project: Project) -> Plugins:
    given = project.plugins
    return Plugins(
        {one.name: one for one in find_cases(project.case_directories)},
        {one.name: one for one in find_remedies(given.remedies)},
        {one.name: one for one in find_loaders(given.loaders)},
        find_converters(given.converters),
    )


def _steps(
    project: Project,
    plugins: Plugins,
    rows: Sequence[dict[str, str]],
    between: Sequence[tuple[str, str]],
) -> list[tuple[str, str]]:
    """Return the neighbours that are compared: those of the group default that ran, or as named."""
    able = producing(list(project.environments.values()), list(plugins.loaders.values()))
    ran = {row["producer"] for row in rows}
    known = {one.name for one in able} & ran
    for name in (name for pair in between for name in pair):
        if name not in known:
            raise UserError(
                f"--between {name}: name two environments that saved cells of the accepted table."
            )
    if between:
        return list(dict.fromkeys(between))
    usual = sorted(known.intersection(project.select()), key=environment_order)
    if len(usual) < 2:
        raise UserError("The accepted table has not two environments of the group default.")
    return list(pairwise(usual))


def _check_locks(project: Project, name: str, known: Known) -> None:
    """Raise UserError if an environment is no longer that of the accepted run."""
    try:
        now = expected(project.environments[name])
    except OSError as error:
        raise UserError(f"The lock of {name} cannot be read ({error.strerror}).") from error
    then = known.packages(name)
    other = [f"{one} {now[one]}" for one in now if then.get(one) not in (None, now[one])]
    if not then or other:
        said = f"with {', '.join(other)}" if other else "without a word on its packages"
        raise UserError(
            f"{name} is {said} no longer the environment of the accepted run: accept a full run "
            "first (nox -s matrix -- --all --accept), or restore its lock."
        )


def _kept(project: Project, found: Sequence[Step], run: dict[str, Any]) -> Attribution:
    """Return these steps with those that are kept already of the same accepted table."""
    directory = project.results / "accepted"
    table = table_hash(directory / accepted.TABLE)
    before = load_attribution(directory)
    new = {(step.before, step.after): step for step in found}
    old = before.steps if before and before.table == table else ()
    steps = {**{(step.before, step.after): step for step in old}, **new}
    made = Attribution(
        table=table,
        accepted=str(run.get("finished", "")),
        made=datetime.now(UTC).strftime("%Y-%m-%d"),
        program=__version__,
        steps=(),
    )
    order = sorted(steps, key=lambda pair: (environment_order(pair[0]), environment_order(pair[1])))
    return replace(made, steps=tuple(steps[pair] for pair in order))

"""What `bisect` does: at which release of a package the outcome of one cell changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from packaging.utils import canonicalize_name
from rich.console import Console

from savedmodel_matrix.analysis.bisected import (
    ENVIRONMENT,
    Asked,
    Bisected,
    Row,
    Side,
)
from savedmodel_matrix.commands.attributing import (
    attribute,
    environments_between,
    is_environment,
)
from savedmodel_matrix.commands.axis import Axis, axis_of, base_of
from savedmodel_matrix.commands.job import print_line
from savedmodel_matrix.commands.reproducing import where_lines, write_found
from savedmodel_matrix.commands.searching import Search, coarse_points, tell_span
from savedmodel_matrix.commands.trials import Question, Trials
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.requirements import TENSORFLOWS
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.views.bisected import bisected_lines
from savedmodel_matrix.views.bisected_json import bisected_json
from savedmodel_matrix.views.bisected_sentence import sentence
from savedmodel_matrix.workspace.catalogue import (
    choose,
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Loader, Remedy
    from savedmodel_matrix.workspace.project import Project

BISECT = "bisect"  # beneath the project's results
_UNSAFE = re.compile(r"[^\w.-]")  # in the name of a directory
FOUND = "found"  # beneath that one


def run_bisect(project: Project, **options: Any) -> int:
    """Search the releases of a package for changes of a cell's outcome, and say what was found.

    Returns 0 if there is an answer, 2 if no release gave an outcome. Raises UserError for names
    that are not known, and where the index cannot be asked.
    """
    project = project.with_plugins(options["plugins"])
    question = _question(project, options)
    base = base_of(project, question.loaders, options["over"])
    package = canonicalize_name(options["package"])
    asked, side = Asked(options["outcome"]), Side(options["side"])
    whole = package in TENSORFLOWS or is_environment(project, options["between"])
    axis = Axis(ENVIRONMENT, base, base, side)
    if not whole:
        axis = axis_of(project, question.loader, base, package, side)
    directory = RunDirectory(options["results"] or project.results / BISECT)
    directory.check()
    if options["results"] is None:
        of_project(project.results).claim()
    directory.claim()
    progress = Console(stderr=True)
    trials = Trials(project, question, directory, progress, options)

    def search(over: Environment, package: str, between: tuple[str, str] | None) -> Bisected:
        along = Axis(package, over, over, side)
        return searched(along, *along.rows(project, between))

    def searched(axis: Axis, rows: list[Row], environments: list[Environment]) -> Bisected:
        tell_span(question, rows, axis, progress)
        found = Search(trials, rows, environments, axis, asked, progress)
        coarse = coarse_points(project, question, axis, rows, asked)
        found.run(coarse, linear=options["linear"] or axis.package == ENVIRONMENT)
        return found.result(question)

    if whole:
        chosen = environments_between(project, question.loaders, options["between"])
        rows = [Row(one.name, one.released, one.name) for one in chosen]
        result = searched(axis, rows, chosen)
        attributions = [attribute(project, trials, result, one, search) for one in result.found]
        result = replace(result, attributions=attributions)
    else:
        result = searched(axis, *axis.rows(project, options["between"]))
    return _show(result, question, project, directory, options)


def _question(project: Project, options: dict[str, Any]) -> Question:
    cases = find_cases([*project.case_directories, *(one.absolute() for one in options["cases"])])
    plugins = project.plugins
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    choose("case", [options["case"]], [one.name for one in cases])
    choose("remedy", [options["remedy"]], [one.name for one in remedies])
    case = next(one for one in cases if one.name == options["case"])
    if case.refused or case.complaint:
        raise UserError(case.refused or case.complaint)
    remedy = next(one for one in remedies if one.name == options["remedy"])
    return Question(
        case,
        remedy,
        _loader(loaders, remedy, options["loader"]),
        loaders,
        find_converters(plugins.converters),
    )


def _loader(loaders: Sequence[Loader], remedy: Remedy, named: str | None) -> Loader:
    """Return the loader that was named, else TensorFlow's or the first that reads the format."""
    if named:
        choose("loader", [named], [one.name for one in loaders])
        return next(one for one in loaders if one.name == named)
    able = [one for one in loaders if remedy.writes in one.reads and not one.environment]
    able.sort(key=lambda one: one.name != "tf.saved_model.load")
    if not able:
        raise UserError(f"No loader reads what {remedy.name} writes: name one with --loader.")
    return able[0]


def _show(
    result: Bisected,
    question: Question,
    project: Project,
    directory: RunDirectory,
    options: dict[str, Any],
) -> int:
    """Write what was found into the run directory, print it, and return the exit status."""
    named = _UNSAFE.sub("_", f"{result.case}.{result.remedy}.{result.loader}")
    within = [result, *(one for each in result.attributions for one in each.searched)]
    written = [
        one
        for part in within
        for one in write_found(
            directory.place / FOUND / f"{named}.{part.package}",
            part,
            question,
            project,
        )
    ]
    if options["issue"] and not written:
        print_line(f"No issue: {sentence(result)}", Console(stderr=True))
    elif options["issue"]:
        click.echo("\n".join(file.read_text(encoding="utf-8") for file, _ in written), nl=False)
    elif options["form"] == "json":
        click.echo(bisected_json(result), nl=False)
    else:
        console = Console()
        for line in (*bisected_lines(result), *where_lines(result, written)):
            print_line(line, console)
    ran = [came for came in result.outcomes.values() if came is not None]
    return 0 if len(ran) > 1 else 2  # with fewer there is nothing to compare

"""What `bisect` does: at which release of a package the outcome of one cell changes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
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
from savedmodel_matrix.commands.job import print_line
from savedmodel_matrix.commands.reproducing import where_lines, write_found
from savedmodel_matrix.commands.searching import Search, coarse_points, tell_span
from savedmodel_matrix.commands.trials import Question, Trials
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.environments.locking import pins
from savedmodel_matrix.environments.releases import find_releases
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.requirements import TENSORFLOWS
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.views.bisected import bisected_json, bisected_lines, sentence
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

KERAS = "keras"
OLDEST = {KERAS: "3.0.0"}  # what came before is another program
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
    base = _base(project, question.loaders, options["over"])
    package = canonicalize_name(options["package"])
    asked, side = Asked(options["outcome"]), Side(options["side"])
    if question.loader.environment and side is Side.LOAD:
        raise UserError(
            f"{question.loader.name} runs in an environment of its own, "
            f"{question.loader.environment}, so no release of {package} takes part in loading."
        )
    _check_package(project, question.loader, base, package)
    directory = RunDirectory(options["results"] or project.results / BISECT)
    directory.check()
    if options["results"] is None:
        of_project(project.results).claim()
    directory.claim()
    progress = Console(stderr=True)
    trials = Trials(project, question, directory, progress, options)

    def search(over: Environment, package: str, between: tuple[str, str] | None) -> Bisected:
        rows, inside = _rows(project, over, package, between)
        return searched(trials, rows, inside, over, package)

    def searched(
        trials: Trials,
        rows: list[Row],
        inside: list[Environment],
        over: Environment,
        package: str,
    ) -> Bisected:
        tell_span(question, rows, over, package, progress)
        found = Search(trials, rows, inside, over, asked, side, progress)
        coarse = coarse_points(project, question, over, rows, asked)
        found.run(coarse, linear=options["linear"] or package == ENVIRONMENT)
        return found.result(question, package)

    if package in TENSORFLOWS or is_environment(project, options["between"]):
        chosen = environments_between(project, question.loaders, options["between"])
        rows = [Row(one.name, one.released, one.name) for one in chosen]
        result = searched(trials, rows, chosen, base, ENVIRONMENT)
        attributions = [attribute(project, trials, result, one, search) for one in result.found]
        result = replace(result, attributions=attributions)
    else:
        result = search(base, package, options["between"])
    return _show(result, question, project, directory, options)


def _check_package(project: Project, loader: Loader, base: Environment, package: str) -> None:
    """Refuse a package that only the loader's own environment has: nothing would change."""
    if not loader.environment or package in _pinned(base):
        return
    if package in _pinned(project.environments[loader.environment]):
        raise UserError(
            f"{package} is in {loader.environment}, the environment of {loader.name}, whose "
            "packages stay as they are: only those of environments that save are searched."
        )


def _pinned(environment: Environment) -> set[str]:
    try:
        return {name for name, _ in pins(environment.lock.read_text(encoding="utf-8"))}
    except OSError:
        return set()


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


def _base(project: Project, loaders: Sequence[Loader], named: str | None) -> Environment:
    """Return the environment that everything else is of: the newest of the default ones."""
    able = [one.name for one in producing(list(project.environments.values()), loaders)]
    if named:
        (one, *more) = project.select([named])
        if more or one not in able:
            raise UserError(f"--over {named}: name one environment that has TensorFlow.")
        return project.environments[one]
    usual = [
        name
        for name in project.select()
        if name in able and not project.environments[name].variables
    ]
    if not usual:
        raise UserError("No environment of the group default has TensorFlow: name one with --over.")
    newest = max(usual, key=lambda name: _number(project.environments[name].tensorflow))
    return project.environments[newest]


def _number(version: str) -> tuple[int, ...]:
    try:
        return Version(version).release
    except InvalidVersion:
        return ()


def _rows(
    project: Project, base: Environment, package: str, between: tuple[str, str] | None
) -> tuple[list[Row], list[Environment]]:
    """Return the releases to search, oldest first, with an environment for each."""
    releases = find_releases(package, find_uv(), base.python)
    if between:
        first, last = sorted(map(_version, between))
    else:
        first = Version(OLDEST.get(package, "0"))
        last = max((Version(one.version) for one in releases), default=first)
    chosen = [one for one in releases if first <= Version(one.version) <= last]
    if len(chosen) < 2:
        raise UserError(
            f"The package index has {len(chosen)} releases of {package} from {first} to {last} "
            f"for Python {base.python}; a search needs two: widen --between."
        )
    environments = [project.with_release(base.name, package, one.version) for one in chosen]
    pairs = zip(chosen, environments, strict=True)
    return [Row(one.version, one.day, inside.name) for one, inside in pairs], environments


def _version(named: str) -> Version:
    try:
        return Version(named)
    except InvalidVersion:
        raise UserError(f"--between {named!r}: name a version, such as 3.4.1.") from None


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
    return 0 if any(result.outcomes.values()) else 2

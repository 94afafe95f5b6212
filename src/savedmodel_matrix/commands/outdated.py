"""What `outdated` does; the exit status is its result."""

from __future__ import annotations

import functools
import json
import tomllib
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console

from savedmodel_matrix.analysis.outdated import KERAS, missing
from savedmodel_matrix.commands.maintenance import run_lock
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.environments.locking import pins
from savedmodel_matrix.environments.releases import find_releases
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.workspace.project import project_of
from savedmodel_matrix.workspace.restating import restated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.release import Missing, Release
    from savedmodel_matrix.workspace.project import Project

STATEMENT = "pyproject.toml"


def run_outdated(project: Project, *, write: bool, form: str) -> int:
    """Say which releases no environment has, and state them: 1 if one is missing and is not stated.

    Locks are made first, so that a project states nothing that cannot be had. Raises UserError
    where the package index cannot be asked, or a lock cannot be made.
    """
    uv = find_uv()

    @functools.cache
    def releases(package: str, python: str) -> list[Release]:
        return find_releases(package, uv, python)

    found = missing(project.environments, releases, _keras_of_bases(project))
    if write and found:
        _state(project, found)
    if form == "json":
        told = [asdict(one) | {"select": select(project, one, found)} for one in found]
        click.echo(json.dumps(told, indent=1))
    else:
        runs = list(dict.fromkeys(select(project, one, found) for one in found))
        for line in lines(found, runs, written=write):
            Console().print(line, markup=False, highlight=False, soft_wrap=True)
    return int(bool(found) and not write)


def select(project: Project, one: Missing, found: Sequence[Missing]) -> str:
    """Return the option of `matrix` that selects the cells of the environment of a release."""
    known = project.environments
    kept = {each.loaders_of for each in known.values()}
    environment = known.get(one.name) or known[_like(one.name, found)]
    loads = environment.loaders_of or environment.name in kept or not environment.has_tensorflow
    return f"--consumer {one.name}" if loads else f"--environment {one.name}"


def _like(name: str, found: Sequence[Missing]) -> str:
    """Return the environment that a new one is like."""
    return next(one.like for one in found if one.name == name and one.like)


def lines(found: Sequence[Missing], runs: Sequence[str], *, written: bool) -> list[str]:
    """Return what a person reads: each release with its environment, and what to do next.

    ``runs`` select what is new, a run of the matrix each.
    """
    if not found:
        return ["Every release that the index has is in the matrix, by minor."]
    told = [_line(one) for one in found]
    if written:
        return [
            *told,
            "Stated and locked. Run them:",
            *(f"  nox -s matrix -- {one}" for one in runs),
        ]
    return [*told, "State and lock them: nox -s outdated -- --write"]


def _line(one: Missing) -> str:
    day = f" of {one.day}" if one.day else ""
    if one.like and not one.day:
        return f"{one.package} {one.version}: {one.name} keeps it, like {one.like}"
    if one.like:
        return f"{one.package} {one.version}{day}: {one.name} is new, like {one.like}"
    return f"{one.package} {one.version}{day}: {one.name} has {one.had}"


def _keras_of_bases(project: Project) -> dict[str, str]:
    """Return the Keras in the lock of each environment that others lie over."""
    found = {}
    for one in project.environments.values():
        if one.base and one.base.lock.is_file():
            locked = dict(pins(one.base.lock.read_text(encoding="utf-8")))
            if KERAS in locked:
                found[one.over] = locked[KERAS]
    return found


def _state(project: Project, found: Sequence[Missing]) -> None:
    """Lock what is missing, then state it. Raises UserError, and states nothing then."""
    file = project.root / STATEMENT
    text = restated(file.read_text(encoding="utf-8"), found)
    stated = project_of(file, tomllib.loads(text))
    run_lock(stated, list(dict.fromkeys(one.name for one in found)), upgrade=False)
    write_files({file: text.encode()})

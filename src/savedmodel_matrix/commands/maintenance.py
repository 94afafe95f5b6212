"""What `install`, `lock` and `report` do; the exit status is their result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from savedmodel_matrix.engine import interruption
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.environments.filling import EnvironmentBroken, fill
from savedmodel_matrix.environments.installer import InstallerFailed, find_uv
from savedmodel_matrix.environments.locking import renew
from savedmodel_matrix.environments.resolving import resolve
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.run_directory import of_project
from savedmodel_matrix.views.report.publish import publish, publish_index
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders
from savedmodel_matrix.workspace.project import ALL

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.workspace.project import Project


def run_report(project: Project, *, index: bool = False) -> int:
    """Build the published report from the accepted table; with ``index``, what explain knows."""
    if index:
        publish_index(project)
        return 0
    number = publish(project)
    Console(stderr=True).print(f"report/index.html and {number - 1} more files", highlight=False)
    return 0


def run_install(project: Project, names: Sequence[str]) -> int:
    """Fill the environments, the default group if none is named; 2 if one of them is broken."""
    chosen = project.select(names)
    console = Console(stderr=True)
    uv, status = find_uv(), 0
    directory = of_project(project.results)
    directory.claim()
    logs = directory.logs
    logs.mkdir(exist_ok=True)
    for name in chosen:
        log = logs / f"install-{name}.log"
        try:
            filled = interruption.run(fill(project.environments[name], uv, log))
        except EnvironmentBroken as error:
            console.print(f"{name}: {error}", markup=False, highlight=False)
            status = 2
        else:
            took = f"installed in {filled.seconds:.0f} s" if filled.seconds else "was there already"
            console.print(f"{name}: {took}", highlight=False)
    return status


def run_lock(
    project: Project, names: Sequence[str], *, upgrade: bool, cases: Sequence[str] = ()
) -> int:
    """Renew the locks, all if none is named, and say what became different.

    Those of the project's cases that require packages are renewed with the environments that they
    extend. With ``cases``, directories, only those of the cases in them.
    """
    console = Console(stderr=True)
    uv = find_uv()
    chosen = project.select(names or (() if cases else (ALL,)))
    for name in () if cases else chosen:
        changes = interruption.run(renew(project.environments[name], uv, upgrade=upgrade))
        _say_changes(console, name, changes)
    own = [place for place in project.case_directories if place.is_dir()]
    directories = [Path(one).absolute() for one in cases] or own
    for one in _overlays(project, chosen, find_cases(directories)):
        try:
            changes = interruption.run(resolve(one, uv, upgrade=upgrade))
        except (InstallerFailed, OSError) as error:
            raise UserError(
                f"{one.lock_name} was left as it was, because uv could not resolve "
                f"{' and '.join(one.requires)}: {' '.join(str(error).splitlines())}"
            ) from error
        _say_changes(console, one.name, changes)
    return 0


def _overlays(
    project: Project, chosen: Collection[str], cases: Sequence[Case]
) -> list[Environment]:
    """Return what the cases that require packages run in, over the chosen environments."""
    able = producing(list(project.environments.values()), find_loaders(project.plugins.loaders))
    found = [
        project.environment_for(case, one.name)
        for one in able
        if one.name in chosen or one.over in chosen
        for case in cases
        if case.requires
    ]
    return list({one.name: one for one in found}.values())


def _say_changes(console: Console, name: str, changes: Sequence[str]) -> None:
    console.print(f"{name}: {len(changes) or 'no'} changes", highlight=False)
    for line in changes:
        console.print(f"  {line}", markup=False, highlight=False)

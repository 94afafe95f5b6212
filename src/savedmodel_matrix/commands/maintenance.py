"""What `install`, `lock` and `report` do; the exit status is their result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from savedmodel_matrix.engine import interruption
from savedmodel_matrix.environments.filling import EnvironmentBroken, fill
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.environments.locking import renew
from savedmodel_matrix.views.report.publish import publish
from savedmodel_matrix.workspace.project import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.workspace.project import Project


def run_report(project: Project) -> int:
    """Build the published report from the accepted table."""
    number = publish(project)
    Console(stderr=True).print(f"report/index.html and {number - 1} more files", highlight=False)
    return 0


def run_install(project: Project, names: Sequence[str]) -> int:
    """Fill the environments, the default group if none is named; 2 if one of them is broken."""
    chosen = project.select(names)
    console = Console(stderr=True)
    uv, status = find_uv(), 0
    logs = project.results / "logs"
    logs.mkdir(parents=True, exist_ok=True)
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


def run_lock(project: Project, names: Sequence[str], *, upgrade: bool) -> int:
    """Renew the locks, all if none is named, and say what became different."""
    console = Console(stderr=True)
    uv = find_uv()
    for name in project.select(names or (ALL,)):
        changes = interruption.run(renew(project.environments[name], uv, upgrade=upgrade))
        console.print(f"{name}: {len(changes) or 'no'} changes", highlight=False)
        for line in changes:
            console.print(f"  {line}", markup=False, highlight=False)
    return 0

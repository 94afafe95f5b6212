"""What `compare` does; its exit status is its result."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.compared import compare_results
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.accepted import TABLE
from savedmodel_matrix.store.published import is_address, read_address
from savedmodel_matrix.store.result import read_directory
from savedmodel_matrix.store.revision import read_revision
from savedmodel_matrix.views.compare_json import compare_json
from savedmodel_matrix.views.compare_markdown import compare_markdown
from savedmodel_matrix.views.compare_terminal import LINES, compare_terminal
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from savedmodel_matrix.analysis.compared import Result
    from savedmodel_matrix.workspace.project import Project


def run_compare(
    before: str | None,
    after: str | None,
    project: Callable[[], Project],
    *,
    form: str,
    fail_on: Sequence[str],
    verbose: bool,
) -> int:
    """Compare two results; 1 if a cell is of a class to fail on, else 0.

    The first is by default the accepted table, the second the last run. ``project`` is asked only
    where a name is no path and no address. Raises UserError if a result cannot be read.
    """
    first = read_result(before, lambda: _accepted(project()), project)
    second = read_result(after, lambda: _last_run(project()), project)
    compared = compare_results(first, second, explanations())
    if form == "json":
        sys.stdout.write(compare_json(compared, fail_on))
    elif form == "markdown":
        sys.stdout.write(compare_markdown(compared))
    else:
        console = Console()
        most = max(console.height - 1, LINES // 2) if console.is_terminal else LINES
        compare_terminal(compared, console, verbose=verbose, most=most)
    return int(compared.has([kind for kind in ChangeClass if kind.value in fail_on]))


def read_result(
    named: str | None, default: Callable[[], Path], project: Callable[[], Project]
) -> Result:
    """Read a result by its path, its address or its commit; that of ``default`` for None.

    Raises UserError if there is none by that name, or it cannot be read.
    """
    if named is None:
        place = default()
        return read_directory(place, _short(place))
    if is_address(named):
        print(f"Fetching {one_line(named)}", file=sys.stderr)
        return read_address(named)
    if _exists(named):
        return read_directory(Path(named), named)
    return read_revision(named, project().results / "accepted")


def _accepted(project: Project) -> Path:
    """Return the accepted table's directory. Raises UserError if nothing was accepted."""
    if not (project.results / "accepted" / TABLE).exists():
        raise UserError("Nothing was accepted yet: name two results to compare.")
    return project.results / "accepted"


def _last_run(project: Project) -> Path:
    """Return the directory of the last run. Raises UserError if there was none."""
    if not (project.results / TABLE).exists():
        raise UserError(
            f"There is no run in {_short(project.results)} yet: run `nox -s matrix`, or name the "
            "second result too."
        )
    return project.results


def _exists(named: str) -> bool:
    try:
        return Path(named).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _short(place: Path) -> str:
    try:
        return str(place.relative_to(Path.cwd()))
    except ValueError:
        return str(place)

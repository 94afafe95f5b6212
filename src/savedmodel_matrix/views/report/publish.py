"""Where reports come from: a run's own, and the published one, from the accepted table."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis import error_index
from savedmodel_matrix.analysis.error_building import as_json, build, said
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import key_of, rows_of
from savedmodel_matrix.store import accepted
from savedmodel_matrix.store.attribution import load_attribution
from savedmodel_matrix.store.flaky import load_selfcheck
from savedmodel_matrix.store.history import DIRECTORY, read_history
from savedmodel_matrix.views.guide import guide
from savedmodel_matrix.views.loader_guide import loader_guide
from savedmodel_matrix.views.report.facts import gather
from savedmodel_matrix.views.report.parts import divided
from savedmodel_matrix.views.report.site import staged
from savedmodel_matrix.views.report.stamp import made_of
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders, find_remedies
from savedmodel_matrix.workspace.directories import Directories
from savedmodel_matrix.workspace.tour import read_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from savedmodel_matrix.analysis.attribution import Attributed
    from savedmodel_matrix.analysis.history import HistoryEntry
    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.store.run_directory import RunDirectory
    from savedmodel_matrix.views.report.facts import Facts
    from savedmodel_matrix.workspace.project import Project

PUBLISHED = "report"
# How a page of documentation that may be overwritten begins.
WRITTEN = "<!-- Written by savedmodel-matrix report, which overwrites it. -->\n"
SHIPPED = "src/savedmodel_matrix/analysis/error_index.json"  # in a checkout of ours
STAMP = "report.sha256"  # of a run: what its report was built from


def build_of_run(
    cells: Callable[[], Iterable[Mapping[str, Any]]],
    run: Mapping[str, Any],
    cases: Sequence[Case],
    directory: RunDirectory,
    *,
    rests_on: str,
    groups: Sequence[str] = (),
    plugins: Directories = Directories(),  # noqa: B008 - it cannot be changed
) -> bool:
    """Build the run's report from these cells; return False if it was built from them already.

    ``rests_on`` stands for everything in the cells, which are not asked for where the report is
    up to date. Raises UserError where it cannot be written.
    """
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    stamp, place = directory.hidden / STAMP, directory.report
    made_from = made_of(rests_on, run, [*cases, *remedies, *loaders], groups)
    if place.is_dir() and stamp.is_file() and stamp.read_text() == made_from:
        return False
    facts = gather(map(dict, cells()), run, cases, remedies, loaders, groups)
    stamp.unlink(missing_ok=True)  # a report half as new as its stamp says must not pass for new
    with staged(facts, place, directory.unfinished):
        pass
    with contextlib.suppress(OSError):  # without it the next run builds the report again
        stamp.write_text(made_from)
    return True


@contextlib.contextmanager
def published(
    project: Project,
    ran: accepted.Publishable,
    run: Mapping[str, Any],
    history: Sequence[HistoryEntry] = (),
) -> Iterator[None]:
    """Build the published report of these cells; it is replaced when the block ends well.

    ``history`` are the accepted full runs, the oldest first. Raises UserError where the
    report cannot be written.
    """
    check_pages(project)
    # As they will be read from the accepted table, so that `report` builds the same bytes.
    kept = [json.loads(json.dumps(cell)) for cell in ran.cells]
    facts = replace(
        _of_project(project, kept, run), history=history, attributed=_attributed(project)
    )
    _write_index(project, _cells_of(facts))
    with staged(facts, project.root / PUBLISHED):
        yield
    _write_pages(project, facts)


def publish(project: Project) -> int:
    """Replace ``report/`` by the report of the accepted table; return the number of its files.

    Raises UserError if nothing was accepted or the report cannot be written.
    """
    check_pages(project)
    facts = accepted_facts(project)
    _write_index(project, _cells_of(facts))
    with staged(facts, project.root / PUBLISHED) as number:
        pass
    _write_pages(project, facts)
    return number


def accepted_facts(project: Project) -> Facts:
    """Return what the published report is made from. Raises UserError if nothing was accepted."""
    source = project.results / "accepted"
    cells = accepted.load_cells(source)
    if not cells:
        raise UserError(
            f"{source} holds no cells, so there is nothing to report; restore it from version "
            "control, or accept a full run: nox -s matrix -- --all --accept."
        )
    history = read_history(project.results / DIRECTORY)
    run = accepted.load_run(source)
    attributed = _attributed(project)
    return replace(_of_project(project, cells, run), history=history, attributed=attributed)


def _attributed(
    project: Project,
) -> dict[tuple[str, str], dict[tuple[str, str, str], Attributed]]:
    """Return what differences of the accepted table go back to, as far as that was found."""
    kept = load_attribution(project.results / "accepted")
    return kept.members if kept else {}


def _of_project(project: Project, cells: Iterable[dict[str, Any]], run: Mapping[str, Any]) -> Facts:
    cases = find_cases(project.case_directories)
    groups, plugins = list(read_groups(project.cases)), project.plugins
    selfcheck = load_selfcheck(project.results / "accepted")
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    every = gather(cells, run, cases, remedies, loaders, groups, selfcheck)
    return divided(every, project)


def check_pages(project: Project) -> None:
    """Raise UserError if a page that pyproject.toml asks for is somebody else's file."""
    for name, path in project.pages.items():
        try:
            ours = not path.is_symlink() and path.read_bytes().startswith(WRITTEN.encode())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.") from error
        if not ours:
            raise UserError(
                f"{path} was not written by savedmodel-matrix, so it is not replaced: move it "
                f"away, or state another file as {name} in [tool.savedmodel-matrix.pages]."
            )


def publish_index(project: Project) -> None:
    """Write the index of error texts from the accepted table, and nothing else.

    Raises UserError where the project is not the one that the index is shipped with.
    """
    if not _write_index(project, rows_of(accepted.load_table(project.results / "accepted"))):
        raise UserError(
            f"{project.root} is no checkout of savedmodel-matrix that this command runs from, so "
            "there is no index to write; --index is for those who change what explain knows."
        )


def _write_index(project: Project, cells: Collection[Mapping[str, Any]]) -> bool:
    """Write the index of error texts that is shipped, where the project is the one it is from.

    It comes before the report, which has it too.
    """
    if project.root / SHIPPED != error_index.INDEX:
        return False
    index = build(explanations(), said(cells, explanations()))
    write_files({error_index.INDEX: as_json(index)})
    error_index.index.cache_clear()
    return True


def _cells_of(facts: Facts) -> Collection[Mapping[str, Any]]:
    """Return the cells of a report and of its parts, each once."""
    return {key_of(cell): cell for one in (facts, *facts.parts) for cell in one.every}.values()


def _write_pages(project: Project, facts: Facts) -> None:
    """Write the pages of documentation that pyproject.toml asks for; none that it does not."""
    texts: dict[str, Callable[[], str]] = {
        "cases": lambda: guide(
            find_cases(project.case_directories),
            read_groups(project.cases),
            facts.table,
        ),
        "loaders": lambda: loader_guide(facts.every, find_loaders(project.plugins.loaders)),
    }
    pages = {path: WRITTEN + texts[name]() for name, path in project.pages.items()}
    write_files({path: text.encode("utf-8", "backslashreplace") for path, text in pages.items()})

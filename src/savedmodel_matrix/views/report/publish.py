"""Where reports come from: a run's own, and the published one, from the accepted table."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.resources
import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.explanations import EXPLANATIONS
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import write_files
from savedmodel_matrix.store import accepted
from savedmodel_matrix.store.flaky import load_selfcheck
from savedmodel_matrix.views.guide import guide
from savedmodel_matrix.views.loader_guide import loader_guide
from savedmodel_matrix.views.report.facts import gather
from savedmodel_matrix.views.report.parts import divided
from savedmodel_matrix.views.report.site import staged
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders, find_remedies
from savedmodel_matrix.workspace.directories import Directories
from savedmodel_matrix.workspace.tour import read_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.views.report.facts import Facts
    from savedmodel_matrix.workspace.project import Project

PUBLISHED = "report"
LOADER_GUIDE = "docs/loaders.md"
GUIDE = "docs/cases.md"
STAMP = "report.sha256"  # beside a run's report: what it was built from


def build_of_run(
    cells: Iterable[Mapping[str, Any]],
    run: Mapping[str, Any],
    cases: Iterable[Case],
    results: Path,
    *,
    ran: bool,
    groups: Sequence[str] = (),
    plugins: Directories = Directories(),  # noqa: B008 - it cannot be changed
) -> bool:
    """Build ``results/report`` from these cells; return False if it was built from them already.

    Where no cell ``ran``, the report is known to be that of these cells if its stamp says so, and
    is left as it is. Raises UserError where it cannot be written.
    """
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    facts = gather(map(dict, cells), run, cases, remedies, loaders, groups)
    stamp, place = results / STAMP, results / "report"
    made_from = _digest(facts)
    if not ran and place.is_dir() and stamp.is_file() and stamp.read_text() == made_from:
        return False
    stamp.unlink(missing_ok=True)  # a report half as new as its stamp says must not pass for new
    with staged(facts, place):
        pass
    stamp.write_text(made_from)
    return True


@contextlib.contextmanager
def published(
    project: Project, ran: accepted.Publishable, run: Mapping[str, Any]
) -> Iterator[None]:
    """Build the published report of these cells; it is replaced when the block ends well.

    Raises UserError where it cannot be written.
    """
    # As they will be read from the accepted table, so that `report` builds the same bytes.
    kept = [json.loads(json.dumps(cell)) for cell in ran.cells]
    facts = _of_project(project, kept, run)
    with staged(facts, project.root / PUBLISHED):
        yield
    _write_guide(project, facts)


def publish(project: Project) -> int:
    """Replace ``report/`` by the report of the accepted table; return the number of its files.

    Raises UserError if nothing was accepted or the report cannot be written.
    """
    facts = accepted_facts(project)
    with staged(facts, project.root / PUBLISHED) as number:
        pass
    _write_guide(project, facts)
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
    return _of_project(project, cells, accepted.load_run(source))


def _of_project(project: Project, cells: Iterable[dict[str, Any]], run: Mapping[str, Any]) -> Facts:
    cases = find_cases(project.case_directories)
    groups, plugins = list(read_groups(project.cases)), project.plugins
    selfcheck = load_selfcheck(project.results / "accepted")
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    every = gather(cells, run, cases, remedies, loaders, groups, selfcheck)
    return divided(every, project)


def _write_guide(project: Project, facts: Facts) -> None:
    place = project.root / GUIDE
    if place.parent.is_dir():
        cases = find_cases(project.case_directories)
        text = guide(cases, read_groups(project.cases), facts.table)
        loaders = loader_guide(facts.every, find_loaders(project.plugins.loaders))
        pages = {place: text, project.root / LOADER_GUIDE: loaders}
        write_files({path: t.encode("utf-8", "backslashreplace") for path, t in pages.items()})


def _digest(facts: Facts) -> str:
    """Return what a report is made from as one number: outcomes, sources, and how it is built."""
    digest = hashlib.sha256()
    outcomes = [[str(cell[column]) for column in ("key", "status")] for cell in facts.every]
    sources = [
        repr(source)
        for kind in (facts.cases, facts.remedies, facts.loaders)
        for _, source in sorted(kind.items())
    ]
    packages = facts.run.get("environments", {})
    digest.update(json.dumps([outcomes, sources, packages], sort_keys=True).encode())
    digest.update(repr(facts.groups).encode() + EXPLANATIONS.read_bytes())
    for directory in ("", "templates", "static"):
        place = importlib.resources.files("savedmodel_matrix.views.report") / directory
        for file in sorted(place.iterdir(), key=lambda one: one.name):
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()

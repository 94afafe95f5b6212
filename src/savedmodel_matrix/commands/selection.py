"""Which cells a command is about: its options, checked, and what they select."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.engine.planning import Selected, plan_cells, producing
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.catalogue import (
    choose,
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.workspace.project import Project

SELECTING = (
    *("environment", "producer", "consumer", "cross", "case", "remedy", "loader", "cases"),
    "plugins",
)


def select(
    project: Project, options: dict[str, Any]
) -> tuple[list[Case], list[Loader], list[Cell]]:
    """Return the chosen cases, all loaders, and the selected cells. Raises UserError."""
    more = (Path(directory).absolute() for directory in options["cases"])
    cases = find_cases([project.cases, *project.more_cases, *more])
    plugins = project.plugins
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    chosen = choose("case", options["case"], [case.name for case in cases])
    cases = [case for case in cases if case.name in chosen]
    if refused := [case.refused for case in cases if case.refused]:
        raise UserError("\n".join(refused))
    remedy = choose("remedy", options["remedy"], [one.name for one in remedies])
    loader = choose("loader", options["loader"], [one.name for one in loaders])
    planned = plan_cells(
        cases,
        [one for one in remedies if one.name in remedy],
        [one for one in loaders if one.name in loader],
        select_environments(project, loaders, options),
        find_converters(plugins.converters),
    )
    return cases, loaders, planned


def select_environments(
    project: Project, loaders: Sequence[Loader], options: dict[str, Any]
) -> Selected:
    """Return which environments save and which load. Raises UserError."""
    if options["environment"] and (options["producer"] or options["consumer"]):
        raise UserError("Use --environment, or --producer and --consumer, but not both.")
    able = producing(list(project.environments.values()), loaders)
    names = [one.name for one in able]
    saving = project.select(options["environment"] or options["producer"])
    loading = project.select(options["consumer"] or options["environment"])
    asked = {one.environment for one in loaders if one.name in options["loader"]}
    producers = [name for name in saving if name in names]
    if not producers:
        raise UserError(
            f"Nothing saves in {' or '.join(saving)}: name an environment that can save with "
            "--producer, and this one with --consumer."
        )
    return Selected(
        environments=tuple(able),
        producers=tuple(producers),
        consumers=tuple(name for name in loading if name in names) if options["consumer"] else None,
        own=frozenset(name for name in [*loading, *asked] if name not in names),
        cross=options["cross"],
    )

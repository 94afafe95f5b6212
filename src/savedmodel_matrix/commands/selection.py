"""Which cells a command is about: its options, or what `pyproject.toml` states, and their cells."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.workspace.project import Project

DEFAULT = "default"  # the selection that is meant where nothing is selected
NARROWING = ("environment", "producer", "consumer", "case", "remedy", "loader")
SELECTING = (*NARROWING, "cross", "cases", "plugins", "selection", "all")


class Chosen(NamedTuple):
    """What a run is about: the chosen cases, all loaders, the selected cells in order.

    ``full``: the cells are everything there is, so that an accepted cell that is not among them
    is gone.
    """

    cases: list[Case]
    loaders: list[Loader]
    cells: list[Cell]
    full: bool = False


def select(project: Project, options: Mapping[str, Any]) -> Chosen:
    """Return what the options select; where they select nothing, what the project states.

    Raises UserError for a name that is not known, and for options that contradict one another.
    """
    more = (Path(directory).absolute() for directory in options["cases"])
    cases = find_cases([*project.case_directories, *more])
    plugins = project.plugins
    remedies, loaders = find_remedies(plugins.remedies), find_loaders(plugins.loaders)
    converters = find_converters(plugins.converters)
    parts = _parts(project, options)
    cells: dict[tuple[str, ...], Cell] = {}
    for where, part in parts:
        try:
            case = choose("case", part["case"], [one.name for one in cases])
            remedy = choose("remedy", part["remedy"], [one.name for one in remedies])
            loader = choose("loader", part["loader"], [one.name for one in loaders])
            planned = plan_cells(
                [one for one in cases if one.name in case],
                [one for one in remedies if one.name in remedy],
                [one for one in loaders if one.name in loader],
                select_environments(project, loaders, part),
                converters,
            )
        except UserError as error:
            if where:
                raise UserError(f"{where}: {error}") from error
            raise
        for cell in planned:
            cells.setdefault(cell.key, cell)
    asked = {name for _, part in parts for name in part["case"]}
    every = any(not part["case"] for _, part in parts)
    wanted = [one for one in cases if every or one.name in asked]
    if refused := [case.refused for case in wanted if case.refused]:
        raise UserError("\n".join(refused))
    return Chosen(
        wanted,
        loaders,
        list(cells.values()),
        full=not any(where or _narrowed(part) for where, part in parts)
        and not (options["cases"] or options["plugins"]),
    )


def everything(project: Project, options: Mapping[str, Any]) -> int:
    """Return how many cells `--all` selects; 0 where that cannot be told, as of a refused case."""
    nothing = dict.fromkeys((*NARROWING, "selection"), ())
    try:
        return len(select(project, {**options, **nothing, "cross": False, "all": True}).cells)
    except UserError:
        return 0


def asked(options: Mapping[str, Any]) -> str:
    """Return what was selected, as options of the command line; "" where nothing was.

    Directories are left out: they are those of one machine.
    """
    words: list[str] = []
    for name in (*NARROWING, "cross", "selection", "all"):
        values = options.get(name)
        if isinstance(values, (list, tuple)):
            words += [f"--{name} {value}" for value in values]
        elif values:
            words.append(f"--{name}")
    return " ".join(words)


def _narrowed(part: Mapping[str, Any]) -> bool:
    return any(part[name] for name in (*NARROWING, "cross"))


def _parts(project: Project, options: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the parts of the selection as options, each with the place where it is stated."""
    narrowing = [f"--{name}" for name in (*NARROWING, "cross") if options[name]]
    for broad in ("all", "selection"):
        against = [*narrowing, *(["--all"] if broad == "selection" and options["all"] else [])]
        if options[broad] and against:
            raise UserError(f"Use --{broad} or {' '.join(against)}, but not both.")
    names = options["selection"]
    if not names and not narrowing and not options["all"] and DEFAULT in project.selections:
        names = (DEFAULT,)
    if not names:
        return [("", {name: options[name] for name in (*NARROWING, "cross")})]
    if not project.selections:
        raise UserError(f"{project.root / 'pyproject.toml'} states no selection: use --all.")
    chosen = choose("selection", names, list(project.selections))
    return [
        (project.selections[name].where, asdict(part))
        for name in chosen
        for part in project.selections[name].parts
    ]


def select_environments(
    project: Project, loaders: Sequence[Loader], options: Mapping[str, Any]
) -> Selected:
    """Return which environments save and which load. Raises UserError."""
    if options["environment"] and (options["producer"] or options["consumer"]):
        raise UserError("Use --environment, or --producer and --consumer, but not both.")
    able = producing(list(project.environments.values()), loaders)
    names = [one.name for one in able]
    saving = project.select(options["environment"] or options["producer"])
    loading = project.select(options["consumer"] or options["environment"])
    known = project.environments
    asked = {
        one.environment
        for one in loaders
        if one.name in options["loader"] and not any(known[name].runs(one) for name in loading)
    }
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
        own=tuple(
            one for name, one in known.items() if name in {*loading, *asked} and name not in names
        ),
        cross=options["cross"],
    )

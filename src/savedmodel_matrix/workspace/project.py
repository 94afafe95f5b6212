"""The project: where its files are, and the environments that it states as data.

Both are read from the `pyproject.toml` that has a table `[tool.savedmodel-matrix]`:

    [tool.savedmodel-matrix.environments]
    "tf2.15" = { python = "3.11", tensorflow = "2.15.1", tf-keras = "2.15.1" }

    [tool.savedmodel-matrix.groups]
    default = ["tf2.15"]

A new TensorFlow release is one such line, and one lock (`nox -s lock`). `first` may name the case
that runs before all others; what a run selects by default is in `selections`. `directories` says
where cases, remedies and loaders of one's own are stated.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.environment import Environment, overlay, with_releases
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.directories import (
    KEYS,
    KINDS,
    Directories,
    stated_directories,
)
from savedmodel_matrix.workspace.selections import Selection, selections_of
from savedmodel_matrix.workspace.stated import (
    NAME,
    PYTHON,
    VERSION,
    check_keys,
    date_of,
    listed,
    name_of,
    nearest,
    packages_of,
    patches_of,
    variables_of,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.model.case import Case

TABLE = "savedmodel-matrix"
DEFAULT = "default"  # the group that is meant where nothing is selected
ALL = "all"
PAGES = ("cases", "loaders")
PINNED = ("tensorflow", "tf-keras", "keras")
LOADERS_OF = "loaders-of"


@dataclass(frozen=True)
class Project:
    """A checkout: its directories, and its environments in the order of `pyproject.toml`."""

    root: Path
    environments: Mapping[str, Environment]
    cases: Path
    results: Path
    locks: Path
    report: Path
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    more_cases: tuple[Path, ...] = ()  # directories beside `cases`
    plugins: Directories = field(default_factory=Directories)  # beside the package's own
    selections: Mapping[str, Selection] = field(default_factory=dict, hash=False)
    first: str = ""  # the case that runs before all others
    pages: Mapping[str, Path] = field(default_factory=dict, hash=False)  # `report` writes them

    @property
    def case_directories(self) -> list[Path]:
        """Every directory that holds cases of this project."""
        return [self.cases, *self.more_cases]

    def with_plugins(self, roots: Sequence[Path]) -> Project:
        """Return the project with the plugins in these directories too. Raises UserError."""
        return replace(self, plugins=self.plugins.beside(roots))

    def select(self, names: Sequence[str] = ()) -> list[str]:
        """Return the environments that are meant, each once, in the order of `pyproject.toml`.

        A name is that of an environment or of a group, or `all`; none means the group `default`.
        Raises UserError with the nearest name for one that is none of these.
        """
        chosen: set[str] = set()
        for name in names or (DEFAULT,):
            if name == ALL:
                chosen.update(self.environments)
            elif name in self.groups:
                chosen.update(self.groups[name])
            elif name in self.environments:
                chosen.add(name)
            else:
                known = [*self.environments, *self.groups, ALL]
                raise UserError(f"There is no environment {name!r}: {nearest(name, known)}")
        return [name for name in self.environments if name in chosen]

    def environment_for(self, case: Case, name: str) -> Environment:
        """Return the environment in which a case is run: with what it requires, if anything.

        The lock of a case of this project is in `locks/cases/`, under version control. That of any
        other is made when it is first needed and kept beside the environments: nothing is
        written into a directory of cases.
        """
        environment = self.environments[name]
        if not case.requires:
            return environment
        beside = environment.directory.parent / ".locks"
        if environment.on_demand:  # a release that no line of `pyproject.toml` states
            return overlay(environment, case.requires, beside, on_demand=True)
        kept = overlay(environment, case.requires, self.locks / "cases", on_demand=False)
        own = any(case.path.is_relative_to(place) for place in self.case_directories)
        if own or kept.lock.exists():
            return kept
        return overlay(environment, case.requires, beside, on_demand=True)

    def with_release(self, name: str, package: str, version: str) -> Environment:
        """Return an environment of the project with one release of a package in front."""
        return self.with_releases(name, {package: version})

    def with_releases(self, name: str, releases: Mapping[str, str]) -> Environment:
        """Return an environment of the project with releases of some packages in front."""
        environment = self.environments[name]
        beside = environment.directory.parent / ".locks"
        return with_releases(environment, releases, beside)


def find_project(start: Path) -> Project:
    """Read the project that `start` is in: its directory or the nearest one above it.

    Raises UserError if there is none, or if what it states cannot be used.
    """
    start = start.absolute()
    for directory in (start, *start.parents):
        file = directory / "pyproject.toml"
        if file.is_file():
            table = _read(file).get("tool", {}).get(TABLE)
            if table is not None:
                return _project(file, table)
    raise UserError(
        f"No pyproject.toml with a table [tool.{TABLE}] in {start} or above it: "
        "run the command inside a clone of the repository, or make a project of your own: "
        "savedmodel-matrix init."
    )


def _read(file: Path) -> dict[str, Any]:
    """Parse `file`, with a sentence that names it where it cannot be parsed."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is not valid TOML: {error}.") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error


def project_of(file: Path, stated: Mapping[str, Any]) -> Project:
    """Make a Project of what a `pyproject.toml` would state. Raises UserError as `find_project`."""
    return _project(file, stated.get("tool", {}).get(TABLE))


def _project(file: Path, table: Any) -> Project:
    """Check the table [tool.savedmodel-matrix] of `file`, and make a Project of it."""
    where = f"{file}: [tool.{TABLE}"
    optional = (*KEYS, "first", "pages", "selections")
    check_keys(table, ("environments", "groups"), f"{where}]", optional)
    root = file.parent
    inside = {key: stated_directories(table, key, root, f"{where}]") for key in KEYS}
    cases, *more_cases = inside["cases"] or [root / "cases"]
    environments = _environments(root, table["environments"], f"{where}.environments]")
    groups = _groups(table["groups"], environments, f"{where}.groups]")
    places = [*environments, *groups, ALL]
    return Project(
        root=root,
        environments=environments,
        cases=cases,
        results=root / "results",
        locks=root / "locks",
        report=root / "report",
        groups=groups,
        selections=selections_of(table.get("selections", {}), places, f"{where}.selections"),
        first=_first([cases, *more_cases], table, f"{where}]"),
        more_cases=tuple(more_cases),
        plugins=Directories(**{kind: tuple(inside[kind]) for kind in KINDS}),
        pages=_pages(root, table.get("pages", {}), f"{where}.pages]"),
    )


def _first(directories: Sequence[Path], table: Mapping[str, Any], where: str) -> str:
    """Return the case that runs first, "" where none is stated."""
    if "first" not in table:
        return ""
    files = [path for place in directories for path in sorted(place.glob("[!_]*.py"))]
    known = [path.stem for path in files] or [table["first"]]
    return name_of(table["first"], "first", known, where, kind="case")


def _pages(root: Path, stated: Any, where: str) -> dict[str, Path]:
    """Check which pages of documentation are asked for, each a file inside the project."""
    check_keys(stated, (), where, PAGES)
    for name, path in stated.items():
        inside = isinstance(path, str) and path.endswith(".md") and root in (root / path).parents
        if not inside or ".." in path.split("/"):
            raise UserError(
                f"{where}: {name} must be a Markdown file inside the project, such as "
                f'"docs/{name}.md", not {path!r}.'
            )
    return {name: root / path for name, path in stated.items()}


def _environments(root: Path, stated: Any, where: str) -> dict[str, Environment]:
    """Check every line of the environments; those over another one come after it is known."""
    if not isinstance(stated, dict) or not stated:
        raise UserError(
            f"{where} states no environment: add a line such as "
            '"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }.'
        )
    for name in stated:
        if not NAME.fullmatch(name):
            raise UserError(
                f'{where} has an environment named "{name}": '
                "use letters, digits, dots, hyphens and underscores only."
            )
    above = [
        name for name, values in stated.items() if isinstance(values, dict) and "over" in values
    ]
    made = {
        name: _environment(root, name, values, f"{where} {name}")
        for name, values in stated.items()
        if name not in above
    }
    for name in above:
        base = name_of(stated[name]["over"], "over", list(stated), f"{where} {name}")
        if base in above:
            raise UserError(f"{where} {name}: over names {base}, which is itself over another one.")
        made[name] = _environment(root, name, stated[name], f"{where} {name}", made[base])
    for name, one in made.items():
        if one.loaders_of:
            name_of(one.loaders_of, LOADERS_OF, list(stated), f"{where} {name}")
            if made[one.loaders_of].loaders_of or one.loaders_of == name:
                raise UserError(
                    f"{where} {name}: {LOADERS_OF} names {one.loaders_of}, which is not the "
                    "environment that a loader states: name that one."
                )
    return {name: made[name] for name in stated}


def _environment(
    root: Path, name: str, values: Any, where: str, base: Environment | None = None
) -> Environment:
    """Check one line of the environments, and make an Environment of it."""
    either = ("packages", "patches", "variables", LOADERS_OF)
    if base:
        check_keys(values, ("over",), where, ("keras", *either))
    else:
        check_keys(values, ("python",), where, (*PINNED, "released", *either))
    python = version_of(values, "python", PYTHON, "3.11", where)
    versions = {key: version_of(values, key, VERSION, "2.21.0", where) for key in PINNED}
    packages = packages_of(values, PINNED, where)
    if versions["tf-keras"] and not versions["tensorflow"]:
        raise UserError(f"{where} states tf-keras without TensorFlow: state tensorflow too.")
    if not packages and not any(versions.values()):
        keys = ("keras", "packages") if base else (*PINNED, "packages")
        raise UserError(f"{where} states nothing to install: state one of {listed(keys)}.")
    return Environment(
        name=name,
        python=base.python if base else python,
        tensorflow=versions["tensorflow"],
        tf_keras=versions["tf-keras"],
        lock=root / "locks" / f"{name}.txt",
        directory=root / ".nox" / "environments" / name,
        keras=versions["keras"],
        packages=packages,
        patches=patches_of(root, values, where),
        released=date_of(values, "released", where),
        variables=variables_of(values, where),
        loaders_of=values.get(LOADERS_OF, ""),
        over=base.name if base else "",
        base=base,
    )


def _groups(
    stated: Any, environments: Mapping[str, Environment], where: str
) -> dict[str, tuple[str, ...]]:
    """Check the groups, each a name and a list of environments."""
    if not isinstance(stated, dict) or DEFAULT not in stated:
        raise UserError(
            f'{where} lacks the key "{DEFAULT}": state which environments are meant where none is '
            f'selected, such as {DEFAULT} = ["{next(iter(environments))}"].'
        )
    groups = {}
    for group, names in stated.items():
        if group == ALL or group in environments:
            meaning = "every environment" if group == ALL else "an environment"
            raise UserError(
                f'{where} has a group named "{group}", which means {meaning}: rename it.'
            )
        if not NAME.fullmatch(group):
            raise UserError(
                f'{where} has a group named "{group}": '
                "use letters, digits, dots, hyphens and underscores only."
            )
        if not isinstance(names, list) or not names:
            raise UserError(f"{where}: {group} must be a list of environments, not {names!r}.")
        groups[group] = tuple(name_of(name, group, list(environments), where) for name in names)
    return groups

"""What a bisection varies: releases of a package, in front of the packages of one environment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from savedmodel_matrix.analysis.bisected import Row, Side
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.environments.locking import pins
from savedmodel_matrix.environments.releases import find_releases
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.workspace.project import Project

KERAS = "keras"
OLDEST = {KERAS: "3.0.0"}  # what came before is another program


@dataclass(frozen=True)
class Axis:
    """The package whose releases are tried, and where.

    ``varied`` is the environment that they go in front of, and ``fixed`` the other side of the
    cell, where only one side varies. The two are one environment, but for a package that only the
    loader's own environment has.
    """

    package: str
    varied: Environment
    fixed: Environment
    side: Side

    def rows(
        self, project: Project, between: tuple[str, str] | None
    ) -> tuple[list[Row], list[Environment]]:
        """Return the releases to search, oldest first, with an environment for each.

        Raises UserError where the package index has fewer than two.
        """
        python = self.varied.python
        releases = find_releases(self.package, find_uv(), python)
        if between:
            first, last = sorted(map(_version, between))
        else:
            first = Version(OLDEST.get(self.package, "0"))
            last = max((Version(one.version) for one in releases), default=first)
        chosen = [one for one in releases if first <= Version(one.version) <= last]
        if len(chosen) < 2:
            raise UserError(
                f"The package index has {len(chosen)} releases of {self.package} from {first} to "
                f"{last} for Python {python}; a search needs two: widen --between."
            )
        environments = [self._with(project, one.version) for one in chosen]
        pairs = zip(chosen, environments, strict=True)
        return [Row(one.version, one.day, inside.name) for one, inside in pairs], environments

    def _with(self, project: Project, version: str) -> Environment:
        made = project.with_release(self.varied.name, self.package, version)
        if self.varied is self.fixed:
            return made
        return replace(made, loaders_of=self.varied.loaders_of or self.varied.name)


def axis_of(project: Project, loader: Loader, base: Environment, package: str, side: Side) -> Axis:
    """Return where releases of a package take part, for a loader and the environment that saves.

    A package that only the loader's own environment has, ONNX Runtime for instance, takes part in
    loading; the artifact is that of ``base``. With `--side load` so does one that both have.
    Raises UserError where no release could make a difference.
    """
    if not loader.environment:
        return Axis(package, base, base, side)
    own = project.environments[loader.environment]
    if package in _pinned(own) and (side is Side.LOAD or package not in _pinned(base)):
        if side is Side.SAVE:
            raise UserError(
                f"{package} takes part in loading only: it is in {own.name}, the environment of "
                f"{loader.name}, and not in {base.name}. Leave out --side."
            )
        return Axis(package, own, base, Side.LOAD)
    if side is Side.LOAD:
        raise UserError(
            f"{loader.name} runs in an environment of its own, {own.name}, which does not have "
            f"{package}, so no release of it takes part in loading."
        )
    return Axis(package, base, base, side)


def base_of(project: Project, loaders: Sequence[Loader], named: str | None) -> Environment:
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


def _version(named: str) -> Version:
    try:
        return Version(named)
    except InvalidVersion:
        raise UserError(f"--between {named!r}: name a version, such as 3.4.1.") from None


def _pinned(environment: Environment) -> set[str]:
    try:
        return {name for name, _ in pins(environment.lock.read_text(encoding="utf-8"))}
    except OSError:
        return set()

"""The releases of a package between two environments: the first that ends as after, by groups.

All groups are run together in every round, so that a release is installed and started once. What
accepted cells of other environments say of a release is used and not run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.version import Version

from savedmodel_matrix.analysis.attribution import (
    Attributed,
    Changed,
    Made,
    as_after,
    bounds,
    next_probe,
)
from savedmodel_matrix.commands.attributing import CANDIDATES
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.environments.releases import find_releases
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from savedmodel_matrix.analysis.accepted_cells import Known
    from savedmodel_matrix.commands.mixtures import Clock, Mixtures
    from savedmodel_matrix.model.environment import Environment

TENSORFLOW, KERAS = "tensorflow", "keras"
# Each of its releases demands the TensorFlow of its minor version, so it changes with that.
BOUND = "tf-keras"


@dataclass
class _Search:
    """The releases of a package for one group, by their places among ``versions``.

    ``known``: whether a release ends as after; ``made``: how that is known; ``bases``: where it
    can be run.
    """

    package: str
    versions: list[str]
    over: str
    known: dict[int, bool]
    made: dict[int, Made]
    bases: dict[int, Environment] = field(default_factory=dict)


class Searches:
    """The searches of a step: for each group, over the releases of the package that it was."""

    def __init__(
        self,
        mixtures: Mixtures,
        known: Known,
        pair: tuple[str, str],
        ends: Mapping[str, tuple[str, str]],
    ) -> None:
        """Take the environments of a step, and ``ends``, versions before and after by package."""
        self._mixtures, self._known, self._ends = mixtures, known, ends
        self._before, self._after = pair
        self._listed: dict[str, list[str]] = {}
        self._of: dict[Changed, _Search] = {}

    def start(self, one: Changed, package: str, over: str, made: Made = Made.RUN) -> None:
        """Begin the search of a group, with what accepted cells say of releases.

        ``over`` is the environment that everything else is of; ``made`` is how it is known that it
        was this package.
        """
        versions = self._releases(package)
        last = len(versions) - 1
        search = _Search(package, versions, over, {0: False, last: True}, {last: made})
        places = {version: place for place, version in enumerate(versions) if 0 < place < last}
        if package == TENSORFLOW:
            for environment, version in self._with_tensorflow():
                if version in places:
                    search.bases[places[version]] = self._as_after(environment)
        else:
            project = self._mixtures.project
            for version, place in places.items():
                search.bases[place] = project.with_releases(over, {package: version})
        if package == KERAS:
            for version, same in self._accepted(one):
                if version in places:
                    search.known[places[version]] = same
                    search.made[places[version]] = Made.ACCEPTED
        self._of[one] = search

    def _accepted(self, one: Changed) -> Iterator[tuple[str, bool]]:
        """Yield releases of Keras, and whether a group ends as after with them.

        They are over other environments, and say something where that itself ends as after.
        """
        for name, environment in self._mixtures.project.environments.items():
            if not environment.over or not environment.keras or environment.variables:
                continue
            over, came = self._known.at(one, environment.over), self._known.at(one, name)
            if over and came and as_after(one, over):
                yield environment.keras, as_after(one, came)

    def _with_tensorflow(self) -> Iterator[tuple[Environment, str]]:
        """Yield other environments of the accepted run, each with its release of TensorFlow."""
        here = (self._before, self._after)
        for name, one in self._mixtures.project.environments.items():
            own = one.tensorflow and not one.over and not one.variables
            if own and name not in here and self._known.packages(name):
                yield one, one.tensorflow

    def _as_after(self, environment: Environment) -> Environment:
        """Return an environment with its TensorFlow, and the packages of the one after."""
        has, wanted = (self._known.packages(name) for name in (environment.name, self._after))
        names = [one for one in CANDIDATES if one != BOUND and has.get(one) and wanted.get(one)]
        other = {one: wanted[one] for one in names if has[one] != wanted[one]}
        if not other:
            return environment
        return self._mixtures.project.with_releases(environment.name, other)

    def _releases(self, package: str) -> list[str]:
        """Return the releases of a package from before to after, both included, older first.

        Only these two where the later version is the lower one, or where the index cannot be asked.
        """
        first, last = self._ends[package]
        if package not in self._listed:
            python = self._mixtures.project.environments[self._before].python
            try:
                found = find_releases(package, find_uv(), python)
            except UserError:
                found = []
            self._listed[package] = [one.version for one in found]
        low, high = Version(first), Version(last)
        return [first, *(v for v in self._listed[package] if low < Version(v) < high), last]

    def run(self, clock: Clock) -> None:
        """Run releases, all groups in every round, until no search can be narrowed further."""
        while not clock.over:
            asked: list[tuple[Changed, int, Environment]] = []
            for one, search in self._of.items():
                place = next_probe(search.known, len(search.versions), search.bases.keys())
                if place is not None:
                    asked.append((one, place, search.bases[place]))
            if not asked:
                return
            names = sorted({environment.name for *_, environment in asked})
            said = f"{self._before} → {self._after}: {len(asked)} cells in {', '.join(names)}."
            ran = self._mixtures.run([(one, environment) for one, _, environment in asked], said)
            for (one, place, _), came in zip(asked, ran, strict=True):
                if came is None:
                    del self._of[one].bases[place]  # it cannot be had: it stays untried
                else:
                    self._of[one].known[place] = as_after(one, came)
                    self._of[one].made[place] = Made.RUN

    def package(self, one: Changed) -> str:
        """Return the package that a group goes back to, "" if that is not known."""
        return self._of[one].package if one in self._of else ""

    def found(self, one: Changed) -> Attributed:
        """Return what is known of a group that was started."""
        search = self._of[one]
        low, high = bounds(search.known, len(search.versions))
        return Attributed(
            one,
            package=search.package,
            since=search.versions[high],
            not_yet=search.versions[low],
            untried=tuple(search.versions[low + 1 : high]),
            over=search.over,
            made=search.made[high],
        )

"""Attributing the differences between one environment and the next, in few runs.

First the packages of the environment after are put in front of the one before, all at once. A cell
that then ends as after goes back to these packages, one that ends as before to TensorFlow. Where it
ends in a third way, the other mixture is tried too. Then packages are tried one by one, and last
the releases in between, all cells at once in every round. What accepted cells of other environments
say of a release is used and not run.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.attribution import (
    NOT_TRIED,
    Attributed,
    Changed,
    Guilty,
    Made,
    Step,
    by_worth,
    changed_groups,
    guilty,
    side_of,
    with_alike,
)
from savedmodel_matrix.commands.attributing import CANDIDATES
from savedmodel_matrix.commands.attributing_releases import BOUND, KERAS, TENSORFLOW, Searches
from savedmodel_matrix.model.requirements import TENSORFLOWS
from savedmodel_matrix.model.table import AS_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.accepted_cells import Known
    from savedmodel_matrix.analysis.attribution import Ended
    from savedmodel_matrix.commands.mixtures import Clock, Mixtures

LEGACY = "TF_USE_LEGACY_KERAS"  # puts Keras 2 under a TensorFlow that comes with Keras 3
PASS = "pass"  # noqa: S105 - a status
GONE = "its case, remedy or loader is gone, so that it cannot be run"


class StepTask:
    """The differences between an environment and the next, and what is known of them so far."""

    def __init__(
        self, mixtures: Mixtures, known: Known, pair: tuple[str, str], most: int | None
    ) -> None:
        """``most``: how many groups are run, all without."""
        self.before, self.after = pair
        self._mixtures, self._known = mixtures, known
        plugins = mixtures.plugins
        most_known = plugins.order(known.rows)
        settings = {
            name: str(sorted(one.settings.items())) for name, one in plugins.remedies.items()
        }
        self.groups = changed_groups(
            known.saved_in(self.before), known.saved_in(self.after), settings, most_known
        )
        self._kinds = {one: settings.get(one.cells[0][0], "") for one in self.groups}
        self._why = {one: GONE for one in self.groups if not plugins.knows(one)}
        able = [one for one in self.groups if one not in self._why]
        self._legacy_says = [one for one in able if self._is_keras_2(one)]
        known_first = [*self._legacy_says, *able]
        order = by_worth(list(dict.fromkeys(known_first)), self._kinds)
        self.asked = [one for one in order if one not in self._legacy_says][:most]

    @cached_property
    def packages(self) -> dict[str, tuple[str, str]]:
        """The packages that are mixed, with both versions."""
        found = {name: self._versions(name) for name in CANDIDATES if name != BOUND}
        return {name: both for name, both in found.items() if all(both) and both[0] != both[1]}

    @property
    def kept(self) -> tuple[str, ...]:
        """The other packages that differ, TensorFlow aside."""
        then, now = self._known.packages(self.before), self._known.packages(self.after)
        names = {*then, *now} - self.packages.keys() - TENSORFLOWS
        return tuple(sorted(name for name in names if then.get(name) != now.get(name)))

    @cached_property
    def searches(self) -> Searches:
        """The searches over releases of this step."""
        mixtures, ends = self._mixtures, {**self.packages, TENSORFLOW: self._tensorflow}
        return Searches(mixtures, self._known, (self.before, self.after), ends)

    @property
    def announced(self) -> str:
        """How many cells differ, in one line."""
        cells = sum(len(one.cells) for one in self.groups)
        mixed = ", ".join(f"{name} {a} → {b}" for name, (a, b) in self.packages.items())
        return (
            f"{self.before} → {self.after}: {cells} cells differ in {len(self.groups)} groups: "
            f"{len(self._legacy_says)} are known from accepted cells, {len(self.asked)} are run. "
            f"TensorFlow {' → '.join(self._tensorflow)}; {mixed or 'no other package'}."
        )

    @property
    def _tensorflow(self) -> tuple[str, str]:
        names = ("tensorflow", "tensorflow-cpu")
        found = [self._versions(name) for name in names]
        return next((both for both in found if any(both)), ("", ""))

    def _versions(self, package: str) -> tuple[str, str]:
        ends = (self._known.packages(name) for name in (self.before, self.after))
        before, after = (one.get(package, "") for one in ends)
        return before, after

    def _is_keras_2(self, one: Changed) -> bool:
        """Say whether an accepted cell shows that it is Keras, of which the major version changes.

        The remedy that puts Keras 2 under the TensorFlow after ends as the cell did before.
        """
        majors = [version.partition(".")[0] for version in self.packages.get(KERAS, ("", ""))]
        if majors != ["2", "3"] or one.cells[0][0] != AS_WRITTEN or one.was[0] != PASS:
            return False
        remedies = self._mixtures.plugins.remedies.values()
        legacy = [each.name for each in remedies if each.settings.get(LEGACY)]
        came = [self._known.with_remedy(one, name, self.after) for name in legacy]
        return one.was in came

    def mix(self, clock: Clock) -> None:
        """Find out for each group whether it is TensorFlow or which of the packages."""
        for one in self._legacy_says:
            self.searches.start(one, KERAS, self.after, Made.ACCEPTED)
        asked = self.asked
        same = self._tensorflow[0] == self._tensorflow[1]
        forward: dict[Changed, Ended | None] = {}
        if not self.packages:
            found = dict.fromkeys(asked, Guilty.UNKNOWN if same else Guilty.TENSORFLOW)
        elif same:
            found = dict.fromkeys(asked, Guilty.PACKAGES)
        else:
            newer = {name: both[1] for name, both in self.packages.items()}
            forward = self._run(asked, self.before, newer, clock)
            found = {one: guilty(one, came, None) for one, came in forward.items()}
            unsure = [one for one, who in found.items() if who is Guilty.UNKNOWN]
            older = {name: both[0] for name, both in self.packages.items()}
            back = self._run(unsure, self.after, older, clock)
            found |= {one: guilty(one, forward[one], came) for one, came in back.items()}
            for one in back:
                if found[one] is Guilty.UNKNOWN:
                    self._why[one] = self._unsure(forward[one], back[one], (newer, older))
        for one, who in found.items():
            if who is Guilty.TENSORFLOW:
                self.searches.start(one, TENSORFLOW, self.before)
        mixed = [one for one, who in found.items() if who is Guilty.PACKAGES]
        bases = {
            one: self.before if forward.get(one) in (None, one.now) else self.after for one in mixed
        }
        for base in (self.before, self.after):
            self._single_out([one for one in mixed if bases[one] == base], base, clock)

    def _run(
        self, groups: Sequence[Changed], base: str, releases: Mapping[str, str], clock: Clock
    ) -> dict[Changed, Ended | None]:
        """Run groups over an environment with these releases; those of no time get their reason."""
        if not groups:
            return {}
        if clock.over:
            self._why |= dict.fromkeys(groups, NOT_TRIED)
            return {}
        environment = self._mixtures.project.with_releases(base, releases)
        said = f"{len(groups)} cells in {environment.name}."
        came = self._mixtures.run([(one, environment) for one in groups], said)
        return dict(zip(groups, came, strict=True))

    def _unsure(
        self,
        forward: Ended | None,
        back: Ended | None,
        releases: tuple[Mapping[str, str], Mapping[str, str]],
    ) -> str:
        ends = []
        pairs = zip((self.before, self.after), releases, (forward, back), strict=True)
        for base, mixed, came in pairs:
            name = self._mixtures.project.with_releases(base, mixed).name
            said = words_of(came) if came else "cannot be run"
            ends.append(f"{name} {said}")
        return f"neither as before nor as after: {'; '.join(ends)}"

    def _single_out(self, groups: Sequence[Changed], base: str, clock: Clock) -> None:
        """Find the one package that makes the difference over an environment."""
        if len(self.packages) == 1:
            for one in groups:
                self.searches.start(one, next(iter(self.packages)), base)
            return
        place, wanted = (1, "now") if base == self.before else (0, "was")
        alone: dict[Changed, list[str]] = {}
        for name, both in self.packages.items():
            for one, came in self._run(groups, base, {name: both[place]}, clock).items():
                alone.setdefault(one, [])
                if came == getattr(one, wanted):
                    alone[one].append(name)
        for one, names in alone.items():
            if len(names) == 1:
                self.searches.start(one, names[0], base)
            elif not names:
                self._why[one] = (
                    f"several of {', '.join(self.packages)} together, none of them alone"
                )
            else:
                self._why[one] = f"each of {', '.join(names)} alone is enough"

    def told(self) -> Step:
        """Return the step with what each group goes back to, the largest group first."""
        found = with_alike([self._settled(one) for one in self.groups], self._kinds)
        crossed = self._known.crossed_differences(self.before, self.after)
        return Step(self.before, self.after, self.packages, self.kept, tuple(found), crossed)

    def _settled(self, one: Changed) -> Attributed:
        crossed = (
            self._known.crossed(one, self.before, self.after),
            self._known.crossed(one, self.after, self.before),
        )
        side = side_of(one, crossed)
        package = self.searches.package(one)
        if not package:
            return Attributed(one, side=side, why=self._why.get(one, NOT_TRIED))
        bound = package == TENSORFLOW and len(set(self._versions(BOUND))) > 1
        beside = (BOUND,) if bound and self._legacy(one) else ()
        return replace(self.searches.found(one), together=beside, side=side)

    def _legacy(self, one: Changed) -> bool:
        """Say whether the remedy of a group takes the Keras that is bound to TensorFlow."""
        remedy = self._mixtures.plugins.remedies.get(one.cells[0][0])
        return bool(remedy and remedy.settings.get(LEGACY))


def words_of(came: Ended) -> str:
    """Say how a cell ended, as the end of a sentence."""
    status, stage, _ = came
    verbs = {"fail": f"fails at {stage}", "crash": f"crashes at {stage}"}
    verbs |= {"timeout": f"does not end at {stage}", "not-applicable": "does not apply"}
    return verbs.get(status, "passes")

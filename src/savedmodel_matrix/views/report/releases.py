"""What changed from each release to the next: fixed, broken, or failing otherwise, and why.

Compared are the cells that both releases saved and loaded, over all ways of saving and all loaders;
cross cells, which another environment loads, are left to their grids.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.analysis.versions import FIRST
from savedmodel_matrix.model.table import AS_WRITTEN, FAILURES, key_of
from savedmodel_matrix.views.naming import uses, way
from savedmodel_matrix.views.report import compared
from savedmodel_matrix.views.report.series import KERAS, TENSORFLOW, difference, notes
from savedmodel_matrix.views.report.since import since
from savedmodel_matrix.views.report.views import Mark, href_of, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.views.report.causes import Cause
    from savedmodel_matrix.views.report.facts import Cell, Facts
    from savedmodel_matrix.views.report.series import Release, Series
    from savedmodel_matrix.views.report.since import Since

BROKE, FIXED, CHANGED = "broke", "fixed", "changed"
Pair = tuple["Cell", "Cell"]


@dataclass(frozen=True)
class Link:
    """A way to a page: what it says and where it leads."""

    words: str
    href: str


@dataclass(frozen=True)
class Reason:
    """Outcomes that changed alike: from one to another, with one root cause."""

    before: Mark
    after: Mark
    title: str  # of the root cause, "" where neither outcome has one
    href: str
    outcomes: int
    models: tuple[tuple[Link, tuple[Link, ...]], ...]  # as written: the case, and its loaders
    ways: tuple[tuple[str, int], ...]  # other ways of saving, and how many outcomes of each
    since: tuple[Since, ...] = ()  # which releases they go back to


@dataclass(frozen=True)
class Step:
    """One release and what it did to outcomes."""

    before: Release
    after: Release
    anchor: str
    known: int  # outcomes that are known in both
    broke: tuple[Reason, ...]
    fixed: tuple[Reason, ...]
    changed: tuple[Reason, ...]
    packages: tuple[str, ...]  # "numpy 1.26.4 → 2.3.5"
    goes: tuple[tuple[tuple[str, ...], int], ...]  # packages that outcomes go with: see `compared`
    links: tuple[Link, ...]  # release notes, and the changes in the code
    since: tuple[Since, ...] = ()  # which releases outcomes go back to

    @property
    def numbers(self) -> tuple[tuple[str, int], ...]:
        """How many outcomes broke, were fixed, and merely changed."""
        of_kind = ((BROKE, self.broke), (FIXED, self.fixed), (CHANGED, self.changed))
        return tuple((kind, sum(one.outcomes for one in reasons)) for kind, reasons in of_kind)

    @property
    def differs(self) -> int:
        """How many outcomes are others."""
        return sum(number for _, number in self.numbers)


@dataclass(frozen=True)
class Strip:
    """How many models work as written with what people do, release by release."""

    name: str
    counts: tuple[tuple[int, int], ...]  # models that pass with every loader, and that were tried


@dataclass(frozen=True)
class History:
    """A series of releases with what each did."""

    series: Series
    steps: tuple[Step, ...]
    strips: tuple[Strip, ...]

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """The releases by the first and last of those between which no outcome differs."""
        starts = [0, *(n for n, step in enumerate(self.steps, start=1) if step.differs)]
        return tuple(pairwise([*starts, len(self.series.releases)]))


def history_of(series: Series, causes: Mapping[tuple[str, ...], Cause]) -> History:
    """Return what each release of a series did; ``causes`` are those of its cells, by `key_of`."""
    steps = tuple(_step(series, one, other, causes) for one, other in pairwise(series.releases))
    return History(series, steps, _strips(series))


def anchor_of_release(series: Series, release: Release) -> str:
    """Return the anchor of a release on the page of releases: "tensorflow-2.16"."""
    label = "".join(
        c if c.isascii() and (c.isalnum() or c in ".-_") else "-" for c in release.label
    )
    return f"{series.key}-{label}"


def kind_of(before: Cell, after: Cell) -> str:
    """Return whether a change of outcome is a fix, a break or neither; "" if it is none."""
    if "not-run" in (before["status"], after["status"]) or outcome(before) == outcome(after):
        return ""
    if before["status"] == "pass" and after["status"] in FAILURES:
        return BROKE
    if after["status"] == "pass" and before["status"] in FAILURES:
        return FIXED
    return CHANGED


def _step(
    series: Series, one: Release, other: Release, causes: Mapping[tuple[str, ...], Cause]
) -> Step:
    facts = series.facts
    known = 0
    found: dict[str, dict[tuple[str, ...], list[Pair]]] = {BROKE: {}, FIXED: {}, CHANGED: {}}
    for before, after in _pairs(facts, one.environment, other.environment):
        known += "not-run" not in (before["status"], after["status"])
        kind = kind_of(before, after)
        if kind:
            cause = _cause(before, after, causes)
            alike = (outcome(before), outcome(after), _known_as(cause))
            found[kind].setdefault(alike, []).append((before, after))
    reasons = {
        kind: tuple(
            _reason(series, pairs, causes)
            for pairs in sorted(by_way.values(), key=lambda pairs: -len(pairs))
        )
        for kind, by_way in found.items()
    }
    return Step(
        one,
        other,
        anchor_of_release(series, other),
        known,
        reasons[BROKE],
        reasons[FIXED],
        reasons[CHANGED],
        _packages(facts, one, other),
        tuple(
            (group.packages, group.number)
            for group in compared.changes(facts, one.environment, other.environment)
        ),
        _links(one, other),
        since(
            facts,
            [pair for alike in found.values() for pairs in alike.values() for pair in pairs],
        ),
    )


def _pairs(facts: Facts, one: str, other: str) -> Iterable[Pair]:
    for case in facts.case_names:
        for remedy in facts.remedy_names:
            for loader in facts.loader_names:
                before = facts.at(case, remedy, loader, one)
                after = facts.at(case, remedy, loader, other)
                if before and after:
                    yield before, after


def _cause(before: Cell, after: Cell, causes: Mapping[tuple[str, ...], Cause]) -> Cause | None:
    """Return why the outcome is what it is now or, of what was fixed, why it was what it was."""
    return causes.get(key_of(after)) or causes.get(key_of(before))


def _known_as(cause: Cause | None) -> str:
    """Return what tells a root cause: several fingerprints can have one explanation."""
    if cause is None:
        return ""
    return cause.explanation.name if cause.explanation else cause.anchor


def _reason(
    series: Series, pairs: Sequence[Pair], causes: Mapping[tuple[str, ...], Cause]
) -> Reason:
    before, after = pairs[0]
    cause = _cause(before, after, causes)
    models: dict[str, list[Link]] = {}
    ways: dict[str, int] = {}
    for _, cell in pairs:
        if cell["remedy"] == AS_WRITTEN:
            link = Link(cell["loader"], href_of(cell))
            models.setdefault(cell["case"], []).append(link)
        else:
            ways[cell["remedy"]] = ways.get(cell["remedy"], 0) + 1
    return Reason(
        mark(before, series.facts),
        mark(after, series.facts),
        cause.title if cause else "",
        f"causes.html#{cause.anchor}" if cause else "",
        len(pairs),
        tuple(
            (Link(series.facts.cases[case].title, links[0].href), tuple(links))
            for case, links in models.items()
        ),
        tuple((way(name), number) for name, number in sorted(ways.items(), key=lambda i: -i[1])),
        since(series.facts, pairs),
    )


def _packages(facts: Facts, one: Release, other: Release) -> tuple[str, ...]:
    """Return which of the packages that matter to saving differ, TensorFlow and Keras aside."""
    stated = facts.run.get("environments", {})
    before, after = (stated.get(each.environment, {}).get("packages", {}) for each in (one, other))
    others = (name for name in FIRST if name not in ("tensorflow", "tensorflow-cpu", "keras"))
    return tuple(
        f"{name} {before.get(name) or 'none'} → {after.get(name) or 'none'}"
        for name in others
        if before.get(name) != after.get(name)
    )


def _links(one: Release, other: Release) -> tuple[Link, ...]:
    found = []
    versions = (
        (TENSORFLOW, one.tensorflow, other.tensorflow),
        (KERAS, one.keras, other.keras),
    )
    for package, before, after in versions:
        if before != after:
            found.append(Link(f"{package} {after}: release notes", notes(package, after)))
            changed = f"{package}: what changed in the code since {before}"
            found.append(Link(changed, difference(package, before, after)))
    return tuple(link for link in found if link.href)


def _strips(series: Series) -> tuple[Strip, ...]:
    facts = series.facts
    readers = [name for name in facts.loader_names if facts.baselines[name] == AS_WRITTEN]
    return tuple(
        Strip(
            use.name,
            tuple(_working(facts, use.loaders, one.environment) for one in series.releases),
        )
        for use in uses(readers)
    )


def _working(facts: Facts, loaders: Sequence[str], environment: str) -> tuple[int, int]:
    """Return how many models pass as written with all of these loaders, of those with a verdict."""
    passed = tried = 0
    for case in facts.case_names:
        cells = (facts.at(case, AS_WRITTEN, loader, environment) for loader in loaders)
        ends = [cell["status"] for cell in cells if cell]
        verdicts = [end for end in ends if end == "pass" or end in FAILURES]
        if verdicts and ("not-run" not in ends or any(end != "pass" for end in verdicts)):
            tried += 1
            passed += all(end == "pass" for end in verdicts)
    return passed, tried

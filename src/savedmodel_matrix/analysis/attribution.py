"""Which cells differ between two environments, and which release each difference goes back to.

A step is an environment and the next. What differs between its cells is put into groups of cells
that ended alike, of which one is run in mixtures of both environments: the packages of the one
with the TensorFlow of the other. Nothing here runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.bisected import Blame, blame

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from savedmodel_matrix.model.table import Row

Ended = tuple[str, str, str]  # status, stage, fingerprint
Way = tuple[str, str]  # remedy, loader
NOT_TRIED = "not tried"
BUILD = "build"  # the stage in which neither a remedy nor a loader has done anything yet


@dataclass(frozen=True)
class Changed:
    """Cells of one case that all ended in one way before and in one way after.

    The first of ``cells`` is the one that is run for all of them.
    """

    case: str
    was: Ended
    now: Ended
    cells: tuple[Way, ...]


class Made(StrEnum):
    """Where a release's outcome is from."""

    RUN = "run"
    ACCEPTED = "accepted"
    ALIKE = "alike"  # not run: it ended as others did that were run, before and after


@dataclass(frozen=True)
class Attributed:
    """What a difference goes back to, or why that is not known.

    ``since`` is the oldest release known to end as after, ``not_yet`` the newest one before it that
    is known not to; ``untried`` are those between. ``over`` names the environment that everything
    else is of. ``together`` are packages that had to change with it.
    """

    changed: Changed
    package: str = ""
    since: str = ""
    not_yet: str = ""
    untried: tuple[str, ...] = ()
    over: str = ""
    made: Made = Made.RUN
    together: tuple[str, ...] = ()
    side: str = ""
    like: str = ""  # the case that was run, where this one was not
    why: str = ""  # it is not attributed

    @property
    def words(self) -> str:
        """As it ends a sentence: "since keras 3.6.0", "in one of keras 3.6.0 to 3.6.2"."""
        if not self.package:
            return "not attributed"
        beside = f" with {' and '.join(self.together)} of its own" if self.together else ""
        if self.untried:
            return f"in one of {self.package} {self.untried[0]} to {self.since}{beside}"
        return f"since {self.package} {self.since}{beside}"


@dataclass(frozen=True)
class Step:
    """An environment and the next, what was mixed, and what every difference goes back to.

    ``packages`` are those that were put into mixtures, with their versions before and after;
    ``kept`` those that differ as well and were not. ``crossed`` counts differences between cross
    cells, which are not attributed on their own.
    """

    before: str
    after: str
    packages: Mapping[str, tuple[str, str]] = field(hash=False)
    kept: tuple[str, ...]
    attributed: tuple[Attributed, ...]
    crossed: int = 0

    @property
    def differing(self) -> int:
        """How many cells differ."""
        return sum(len(one.changed.cells) for one in self.attributed)


def ended(row: Mapping[str, str]) -> Ended | None:
    """Return how a cell ended; None where it was not run."""
    if row["status"] == "not-run":
        return None
    return row["status"], row["stage"], row["fingerprint"]


def changed_groups(
    before: Iterable[Row],
    after: Iterable[Row],
    settings: Mapping[str, str],
    order: Sequence[str],
) -> list[Changed]:
    """Return the cells that ended otherwise after, by groups, the largest first.

    Compared are cells by case, remedy and loader. In a group are cells of a case with one remedy,
    or with remedies of the same ``settings`` where the case could not even be built. ``order`` has
    remedies and loaders in the order in which one is chosen to be run for its group.
    """
    then = {_named(row): ended(row) for row in before}
    now = {_named(row): ended(row) for row in after}
    groups: dict[tuple[str, str, Ended, Ended], list[Way]] = {}
    for name in then.keys() & now.keys():
        case, remedy, loader = name
        was, ends = then[name], now[name]
        if was is None or ends is None or was == ends:
            continue
        kind = f"of {settings.get(remedy, '')}" if BUILD in (was[1], ends[1]) else remedy
        groups.setdefault((case, kind, was, ends), []).append((remedy, loader))
    place = {name: number for number, name in enumerate(order)}

    def rank(way: Way) -> tuple[int, int, Way]:
        return place.get(way[0], len(place)), place.get(way[1], len(place)), way

    found = [
        Changed(case, was, now, tuple(sorted(ways, key=rank)))
        for (case, _, was, now), ways in groups.items()
    ]
    return sorted(found, key=lambda one: (-len(one.cells), one.case, one.cells))


def _named(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["case"], row["remedy"], row["loader"]


def by_worth(groups: Sequence[Changed], kinds: Mapping[Changed, str]) -> list[Changed]:
    """Return groups in the order in which running them tells most.

    One of each way of ending before and after comes first, the way of most cells before others,
    and then a second of each. ``kinds`` tell groups apart that ended in one way.
    """
    ways: dict[tuple[Ended, Ended, str], list[Changed]] = {}
    for one in groups:
        ways.setdefault((one.was, one.now, kinds[one]), []).append(one)
    cells = {way: sum(len(one.cells) for one in found) for way, found in ways.items()}
    ranked = [
        (place, -cells[way], way, one)
        for way, found in ways.items()
        for place, one in enumerate(found)
    ]
    return [one for *_, one in sorted(ranked, key=lambda each: each[:3])]


def with_alike(found: Sequence[Attributed], kinds: Mapping[Changed, str]) -> list[Attributed]:
    """Return attributions, those that were not tried by others of the same way of ending.

    Only where all of the same kind that were run ended alike before and after, and go back to one
    release. ``kinds`` tell groups apart that ended in one way.
    """
    known: dict[tuple[Ended, Ended, str], list[Attributed]] = {}
    for one in found:
        if one.package or one.why != NOT_TRIED:
            key = (one.changed.was, one.changed.now, kinds[one.changed])
            known.setdefault(key, []).append(one)
    return [
        _alike(one, known.get((one.changed.was, one.changed.now, kinds[one.changed]), ()))
        for one in found
    ]


def _alike(one: Attributed, others: Sequence[Attributed]) -> Attributed:
    if one.why != NOT_TRIED or not others:
        return one
    said = {(each.package, each.since, each.not_yet, each.untried) for each in others}
    if len(said) > 1 or not others[0].package:
        return one
    like = others[0]
    return replace(
        like, changed=one.changed, made=Made.ALIKE, side=one.side, like=like.changed.case
    )


class Guilty(StrEnum):
    """What of two environments makes the difference."""

    PACKAGES = "packages"
    TENSORFLOW = "tensorflow"
    UNKNOWN = ""


def guilty(one: Changed, forward: Ended | None, back: Ended | None) -> Guilty:
    """Say what makes the difference, from the two mixtures of the environments.

    ``forward``: the environment before with the packages of the one after; ``back``: the one after
    with the packages of the one before. A mixture that ends in a third way says nothing.
    """
    if forward == one.now or (forward != one.was and back == one.was):
        return Guilty.PACKAGES
    if forward == one.was or back == one.now:
        return Guilty.TENSORFLOW
    return Guilty.UNKNOWN


def as_after(one: Changed, came: Ended) -> bool:
    """Say whether a release ends as after the step.

    Where the step made it pass or fail, any failure is as good as another; where it fails on both
    sides, the way it fails counts.
    """
    if (one.was[0] == "pass") != (one.now[0] == "pass"):
        return (came[0] == "pass") == (one.now[0] == "pass")
    return came == one.now


def bounds(known: Mapping[int, bool], count: int) -> tuple[int, int]:
    """Return the newest release known not to end as after, and the next that is known to.

    ``known``: by place among ``count`` releases, whether it ends as after. The first does not, and
    the last does.
    """
    newest = max((place for place, same in known.items() if not same), default=0)
    after = [place for place, same in known.items() if same and place > newest]
    return newest, min(after, default=count - 1)


def next_probe(known: Mapping[int, bool], count: int, possible: Collection[int]) -> int | None:
    """Return which release to run next, None where it is known or cannot be narrowed further.

    The first after the oldest comes first: of a new major version, that is mostly it.
    """
    low, high = bounds(known, count)
    inside = [place for place in range(low + 1, high) if place in possible and place not in known]
    if not inside:
        return None
    return inside[0] if low == 0 else inside[len(inside) // 2]


def side_of(one: Changed, crossed: tuple[Ended | None, Ended | None]) -> str:
    """Say whether saving or loading changed, from the two cross cells of a step.

    ``crossed``: saved before and loaded after, and the other way round.
    """
    loaded_after, saved_after = crossed
    if loaded_after is None or saved_after is None:
        return Blame.UNKNOWN.value
    mixed = ("|".join(loaded_after), "|".join(saved_after))
    return blame("|".join(one.was), "|".join(one.now), mixed).value

"""What a bisection found: the releases of one package, their outcomes, and each change with why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.bisection import changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.bisection import Change
    from savedmodel_matrix.analysis.versions import Difference

ENVIRONMENT = "environment"  # in the place of a package: whole environments are compared
APPLICABLE = ("pass", "fail", "crash", "timeout")


class Asked(StrEnum):
    """What is compared between two releases."""

    PASS = "pass"  # noqa: S105 - whether it passes
    FINGERPRINT = "fingerprint"  # and how it fails
    SIGNATURE = "signature"  # what the signatures are called, their dtypes and shapes


class Side(StrEnum):
    """What a release takes part in: saving, loading or both."""

    BOTH = "both"
    SAVE = "save"
    LOAD = "load"


class Blame(StrEnum):
    """Which of saving and loading a change belongs to."""

    SAVING = "saving"
    LOADING = "loading"
    EITHER = "either of saving and loading"  # one of them at the release after is enough
    TOGETHER = "saving and loading together"
    UNKNOWN = ""


@dataclass(frozen=True)
class Tried:
    """A release that was tried: the whole cell, or why there is none."""

    cell: Mapping[str, Any] = field(default_factory=dict)
    skipped: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)  # where it was saved
    consumer_packages: Mapping[str, str] = field(default_factory=dict)  # where it was loaded

    def installed(self, side: Side) -> Mapping[str, str]:
        """Return the packages of the environment that varies with the release."""
        return self.consumer_packages if side is Side.LOAD else self.packages


@dataclass(frozen=True)
class Found:
    """A change between two releases: what else differs, and whether saving or loading did it."""

    change: Change
    differences: tuple[Difference, ...] = ()  # of all packages, the varied one too
    blame: Blame = Blame.UNKNOWN


@dataclass(frozen=True)
class Row:
    """A release in the row that is searched; ``day`` is when it came out, "" if unknown."""

    version: str
    day: str
    environment: str


@dataclass(frozen=True)
class Swap:
    """A package put back to the version that it had before, everything else as it is after.

    ``guilty``: the outcome went back with it.
    """

    difference: Difference
    tried: Tried
    guilty: bool


@dataclass(frozen=True)
class Attribution:
    """Which package makes the difference between two environments, and at which release."""

    before: str
    after: str
    swaps: Sequence[Swap]
    searched: Sequence[Bisected]
    tensorflow: Difference | None = None  # how TensorFlow differs, which cannot be put back


@dataclass(frozen=True)
class Bisected:
    """What one search found; ``tried`` is by the place of a release in ``rows``."""

    case: str
    remedy: str
    loader: str
    package: str
    over: str  # the environment that everything else is of
    side: Side
    asked: Asked
    rows: Sequence[Row]
    tried: Mapping[int, Tried]
    found: Sequence[Found]
    attributions: Sequence[Attribution] = ()  # of each change between two environments

    @property
    def outcomes(self) -> dict[int, str | None]:
        """The outcome of every release that was tried, None of one that gave none."""
        return {place: outcome(one, self.asked) for place, one in self.tried.items()}


def outcome(tried: Tried, asked: Asked) -> str | None:
    """Return what is compared of a cell, None where nothing is known of it.

    A cell that is not applicable has an outcome: there was nothing to save or to load.
    """
    cell = tried.cell
    if tried.skipped or not cell or cell["status"] == "not-run":
        return None
    status = cell["status"]
    if asked is Asked.SIGNATURE:
        return str(cell["signature"] or "no signature")
    if status not in APPLICABLE:
        return "does not apply"
    if status == "pass":
        return "passes"
    if asked is Asked.FINGERPRINT:
        return f"fails at {cell['stage']} ({cell['fingerprint']})"
    return "fails"


def blame(before: str | None, after: str | None, mixed: tuple[str | None, str | None]) -> Blame:
    """Say whether saving or loading changed, from both mixtures of the two releases.

    ``mixed``: saved by the release before and loaded by the one after, and the other way round.
    """
    loaded_after, saved_after = mixed
    if None in (before, after, loaded_after, saved_after):
        return Blame.UNKNOWN
    if (loaded_after, saved_after) == (before, after):
        return Blame.SAVING
    if (loaded_after, saved_after) == (after, before):
        return Blame.LOADING
    if loaded_after == saved_after == after:
        return Blame.EITHER
    if loaded_after == saved_after == before:
        return Blame.TOGETHER
    return Blame.UNKNOWN


def changes_of(tried: Mapping[int, Tried], asked: Asked) -> list[Change]:
    """Return where the outcome changes along the releases that were tried."""
    return changes({place: outcome(one, asked) for place, one in tried.items()})

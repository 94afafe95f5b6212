"""How environments differ in packages, to tell whether it was TensorFlow, Keras or NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.table import environment_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What matters to saving: the others are told apart from these.
FIRST = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "tf-keras",
    "numpy",
    "protobuf",
    "h5py",
    "ml-dtypes",
)


@dataclass(frozen=True)
class Difference:
    """A package that two environments do not have in the same version, "" where it is missing."""

    package: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """The difference as in "keras 2.15.0 → 3.15.1"."""
        return f"{self.package} {self.before or '(none)'} → {self.after or '(none)'}"


@dataclass(frozen=True)
class Neighbours:
    """An environment and the next, with the packages that differ, those that matter apart."""

    before: str
    after: str
    first: tuple[Difference, ...]
    others: tuple[Difference, ...]


@dataclass(frozen=True)
class ChangedPackage:
    """A package that changed in the same way in these environments, from one run to another."""

    difference: Difference
    environments: tuple[str, ...]  # by version


def changed_packages(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> tuple[ChangedPackage, ...]:
    """Return what changed in environments that two runs have by the same name.

    Both are environments of `provenance.describe`. What matters most to saving comes first.
    """
    found: dict[Difference, list[str]] = {}
    for name in sorted(before.keys() & after.keys(), key=environment_order):
        then, now = before[name]["packages"], after[name]["packages"]
        for one in _changed(then, now, sorted({*then, *now})):
            found.setdefault(one, []).append(name)
    order = sorted(found, key=lambda one: (*_order(one.package), one.before, one.after))
    return tuple(ChangedPackage(one, tuple(found[one])) for one in order)


def differing(environments: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return each package with its version in every environment, "" where it is not installed.

    What matters most to saving comes first, and then what differs before what is the same.
    """
    names = sorted(environments, key=environment_order)
    packages = {package for name in names for package in environments[name]["packages"]}
    rows = [
        (package, [environments[name]["packages"].get(package, "") for name in names])
        for package in packages
    ]
    return sorted(rows, key=lambda row: (_place(row[0]), len(set(row[1])) == 1, row[0]))


def neighbours(environments: Mapping[str, Mapping[str, Any]]) -> list[Neighbours]:
    """Return each environment and the next in the order of the table, and how they differ."""
    found = []
    for one, other in pairwise(sorted(environments, key=environment_order)):
        before, after = environments[one]["packages"], environments[other]["packages"]
        changed = _changed(before, after, sorted({*before, *after}, key=_order))
        first = tuple(each for each in changed if each.package in FIRST)
        others = tuple(each for each in changed if each.package not in FIRST)
        found.append(Neighbours(one, other, first, others))
    return found


def _changed(
    before: Mapping[str, str], after: Mapping[str, str], packages: Iterable[str]
) -> list[Difference]:
    return [
        Difference(package, before.get(package, ""), after.get(package, ""))
        for package in packages
        if before.get(package) != after.get(package)
    ]


def _order(package: str) -> tuple[int, str]:
    return _place(package), package


def _place(package: str) -> int:
    return FIRST.index(package) if package in FIRST else len(FIRST)

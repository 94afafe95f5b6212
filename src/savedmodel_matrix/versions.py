"""How environments differ in packages, to tell whether it was TensorFlow, Keras or NumPy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.table import environment_order

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST = ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "numpy", "protobuf", "h5py")


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


def neighbours(
    environments: Mapping[str, Mapping[str, Any]],
) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Return each environment and the next, with the packages that differ: before and after."""
    found = []
    for one, other in pairwise(sorted(environments, key=environment_order)):
        before, after = environments[one]["packages"], environments[other]["packages"]
        changed = [
            (package, before.get(package, ""), after.get(package, ""))
            for package in sorted({*before, *after}, key=lambda name: (_place(name), name))
            if before.get(package) != after.get(package)
        ]
        found.append((one, other, changed))
    return found


def _place(package: str) -> int:
    return FIRST.index(package) if package in FIRST else len(FIRST)

"""Environments that differ in one version only, such as TensorFlow 2.15 to 2.21, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.table import environment_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAME = re.compile(r"(?P<what>[A-Za-z_]+[A-Za-z_-]*)(?P<version>[0-9]+(?:\.[0-9]+)+)(?P<rest>.*)")
_PRODUCTS = {"tf": "TensorFlow", "keras": "Keras"}
OTHERS = "Environment"


@dataclass(frozen=True)
class Family:
    """Environments whose names differ in their version only; those without one share a family."""

    label: str  # what the versions are versions of: "TensorFlow"
    environments: tuple[str, ...]  # by version
    versions: tuple[str, ...]  # of each, as its name has it; the whole name where it has none
    beside: str = ""  # the package whose version comes along: "Keras"
    packages: tuple[str, ...] = ()  # its version in each environment, "" where that is not known

    @property
    def stretches(self) -> list[tuple[str, tuple[str, ...]]]:
        """Neighbours with the same version of the package beside: that version and their own."""
        pairs = zip(self.packages, self.versions, strict=False)
        return [(key, tuple(v for _, v in run)) for key, run in groupby(pairs, lambda p: p[0])]


def families(
    names: Iterable[str], described: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Family, ...]:
    """Return the families of these environments, the one of the earliest environment first.

    ``described`` are the environments of `provenance.describe`, with the packages in each.
    """
    members: dict[str, dict[str, str]] = {}
    for name in sorted(set(names), key=environment_order):
        label, version = split(name)
        members.setdefault(label, {})[name] = version
    return tuple(_family(label, versions, described or {}) for label, versions in members.items())


def split(name: str) -> tuple[str, str]:
    """Return what an environment is a version of, and which: "TensorFlow", "2.15"."""
    found = _NAME.fullmatch(name)
    if not found:
        return OTHERS, name
    what, rest = found["what"], found["rest"].lstrip("-")
    label = _PRODUCTS.get(what, what)
    as_it_is = f"{label}, {'as released' if rest == 'released' else rest}" if rest else label
    return as_it_is, found["version"]


def spoken(name: str) -> str:
    """Return an environment as in a sentence: "TensorFlow 2.15", "TensorFlow 2.16 as released"."""
    label, version = split(name)
    if label == OTHERS:
        return name
    what, _, rest = label.partition(", ")
    return f"{what} {version} {rest}".rstrip()


def _family(
    label: str, versions: Mapping[str, str], described: Mapping[str, Mapping[str, Any]]
) -> Family:
    beside = "TensorFlow" if label.startswith("Keras") else "Keras"
    wanted = ("tensorflow", "tensorflow-cpu") if beside == "TensorFlow" else ("keras",)
    found = []
    for name in versions:
        packages = described.get(name, {}).get("packages", {})
        found.append(next((packages[one] for one in wanted if one in packages), ""))
    known = any(found)
    return Family(
        label,
        tuple(versions),
        tuple(versions.values()),
        beside if known else "",
        tuple(found) if known else (),
    )

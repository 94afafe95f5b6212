"""Which ops, attributes and CPU kernels each release of TensorFlow has, from 2.4 to 2.21.

The table `registries.json.gz` is made from the libraries themselves by
`savedmodel-matrix registries`, see `registry_format`. A set of releases is a number here: bit 0 is
the oldest one.
"""

from __future__ import annotations

import functools
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("registries.json.gz")


@dataclass(frozen=True)
class Release:
    """A release whose library was read."""

    version: str  # "2.12.1"
    file: str  # of the package, that was read
    sha256: str  # of that file
    stablehlo: tuple[int | None, int | None]  # versions of XlaCallModule, None if it does not say

    @property
    def minor(self) -> str:
        """The version without its patch, "2.12"."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True)
class Form:
    """What an attribute is in some releases."""

    releases: int
    type: str
    default: str | None  # an AttrValue as `registry_format.comparable` has it
    allowed: frozenset[int] | frozenset[str] | None


@dataclass(frozen=True)
class Op:
    """An op: in which releases it is known, has a CPU kernel, and which attributes."""

    known: int
    cpu: int
    stateful: bool
    attributes: dict[str, tuple[Form, ...]]
    varying: tuple[str, ...]  # attributes that some release lacks, or restricts to some values
    required: tuple[str, ...]  # those without a default in some release
    # What was worked out for an attribute that is a type: which releases refuse it, which lack it.
    told: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict, compare=False)


class Registry:
    """The registries of all releases."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Take a table as `registry_format.table` makes it."""
        self.releases = tuple(
            Release(r["version"], r["file"], r["sha256"], tuple(r["stablehlo"]))
            for r in data["releases"]
        )
        self.all = (1 << len(self.releases)) - 1
        self._values = [frozenset(values) for values in data["values"]]
        self._rows: dict[str, list[Any]] = data["ops"]
        self._ops: dict[str, Op | None] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def op(self, name: str) -> Op | None:
        """Return an op, None if no release has it."""
        if name not in self._ops:
            row = self._rows.get(name)
            self._ops[name] = None if row is None else self._op(row)
        return self._ops[name]

    def _op(self, row: list[Any]) -> Op:
        known, cpu, stateful, attributes = row
        forms = {
            name: tuple(
                Form(mask, kind, default, None if i is None else self._values[i])
                for mask, kind, default, i in rows
            )
            for name, rows in attributes.items()
        }
        return Op(
            known,
            cpu,
            bool(stateful),
            forms,
            varying=tuple(
                name
                for name, had in forms.items()
                if any(form.allowed is not None for form in had) or releases(had) != known
            ),
            required=tuple(
                name for name, had in forms.items() if any(form.default is None for form in had)
            ),
        )

    def stablehlo(self, version: int) -> int:
        """Return the releases that take a version of XlaCallModule.

        Those before 2.13 set no bounds and read the forms before StableHLO had any compatibility,
        which are the versions 1 to 3.
        """
        found = 0
        for number, release in enumerate(self.releases):
            low, high = release.stablehlo
            if (1 if low is None else low) <= version <= (3 if high is None else high):
                found |= 1 << number
        return found

    def number(self, minor: str) -> int | None:
        """Return the place of a release, "2.12", among those that are known here."""
        minors = [release.minor for release in self.releases]
        return minors.index(minor) if minor in minors else None

    def first(self, mask: int) -> Release | None:
        """Return the oldest of some releases."""
        return self.releases[(mask & -mask).bit_length() - 1] if mask else None

    def last(self, mask: int) -> Release | None:
        """Return the newest of some releases."""
        return self.releases[mask.bit_length() - 1] if mask else None


def releases(forms: tuple[Form, ...]) -> int:
    """Return the releases in which an attribute is known."""
    found = 0
    for form in forms:
        found |= form.releases
    return found


@functools.cache
def registry() -> Registry:
    """Return the table that comes with this package, read once."""
    return Registry(json.loads(gzip.decompress(TABLE.read_bytes())))

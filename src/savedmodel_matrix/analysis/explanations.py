"""Explanations: root causes in plain words, by fingerprint, kept as data in explanations.toml.

One fingerprint can have several root causes: wrong values look alike whatever made them wrong, and
so does an abort. An entry may state what tells its cells from the others: their case, their loader,
or how other loaders fail on the same artifact. The first entry that applies to a cell explains it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import FAILURES, key_of
from savedmodel_matrix.model.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

EXPLANATIONS = Path(__file__).with_name("explanations.toml")
NEEDED = ("title", "what", "why", "since", "do", "links")
CONDITIONS = ("cases", "loaders", "beside")
KNOWN = {*NEEDED, *CONDITIONS, "fingerprints", "remedy"}


@dataclass(frozen=True)
class Explanation:
    """A root cause in plain words; ``remedy`` names the one whose code cures it.

    ``cases``, ``loaders`` and ``beside`` say to which cells it applies, to all where empty;
    ``beside`` are fingerprints, of which another cell of the same artifact has one.
    """

    name: str
    title: str
    what: str
    why: str
    since: str
    do: str
    links: tuple[str, ...]
    remedy: str = ""
    cases: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether it applies to some cells of its fingerprints only."""
        return bool(self.cases or self.loaders or self.beside)

    def applies(self, cell: Mapping[str, Any], others: Collection[str]) -> bool:
        """Say whether it explains a cell of its fingerprints; ``others``: those of the artifact."""
        return (
            (not self.cases or cell["case"] in self.cases)
            and (not self.loaders or cell["loader"] in self.loaders)
            and (not self.beside or any(one in others for one in self.beside))
        )


@dataclass(frozen=True)
class Explanations:
    """All explanations by fingerprint, each in the order in which they are tried."""

    by_fingerprint: Mapping[str, tuple[Explanation, ...]]

    def of(
        self, cells: Collection[Mapping[str, Any]], accepted: Iterable[Mapping[str, Any]] = ()
    ) -> dict[tuple[str, ...], Explanation]:
        """Return by `key_of` the explanation of each failing cell that has one.

        How other loaders fail on an artifact is looked up in ``accepted`` too.
        """
        artifacts: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for cell in (*accepted, *cells):
            if cell["status"] in FAILURES:
                artifacts[_artifact(cell)].add(cell["fingerprint"])
        found = {}
        for cell in cells:
            if cell["status"] in FAILURES:
                for one in self.by_fingerprint.get(cell["fingerprint"], ()):
                    if one.applies(cell, artifacts[_artifact(cell)]):
                        found[key_of(cell)] = one
                        break
        return found


def _artifact(cell: Mapping[str, Any]) -> tuple[str, str, str]:
    return cell["case"], cell["remedy"], cell["producer"]


@cache
def explanations(file: Path = EXPLANATIONS) -> Explanations:
    """Read the explanations.

    Raises UserError naming the entry that lacks something, states something unknown, or explains
    a fingerprint of which an entry before it explains every cell already.
    """
    stated = read_toml(file)
    found: dict[str, list[Explanation]] = defaultdict(list)
    for name, entry in stated.items():
        missing = [key for key in (*NEEDED, "fingerprints") if not entry.get(key)]
        if missing:
            raise UserError(f"{file}: [{name}] states no {missing[0]}.")
        unknown = sorted(entry.keys() - KNOWN)
        if unknown:
            raise UserError(f"{file}: [{name}] states {unknown[0]!r}, which means nothing.")
        told: dict[str, Any] = {
            key: " ".join(entry[key].split()) for key in NEEDED if key != "links"
        }
        told |= {key: tuple(entry.get(key, ())) for key in ("links", *CONDITIONS)}
        made = Explanation(name, remedy=entry.get("remedy", ""), **told)
        for fingerprint in map(str, entry["fingerprints"]):
            if any(not one.limited for one in found[fingerprint]):
                raise UserError(f"{file}: [{name}] explains {fingerprint}, as an entry before it.")
            found[fingerprint].append(made)
    return Explanations({fingerprint: tuple(made) for fingerprint, made in found.items()})

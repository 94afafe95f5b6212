"""Root causes: failures grouped by fingerprint, explained in plain words where that was done."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.table import FAILURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.report.facts import Cell, Facts

EXPLANATIONS = Path(__file__).with_name("explanations.toml")
NEEDED = ("title", "what", "why", "since", "do", "links")


@dataclass(frozen=True)
class Explanation:
    """A root cause in plain words; ``remedy`` names the one whose code cures it."""

    title: str
    what: str
    why: str
    since: str
    do: str
    links: tuple[str, ...]
    remedy: str = ""


@dataclass(frozen=True)
class Cause:
    """All failing cells with one fingerprint."""

    fingerprint: str
    reason: str
    cells: tuple[Cell, ...]
    explanation: Explanation | None

    @property
    def title(self) -> str:
        """What to call it: the explanation's title, else the masked message."""
        return self.explanation.title if self.explanation else self.reason


def causes(facts: Facts, known: Mapping[str, Explanation] | None = None) -> list[Cause]:
    """Return the root causes, the one behind most cells first."""
    explained = explanations() if known is None else known
    groups: dict[str, list[Cell]] = {}
    for cell in facts.cells:
        if cell["status"] in FAILURES:
            groups.setdefault(cell["fingerprint"], []).append(cell)
    found = [
        Cause(fingerprint, cells[0]["reason"], tuple(cells), explained.get(fingerprint))
        for fingerprint, cells in groups.items()
    ]
    return sorted(found, key=lambda cause: (-len(cause.cells), cause.fingerprint))


@cache
def explanations(file: Path = EXPLANATIONS) -> dict[str, Explanation]:
    """Read the explanations, by fingerprint. Raises UserError naming the entry that is not one."""
    try:
        stated: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}.") from error
    found = {}
    for name, entry in stated.items():
        missing = [key for key in NEEDED if key not in entry]
        if missing or not entry.get("fingerprints"):
            lacking = missing[0] if missing else "fingerprints"
            raise UserError(f"{file}: [{name}] states no {lacking}.")
        words = {key: " ".join(entry[key].split()) for key in NEEDED if key != "links"}
        made = Explanation(**words, links=tuple(entry["links"]), remedy=entry.get("remedy", ""))
        for fingerprint in entry["fingerprints"]:
            found[str(fingerprint)] = made
    return found

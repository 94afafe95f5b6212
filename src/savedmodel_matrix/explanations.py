"""Root causes in plain words, by fingerprint: kept as data in explanations.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from savedmodel_matrix.errors import UserError

EXPLANATIONS = Path(__file__).with_name("explanations.toml")
NEEDED = ("title", "what", "why", "since", "do", "links")
KNOWN = {*NEEDED, "fingerprints", "remedy"}


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


@cache
def explanations(file: Path = EXPLANATIONS) -> dict[str, Explanation]:
    """Read the explanations, by fingerprint.

    Raises UserError naming the entry that lacks something, states something unknown, or explains
    a fingerprint that another entry explains already.
    """
    try:
        stated: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}.") from error
    found: dict[str, Explanation] = {}
    for name, entry in stated.items():
        missing = [key for key in (*NEEDED, "fingerprints") if not entry.get(key)]
        if missing:
            raise UserError(f"{file}: [{name}] states no {missing[0]}.")
        unknown = sorted(entry.keys() - KNOWN)
        if unknown:
            raise UserError(f"{file}: [{name}] states {unknown[0]!r}, which means nothing.")
        words = {key: " ".join(entry[key].split()) for key in NEEDED if key != "links"}
        made = Explanation(**words, links=tuple(entry["links"]), remedy=entry.get("remedy", ""))
        for fingerprint in entry["fingerprints"]:
            if fingerprint in found:
                raise UserError(f"{file}: [{name}] explains {fingerprint}, as an entry before it.")
            found[str(fingerprint)] = made
    return found

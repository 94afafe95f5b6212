"""Names as files and anchors: safe whatever a case is called, and distinct where names are."""

from __future__ import annotations

import hashlib
import re
from functools import cache

LONGEST = 80  # characters
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@cache
def safe(name: str) -> str:
    """Return the name where it is safe as a file name and an anchor, else a form with a hash.

    Names that differ in case only are told apart too, for file systems that ignore it.
    """
    if _SAFE.fullmatch(name) and len(name) <= LONGEST and name == name.lower():
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    stem = re.sub(r"[^a-z0-9_-]+", "-", name.lower())[:40].strip("-") or "case"
    return f"{stem}-{digest}"


@cache
def page_of(case: str, remedy: str) -> str:
    """Return the page of a case and remedy, relative to the report."""
    return f"cases/{safe(case)}/{safe(remedy)}.html"


@cache
def part_of(group: str) -> str:
    """Return where the part of a group of environments begins, relative to the report."""
    return f"environments/{safe(group)}/"


@cache
def anchor_of(producer: str, loader: str, consumer: str) -> str:
    """Return a cell's anchor on its page; the consumer only where it is not the producer."""
    parts = [producer, loader] if producer == consumer else [producer, loader, consumer]
    return ".".join(safe(part) for part in parts)


def outcome_anchor(loader: str, number: int) -> str:
    """Return the anchor of what several cross cells have in common; no cell's anchor has a ~."""
    return f"{safe(loader)}~{number}"

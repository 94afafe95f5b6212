"""Names as files and anchors: safe whatever a case is called, and distinct where names are."""

from __future__ import annotations

import base64
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
def case_page(case: str) -> str:
    """Return the page of a case, relative to the report: it has all of its cells."""
    return f"cases/{safe(case)}.html"


@cache
def remedy_anchor(remedy: str) -> str:
    """Return where a page speaks of a remedy; no cell's anchor has a ~."""
    return f"remedy~{safe(remedy)}"


@cache
def loader_anchor(loader: str) -> str:
    """Return where a page speaks of a loader; no cell's anchor has a ~."""
    return f"loader~{safe(loader)}"


@cache
def page_of(case: str, remedy: str) -> str:
    """Return where the page of a case speaks of a remedy, relative to the report."""
    return f"{case_page(case)}#{remedy_anchor(remedy)}"


@cache
def part_of(group: str) -> str:
    """Return where the part of a group of environments begins, relative to the report."""
    return f"environments/{safe(group)}/"


@cache
def anchor_of(remedy: str, producer: str, loader: str, consumer: str) -> str:
    """Return a cell's anchor on its case's page.

    Where another environment loads than saved, it is eight letters of a hash: such cells are most
    of a report, and each letter of their names would stand there for each of them.
    """
    if producer == consumer:
        return ".".join(safe(part) for part in (remedy, producer, loader))
    digest = _digest(remedy, producer, loader, consumer)
    return base64.b32encode(digest)[:8].decode().lower()


def outcome_anchor(status: str, *what: str) -> str:
    """Return the anchor of what several cells have in common; no cell's anchor has a ~."""
    return f"{safe(status)}~{_digest(status, *what).hex()[:8]}"


def _digest(*names: str) -> bytes:
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()

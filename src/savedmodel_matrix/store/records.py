"""The records of all runs by key, each read from its file when it is asked for.

A grid leaves a hundred thousand of them, and a selection asks for a few: to find where each is
takes a small part of the time and room that reading all of them would.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.journal import Journal, lines

if TYPE_CHECKING:
    from pathlib import Path

# Quotes within a text are escaped, so this is a member: of the record, or of an object in it.
_KEY = re.compile(rb'"key": "([^"\\]*)"')


class Records:
    """An open file of records; the last whole one of a key holds. Keys are hexadecimal."""

    def __init__(self, file: Path) -> None:
        """Open the file, which may not be there yet. Raises OSError."""
        self._journal = Journal.going_on(file)
        self._reading = os.open(file, os.O_RDONLY)
        self._places = {key: place for line, *place in lines(file) if (key := _key(line))}
        self._known: dict[str, Judged | None] = {}

    def get(self, key: str) -> Judged | None:
        """Return the judgement on a step; None where there is none that can be read."""
        if key not in self._known:
            place = self._places.get(key)
            line = os.pread(self._reading, place[1], place[0]) if place else b""
            self._known[key] = _judged(_record(line), key)
        return self._known[key]

    def put(self, key: str, judged: Judged) -> None:
        """Remember a judgement. Raises OSError."""
        self._known[key] = judged
        self._journal.append({"key": key} | judged.record)

    def close(self) -> None:
        """Close the file; what was asked for is still known."""
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1
            self._places = {}
        self._journal.close()


def _key(line: bytes) -> str:
    """Return the key of a record's line, "" if it states none."""
    found = _KEY.findall(line)
    key = found[0].decode(errors="replace") if len(found) == 1 else _record(line).get("key")
    return key if isinstance(key, str) else ""


def _record(line: bytes) -> dict[str, Any]:
    """Return what a line states, nothing if it is no record."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _judged(record: dict[str, Any], key: str) -> Judged | None:
    try:
        return Judged(record["status"], record) if record.pop("key") == key else None
    except (KeyError, ValueError, TypeError):
        return None

"""Flaky cells: those of which two runs of the same code do not agree, and how that is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import KEY, OUTCOME, key_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from savedmodel_matrix.model.table import Row

FILE = "selfcheck.json"
_REMEDY = "restore it from version control, or run `nox -s selfcheck -- --accept`"


@dataclass(frozen=True)
class Flaky:
    """A cell that came out in two ways: its rows in both runs."""

    first: Row
    second: Row


def flaky_cells(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Flaky, ...]:
    """Return the cells whose rows differ. Raises UserError if the tables hold other cells."""
    before = {key_of(row): row for row in rows_of(first)}
    after = {key_of(row): row for row in rows_of(second)}
    if before.keys() != after.keys():
        odd = min(before.keys() ^ after.keys())
        raise UserError(f"Only one of the two runs has the cell {', '.join(odd)}; run --fresh.")
    return tuple(Flaky(before[key], after[key]) for key in before if before[key] != after[key])


def made(run: Mapping[str, Any], cells: int, found: Sequence[Flaky]) -> bytes:
    """Return what is kept of a selfcheck, as JSON."""
    kept = {
        "finished": run.get("finished", ""),
        "commit": run.get("commit", ""),
        "cells": cells,
        "flaky": [
            {
                **{column: one.first[column] for column in KEY},
                "first": _outcome(one.first),
                "second": _outcome(one.second),
            }
            for one in found
        ],
    }
    return (json.dumps(kept, indent=1) + "\n").encode()


def _outcome(row: Row) -> dict[str, str]:
    return {column: row[column] for column in OUTCOME}


def load_selfcheck(directory: Path) -> dict[str, Any]:
    """Return what a selfcheck found; empty if there was none.

    Raises UserError, naming the file, if it cannot be read.
    """
    file = directory / FILE
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_bytes())
        ways = [
            (one["first"]["status"], one["second"]["status"], key_of(one)) for one in found["flaky"]
        ]
        number = int(found["cells"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(f"{file} is not what a selfcheck writes ({error!r}); {_REMEDY}.") from error
    if len(ways) > number:
        raise UserError(f"{file} names more flaky cells than it has cells; {_REMEDY}.")
    return dict(found)

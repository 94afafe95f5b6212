"""The accepted full runs as a table on a terminal, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import Counts
from savedmodel_matrix.views.plain_page import PlainPage
from savedmodel_matrix.views.report.history import changed_in, processor_of
from savedmodel_matrix.views.wording import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis.history import HistoryEntry

HEADER = ("run", "commit", "processor", "cells", "pass", "changed")
NONE = (
    "No full run was accepted yet: `nox -s matrix -- --all --accept` accepts one and adds it here."
)


def history_table(history: Sequence[HistoryEntry], console: Console) -> None:
    """Print a row for each run, the oldest first, so that the newest is at the prompt."""
    page = PlainPage(console)
    if not history:
        page.line(NONE)
        return
    page.rows([HEADER, *map(_row, history)])


def history_json(history: Sequence[HistoryEntry]) -> str:
    """Return every entry whole, a line each, in one list."""
    return "[\n" + ",\n".join(json.dumps(one.to_json()) for one in history) + "\n]\n"


def _row(entry: HistoryEntry) -> tuple[str, ...]:
    return (
        f"{entry.finished[:10]} {entry.finished[11:16]}".strip(),
        entry.commit[:12],
        processor_of(entry),
        str(sum(entry.numbers.values())),
        share(Counts(entry.numbers)),
        ", ".join(changed_in(entry)) or "nothing",
    )

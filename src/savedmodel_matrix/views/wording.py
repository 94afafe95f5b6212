"""The words and symbols of every view: outcomes, counts and lists of names."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from savedmodel_matrix.analysis.counting import Counts

DASH = "\N{EN DASH}"
SYMBOLS = {
    "pass": "✓",
    "fail": "✗",
    "crash": "☠",
    "timeout": "⧖",
    "not-applicable": DASH,
    "not-run": "?",
}
CROSSED = "where another environment loads"  # of cross cells
_LONGEST = 240  # characters of one reason
_FEW = 6  # names in one sentence


def share(counts: Counts) -> str:
    """Return how many pass of how many, as in "3 of 4 (75 %)"."""
    # Rounded down: 100 % is all of them.
    share = f" ({counts.passed * 100 // counts.applicable} %)" if counts.applicable else ""
    return f"{counts.passed} of {counts.applicable}{share}"


def fraction(counts: Counts | None) -> str:
    """Return how many pass of how many for a table with little room, as in "3/4"."""
    return f"{counts.passed}/{counts.applicable}" if counts and counts.applicable else DASH


def the_others(counts: Counts) -> str:
    """Return the cells that do not pass, as in "3 fail, 1 not-run"."""
    others = [(counts.by_status.get(status, 0), status) for status in SYMBOLS if status != "pass"]
    return ", ".join(f"{number} {status}" for number, status in others if number)


def number_of(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def few(names: Sequence[str]) -> list[str]:
    """Return the first names, and how many more there are."""
    rest = len(names) - _FEW
    return [*names[:_FEW], f"{rest} more"] if rest > 1 else list(names)


def short(text: str) -> str:
    """Return a reason no longer than a line or two."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def in_words(outcome: str) -> str:
    """Return an outcome such as "fail run" for a table with room: "✗ fail run"."""
    status, _, stage = outcome.partition(" ")
    name = "n/a" if status == "not-applicable" else status
    words = [name, *([stage] if status in FAILURES else [])]
    return " ".join([SYMBOLS[status], *words]) if status else ""


def in_brief(outcome: str) -> str:
    """Return an outcome for a table with less room: "✗ run"."""
    status, _, stage = outcome.partition(" ")
    return f"{symbol_of(outcome)} {stage}" if status in FAILURES else symbol_of(outcome)


def symbol_of(outcome: str) -> str:
    """Return an outcome's symbol alone, for a table with no room."""
    return SYMBOLS[outcome.partition(" ")[0]] if outcome else " "


def in_sentence(status: str, stage: str) -> str:
    """Return an outcome as a predicate: "fails at run", "passes"."""
    return {
        "pass": "passes",
        "fail": f"fails at {stage}",
        "crash": f"crashes at {stage}",
        "timeout": f"does not end at {stage}",
        "not-applicable": "not applicable",
    }.get(status, f"not run ({stage})")


def span(names: Iterable[str], environments: Sequence[str]) -> str:
    """Return environments as "tf2.15, tf2.17 to tf2.21" or, if all, "every environment"."""
    wanted = set(names)
    if wanted >= set(environments) and len(wanted) > 1:
        return "every environment"
    runs: list[str] = []
    for present, run in groupby(environments, key=wanted.__contains__):
        first, *others = run
        if present:
            runs += [f"{first} to {others[-1]}"] if others[1:] else [first, *others]
    return ", ".join(runs)

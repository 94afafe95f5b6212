"""The words and symbols of every view: outcomes, counts and lists of names."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import FAILURES
from savedmodel_matrix.views.harmless import one_line

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
# In the comparison table one symbol tells status and stage: a letter for the stage that failed.
MARKS = {
    "pass": "✓",
    "fail environment": "E",
    "fail build": "B",
    "fail save": "S",
    "fail load": "L",
    "fail run": "R",
    "fail values": "≠",
    "crash": "!",
    "timeout": "T",
    "not-applicable": DASH,
    "not-run": "?",
}
CROSSED = "where another environment loads"  # of cross cells
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
    shown = [one_line(name) for name in (names[:_FEW] if rest > 1 else names)]
    return [*shown, f"{rest} more"] if rest > 1 else shown


def in_words(outcome: str) -> str:
    """Return an outcome such as "fail run" for a table with room: "✗ fail run"."""
    status, _, stage = outcome.partition(" ")
    name = "n/a" if status == "not-applicable" else status
    words = [name, *([stage] if status in FAILURES else [])]
    return " ".join([SYMBOLS[status], *words]) if status else ""


def mark(outcome: str) -> str:
    """Return the symbol of an outcome such as "fail run" in the comparison table."""
    status = outcome.partition(" ")[0]
    return (MARKS.get(outcome) or MARKS[status]) if outcome else " "


def legend(outcomes: Iterable[str]) -> str:
    """Say what the symbols of these outcomes mean: "✓ pass   fails at B build, R run"."""
    marks = {mark(outcome) for outcome in outcomes if outcome}
    stages = [
        f"{symbol} {key.removeprefix('fail ')}"
        for key, symbol in MARKS.items()
        if key.startswith("fail ") and symbol != MARKS["fail values"] and symbol in marks
    ]
    words = {
        "pass": "pass",
        "fail values": "wrong numbers",
        "crash": "crash",
        "timeout": "timeout",
        "not-applicable": "not applicable",
        "not-run": "not run",
    }
    parts = [f"{MARKS[key]} {said}" for key, said in words.items() if MARKS[key] in marks]
    if stages:
        parts.insert(MARKS["pass"] in marks, f"fails at {', '.join(stages)}")
    return "   ".join(parts)


def listed(names: Sequence[str], most: int = _FEW, last: str = "and") -> str:
    """Return names as in a sentence: "a", "a and b", "a, b and 3 more"."""
    left = len(names) - most
    names = [one_line(name) for name in (names[: most - 1] if left > 0 else names)]
    names += [f"{left + 1} more"] if left > 0 else []
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


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
        first, *others = map(one_line, (first, *others))
        if present:
            runs += [f"{first} to {others[-1]}"] if others[1:] else [first, *others]
    return ", ".join(runs)

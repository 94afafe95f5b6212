"""Every outcome of a case, each once: how its cells ended and why, and which cells those are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.agreement import PASSES, happened, verdict
from savedmodel_matrix.analysis.predictions import RUNS
from savedmodel_matrix.model.table import FAILURES, STAGES, key_of
from savedmodel_matrix.views.harmless import LONGEST_BLOCK
from savedmodel_matrix.views.report.names import anchor_of, outcome_anchor
from savedmodel_matrix.views.report.places import Where, places
from savedmodel_matrix.views.report.views import command, sentence_of
from savedmodel_matrix.views.wording import in_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.views.report.causes import Cause
    from savedmodel_matrix.views.report.facts import Cell, Facts

SHOWN_MESSAGES = 2  # of one outcome; all of them are in the data
_OTHERS = ("not-run", "not-applicable", "pass")  # behind failures
# A traceback is read on phones too: without the directories above the packages, without the marks
# under a line of code, which point at nothing where that line is broken, and without the frames of
# the process that ran the step, which every traceback has.
_PACKAGES = re.compile(r'(?<=File ")[^"\n]*[\\/]site-packages[\\/]')
_MARKS = re.compile(r"^ +[~^]+ *\n", re.MULTILINE)
_HOST = re.compile(
    r'^( +)File "[^"\n]*savedmodel_matrix[\\/]host[\\/][^"\n]*", line .*\n(?:\1  .*\n)*',
    re.MULTILINE,
)


@dataclass(frozen=True)
class Outcome:
    """What several cells of a case have in common.

    Of texts that differ from cell to cell a few are shown; of times and errors their range.
    """

    anchor: str
    status: str
    sentence: str
    cells: tuple[str, ...]  # their anchors
    where: tuple[Where, ...]
    flaky: tuple[str, ...]  # what either run of a flaky cell came to, in words
    reason: str
    cause: Cause | None
    elsewhere: int  # other cases with this root cause
    stages: str
    error: str
    traceback: str  # of the first cell
    messages: tuple[str, ...]  # that this traceback does not have
    more: int  # messages and tracebacks that are not shown
    numbers: Sequence[Mapping[str, Any]]  # of the cell with the largest error
    command: str  # that runs the first cell again
    predicted: tuple[tuple[str, int], ...] = ()  # what files say of it, and of how many cells


def outcomes(
    facts: Facts, case: str, causes: Mapping[tuple[str, ...], Cause]
) -> tuple[dict[tuple[str, ...], str], tuple[Outcome, ...]]:
    """Return by `key_of` the anchor of each cell's outcome, and the outcomes.

    ``facts`` are those of the whole report. Failures come first, those of most cells before others.
    """
    ways: dict[tuple[str, ...], list[Cell]] = {}
    for cell in facts.by_case.get(case, ()):
        ways.setdefault(_way(facts, cell, causes), []).append(cell)
    anchors = {way: outcome_anchor(*way) for way in ways}
    by_cell = {key_of(cell): anchors[way] for way, cells in ways.items() for cell in cells}
    told = [_outcome(facts, case, cells, anchors[way], causes) for way, cells in ways.items()]
    return by_cell, tuple(sorted(told, key=_order))


def _order(outcome: Outcome) -> tuple[int, int, str]:
    rank = 0 if outcome.status in FAILURES else 1 + _OTHERS.index(outcome.status)
    return rank, -len(outcome.cells), outcome.anchor


def _way(facts: Facts, cell: Cell, causes: Mapping[tuple[str, ...], Cause]) -> tuple[str, ...]:
    cause = causes.get(key_of(cell))
    end = (cell["status"], cell["stage"], cell["reason"], cause.anchor if cause else "")
    return (*end, *two_ways(facts, cell))


def _outcome(
    facts: Facts,
    case: str,
    cells: Sequence[Cell],
    anchor: str,
    causes: Mapping[tuple[str, ...], Cause],
) -> Outcome:
    first, cause = cells[0], causes.get(key_of(cells[0]))
    traceback = shortened(first.get("traceback", ""))
    said = dict.fromkeys(cell.get("message", "") for cell in cells)
    messages = [m for m in said if m and m != first["reason"] and m not in first["traceback"]]
    more = len({cell.get("traceback", "") for cell in cells} - {first.get("traceback", "")})
    worst = max(cells, key=_size)
    return Outcome(
        anchor=anchor,
        status=first["status"],
        sentence=sentence_of(first),
        cells=tuple(
            anchor_of(one["remedy"], one["producer"], one["loader"], one["consumer"])
            for one in cells
        ),
        where=places(facts, case, cells),
        flaky=two_ways(facts, first),
        reason=first["reason"],
        cause=cause,
        elsewhere=len(cause.cases) - 1 if cause else 0,
        stages=_times(cells),
        error=_error(worst.get("largest_error")),
        traceback=traceback,
        messages=tuple(messages[:SHOWN_MESSAGES]),
        more=more + len(messages[SHOWN_MESSAGES:]),
        numbers=worst.get("numbers") or (),
        command=command(first),
        predicted=_predicted(cells),
    )


def _predicted(cells: Sequence[Cell]) -> tuple[tuple[str, int], ...]:
    """Return what the files of the artifacts say of the cells, in words, most cells first."""
    found = Counter(verdict(cell) for cell in cells if verdict(cell))
    told = []
    for said, number in found.most_common():
        agrees = happened(cells[0]) == PASSES if said == RUNS else happened(cells[0]) != PASSES
        wrong = "" if agrees else ", which is not what happened"
        told.append((f"it {said}{wrong}", number))
    return tuple(told)


def two_ways(facts: Facts, cell: Cell) -> tuple[str, ...]:
    """Return what the two runs of a selfcheck made of a flaky cell, in words."""
    found = facts.flaky.get(key_of(cell), {})
    ways = [found[run] for run in ("first", "second") if run in found]
    return tuple(
        f"{in_sentence(way['status'], way['stage'])}"
        + (f" ({way['reason']})" if way.get("reason") else "")
        for way in ways
    )


def shortened(traceback: str) -> str:
    """Return a traceback without what is only of the machine where it was raised."""
    marked = _HOST.sub("", traceback[: 10 * LONGEST_BLOCK])
    return _MARKS.sub("", _PACKAGES.sub("…/", marked))


def _times(cells: Iterable[Cell]) -> str:
    """Return how long each stage took, from the shortest to the longest."""
    seconds: dict[str, list[float]] = {}
    for cell in cells:
        for stage, took in (cell.get("seconds") or {}).items():
            seconds.setdefault(stage, []).append(took)
    told = []
    for stage in STAGES:
        if stage in seconds:
            least, most = (f"{end(seconds[stage]):.2f}" for end in (min, max))
            told.append(f"{stage} {least}{f' to {most}' if most != least else ''} s")
    return " → ".join(told)


def _size(cell: Cell) -> tuple[int, float]:
    """Order cells by their largest error; one that is not finite is the largest."""
    largest = cell.get("largest_error")
    if not largest:
        return (0, 0.0)
    return (2, 0.0) if largest["absolute"] is None else (1, largest["absolute"])


def _error(largest: Mapping[str, Any] | None) -> str:
    if not largest:
        return ""
    if largest["absolute"] is None:
        return f"not finite, in {largest['output']}"
    relative = largest["relative"] or 0.0
    if not largest["absolute"]:
        return "0"
    return f"{largest['absolute']:.2g} absolute, {relative:.2g} relative, in {largest['output']}"

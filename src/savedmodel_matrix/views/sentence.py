"""The answer in one sentence or two, whatever was selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.families import OTHERS, split, spoken
from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import CROSSED, listed, number_of, share

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from savedmodel_matrix.analysis.answer import Answer, Lost
    from savedmodel_matrix.analysis.summary import Summary

_NAMES = 4  # loaders in one sentence
_REMEDIES = 3
_MORE = 2  # groups of loaders after the first one


def sentence(summary: Summary) -> str:
    """Return what the table answers, as one sentence and what has to be added to it."""
    found = summary.answer
    parts = [_first(found)] if summary.panels or not summary.grids else []
    parts.append(_remedies(summary))
    if summary.grids:
        parts.append(f"{CROSSED.capitalize()} than saved, {share(summary.crossed)} cells pass.")
    if summary.not_run and found.counts.applicable:
        was, them = ("was", "it") if summary.not_run == 1 else ("were", "them")
        parts.append(
            f"{number_of(summary.not_run, 'cell', 'cells')} {was} not run, so nothing is known "
            f"of {them}."
        )
    return " ".join(filter(None, parts))


def _first(found: Answer) -> str:
    counts = found.counts
    if not counts.applicable:
        return _nothing(found)
    if not counts.failed:
        return f"{_saved(found)}{_subject(found)} {_everywhere(found)}."
    if not found.remedy and counts.passed:
        passes = "passes" if counts.passed == 1 else "pass"
        return f"{counts.passed} of {counts.applicable} cells {passes}."
    if not counts.passed:
        who = (
            one_line(found.cases[0])
            if len(found.cases) == 1
            else f"none of {len(found.cases)} cases"
        )
        does = "fails" if len(found.cases) == 1 else "passes"
        return f"{_saved(found)}{who} {does} {_everywhere(found)}."
    return _stops(found) if found.lost else _somewhere(found)


def _nothing(found: Answer) -> str:
    """Say why there is no verdict."""
    counts = found.counts
    if counts.not_run:
        was = "The cell was" if counts.not_run == 1 else f"All {counts.not_run} cells were"
        return f"{was} not run, so nothing is known."
    if not sum(counts.by_status.values()):
        return "No cell was selected."
    why = f": {one_line(found.reason, 300)}" if found.reason else ""
    return f"{_saved(found)}nothing can be run{why}".removesuffix(".") + "."


def _saved(found: Answer) -> str:
    if not found.remedy:
        return "Whichever way it is saved, "
    return (
        "Saved as written, "
        if found.remedy == AS_WRITTEN
        else f"Saved with {one_line(found.remedy)}, "
    )


def _subject(found: Answer) -> str:
    one = len(found.cases) == 1
    return f"{one_line(found.cases[0])} passes" if one else f"all {len(found.cases)} cases pass"


def _everywhere(found: Answer) -> str:
    """Say in which loaders and environments: "in tflite on TensorFlow 2.16", "in all 3 loaders"."""
    loaders = one_line(found.loaders[0])
    if found.loaders[1:]:
        loaders = (
            f"all {len(found.loaders)} loaders" if found.loaders[2:] else listed(found.loaders)
        )
    first, last = found.environments[0], found.environments[-1]
    if first == last:
        return f"in {loaders} {_on(first)}"
    if {split(name)[0] for name in found.environments} == {split(first)[0]} != {OTHERS}:
        to = "to" if found.environments[2:] else "and"
        return f"in {loaders} {_on(first)} {to} {split(last)[1]}"
    return f"in {loaders} in each of {len(found.environments)} environments"


def _on(environment: str) -> str:
    named = split(environment)[0] == OTHERS
    return f"in {one_line(environment)}" if named else f"on {spoken(environment)}"


def _since(one: Lost, environments: Sequence[str]) -> str:
    later = "" if one.at_once else " or later"
    short = split(one.since)
    same = short[0] == split(environments[0])[0] != OTHERS
    since = short[1] if same else one_line(one.since)
    return f"on {since}" if one.since == environments[-1] else f"from {since} on{later}"


def _stops(found: Answer) -> str:
    first, *others = found.lost
    base = _on(found.environments[0])
    since = _since(first, found.environments)
    loaders = listed(first.loaders, _NAMES)
    if len(first.of) == 1 and not others:
        (case,) = first.of
        but = f", but not in {listed(found.unhurt, _NAMES, 'or')}" if found.unhurt else ""
        return f"{_saved(found)}{one_line(case)} passes {base} and fails {since} in {loaders}{but}."
    verb = "fails" if len(first.cases) == 1 else "fail"
    said = f"{_of(first.cases, first.of)} that pass {base} {verb} {since} in {loaders}"
    for one in others[:_MORE]:
        when = (
            f" {_since(one, found.environments)}"
            if (one.since, one.at_once)
            != (
                first.since,
                first.at_once,
            )
            else ""
        )
        total = f" of {len(one.of)}" if one.of != first.of else ""
        said += f", {len(one.cases)}{total}{when} in {listed(one.loaders, _NAMES)}"
    if others[_MORE:]:
        names = [name for one in others[_MORE:] for name in one.loaders]
        said += f", fewer in {listed(names, _NAMES)}"
    none = f", none in {listed(found.unhurt, _NAMES, 'or')}" if found.unhurt else ""
    return f"{_saved(found)}{said}{none}."


def _of(cases: Collection[str], of: Collection[str]) -> str:
    if len(of) == 1:
        return "the one case"
    return f"all {len(of)} cases" if len(cases) == len(of) else f"{len(cases)} of {len(of)} cases"


def _somewhere(found: Answer) -> str:
    first, *others = found.failing
    total = len(found.cases)
    where = ""
    if len(found.environments) > 1:
        where = f" in at least one of {len(found.environments)} environments"
    else:
        where = f" {_on(found.environments[0])}"
    if total == 1:
        loaders = listed([name for one in found.failing for name in one.loaders], _NAMES)
        return f"{_saved(found)}{one_line(found.cases[0])} fails in {loaders}{where}."
    verb = "fails" if len(first.cases) == 1 else "fail"
    said = f"{len(first.cases)} of {total} cases {verb} in {listed(first.loaders, _NAMES)}"
    said += "".join(f", {len(one.cases)} in {listed(one.loaders, _NAMES)}" for one in others)
    return f"{_saved(found)}{said}{where}."


def _remedies(summary: Summary) -> str:
    """Say which remedies cure what fails as written, or how those that ran do."""
    found = summary.answer
    if not found.remedy:
        works = [one.remedy for one in summary.remedies if one.cells.works]
        verb = "works" if len(works) == 1 else "work"
        return (
            f"{listed(works, _REMEDIES)} {verb} everywhere."
            if works and found.counts.failed
            else ""
        )
    if not found.needy:
        return ""
    if not found.cured:
        if found.open:
            return ""  # a cell that was not run may be the one that works
        one = found.needy[0]
        several = len(found.needy) > 1
        whose = f"any of these {len(found.needy)} cases" if several else one_line(one)
        return f"No other way of saving {whose} that ran works everywhere."
    if len(found.needy) == 1:
        works = [one.remedy for one in found.cured]
        verb = "works" if len(works) == 1 else "work"
        return f"For {one_line(found.needy[0])}, {listed(works, _REMEDIES)} {verb} everywhere."
    best = [f"{one_line(one.remedy)} for {len(one.cases)}" for one in found.cured[:_REMEDIES]]
    has = "has" if len(found.helped) == 1 else "have"
    return (
        f"Of {len(found.needy)} cases that fail, {len(found.helped)} {has} a remedy that works "
        f"everywhere: {listed(best)}."
    )

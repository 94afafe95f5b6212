"""Changes of cells in words: how many of which class, and each group as an entry of a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.places import by_family, distinct, where
from savedmodel_matrix.views.section import Item
from savedmodel_matrix.views.wording import few, in_sentence, listed, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.change_groups import ChangeGroup
    from savedmodel_matrix.analysis.compared import Compared, Result
    from savedmodel_matrix.analysis.differences import Differences
    from savedmodel_matrix.analysis.summary import Summary

MESSAGE = 150  # characters of a message
_SILENT = ("pass", "")  # statuses that have no cause


@dataclass(frozen=True)
class Said:
    """What is known of the cells beside their rows, and what their environments are.

    ``environments`` are the producers, in order; ``own`` the environments of loaders that have one
    of their own. ``messages`` and ``files`` are, by `key_of`, what cells said unmasked and the
    files to look at; ``results`` is where the logs of the others are listed.
    """

    environments: Sequence[str]
    own: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    files: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    results: str = ""


def in_classes(differences: Differences) -> str:
    """Return how many cells are of which class: "2 regressed, 1 fixed; 40 are the same"."""
    counts = differences.counts
    changed = [f"{counts[kind]} {word(kind)}" for kind in ChangeClass if kind in _changes(counts)]
    same, left = counts[ChangeClass.SAME], counts[ChangeClass.NOT_COVERED]
    parts = [", ".join(changed)] if changed else []
    parts.append(f"{same or 'none'} {'are' if same > 1 else 'is'} the same")
    parts += [f"{left} {'is' if left == 1 else 'are'} not covered by both"] if left else []
    return "; ".join(parts)


def word(kind: ChangeClass) -> str:
    """Return the name of a class after a number: "2 signature changed"."""
    with_ = "with " if kind is ChangeClass.HARNESS_TROUBLE else ""
    return with_ + kind.title[0].lower() + kind.title[1:]


def heading(kind: ChangeClass, number: int) -> str:
    """Return the heading of a class: "Fixed: failed before, passes now (3 cells)"."""
    return f"{kind.title}: {kind.says} ({number_of(number, 'cell', 'cells')})"


def item_of(group: ChangeGroup, said: Said) -> Item:
    """Return a group as an entry: which cells went from what to what, where, and why."""
    number = number_of(len(group.changes), "cell", "cells")
    cases = group.cases
    who = one_line(next(iter(cases))) if len(cases) == 1 else f"{len(cases)} cases"
    # A title says it in the first line, unless there is something to say of both sides.
    failing = [
        title
        for outcome, title in ((group.then, group.then_title), (group.now, group.now_title))
        if outcome.partition(" ")[0] not in _SILENT
    ]
    cause = f": {one_line(failing[0])}" if len(failing) == 1 and failing[0] else ""
    rows = group.rows
    files = next((found for row in rows if (found := said.files.get(key_of(row)))), ())
    remedies = ", ".join(few(distinct(rows, "remedy")))
    return Item(
        f"{who}: {way(group.then, group.now)} ({number}){cause}",
        (
            *([_cases(cases)] if len(cases) > 1 else []),
            f"{remedies}; {where(rows, said.environments, said.own)}",
            *why(group, said.messages, titled=not cause),
            *_more_logs(group, said),
        ),
        files,
    )


def way(before: str, after: str) -> str:
    """Return how cells went: "passes → fails at run", "passes as before".

    Outcomes are as of `counting.outcome`, "" where a result has no such cell.
    """
    then, now = _ended(before), _ended(after)
    if then == now:
        return f"{now} as before"
    return " → ".join(filter(None, (then, now)))


def why(
    group: ChangeGroup, messages: Mapping[tuple[str, ...], str], *, titled: bool = True
) -> list[str]:
    """Return what the first of the cells said before and now, and how the signature changed.

    Where an explanation has a title that stands for it, unless it is not ``titled`` here.
    """
    first = group.changes[0]
    found = []
    for when, row, title in (
        ("before", first.before, group.then_title),
        ("now", first.after, group.now_title),
    ):
        if row is None or row["status"] in _SILENT:
            continue
        message = messages.get(key_of(row), "") if when == "now" else ""
        spoken = message or ("" if title else row["reason"])
        told = [title if titled else "", quoted(spoken, MESSAGE) if spoken else ""]
        if text := " ".join(filter(None, told)):
            found.append(f"{when}: {one_line(text)}")
    return [*found, *few(group.signature)]


def taken(summary: Summary, most: int = 5) -> list[str]:
    """Return what accepting a run takes, class by class, of each at most so many groups."""
    if not summary.has_accepted:
        return [f"To be accepted, the first time: {number_of(_total(summary), 'cell', 'cells')}."]
    lines = [f"To be accepted: {in_classes(summary.differences)}."]
    said = Said(summary.environments, summary.own)
    for kind, groups in summary.changes.items():
        lines += [f"  {kind.title}: {item_of(group, said).text}" for group in groups[:most]]
        if left := groups[most:]:
            cells = number_of(sum(len(group.changes) for group in left), "cell", "cells")
            lines.append(f"  {kind.title}: … and {cells} more")
    return lines


def described(result: Result) -> str:
    """Return what a result is: "main~3: the accepted table of commit 1c767ab, 85,727 cells"."""
    run = result.run
    finished, commit = str(run.get("finished") or ""), str(run.get("commit") or "")
    parts = [
        f"{result.named}: {result.what}",
        f"{len(result.rows):,} {'cell' if len(result.rows) == 1 else 'cells'}",
        *([f"made {finished[:10]} {finished[11:16]}".rstrip()] if finished else []),
        *([f"at commit {commit[:12]}"] if commit else []),
    ]
    return one_line(", ".join(parts))


def package_lines(compared: Compared, most: int | None = None) -> list[str]:
    """Return the packages that differ within environments of one name, a line each.

    Where ``most`` is stated, the others are counted in one line more. That none differs is said
    where it tells something: then it was a case, a remedy, a loader or the harness that changed.
    """
    if not compared.packages and compared.shared and compared.differences.changed:
        number = number_of(compared.shared, "environment", "environments")
        return [f"none, in the {number} that both results have"]
    found = [
        one_line(f"{one.difference.words} in {by_family(one.environments, compared.environments)}")
        for one in compared.packages
    ]
    if most is None or len(found) <= most:
        return found
    return [*found[:most], f"… and {len(found) - most} more: -v prints them."]


def quoted(message: str, longest: int) -> str:
    """Return the first of what a message says, on one line."""
    return f"“{one_line(' '.join(message.split()), longest)}”"


def _total(summary: Summary) -> int:
    return summary.counts.total + summary.crossed.total


def _changes(counts: Mapping[ChangeClass, int]) -> list[ChangeClass]:
    return [kind for kind in ChangeClass if kind.is_change and counts.get(kind)]


def _ended(outcome: str) -> str:
    status, _, stage = outcome.partition(" ")
    return in_sentence(status, stage) if outcome else ""


def _cases(cases: Mapping[str, int]) -> str:
    return listed([f"{name} ({number})" for name, number in cases.items()], 7)


def _more_logs(group: ChangeGroup, said: Said) -> list[str]:
    logs = sum(bool(said.files.get(key_of(row))) for row in group.rows)
    if logs < 2:  # the first is named
        return []
    return [f"{number_of(logs - 1, 'more log', 'more logs')} in {said.results}/cells.jsonl"]

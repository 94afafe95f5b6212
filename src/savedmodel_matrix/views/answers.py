"""What a person wants to know first of a run, as sections of plain text for any view."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.counting import count
from savedmodel_matrix.model.table import FAILURES, key_of
from savedmodel_matrix.views.changes import Said, heading, in_classes, item_of, quoted
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.places import where
from savedmodel_matrix.views.section import Item, Section
from savedmodel_matrix.views.wording import (
    CROSSED,
    few,
    fraction,
    listed,
    number_of,
    share,
    span,
    the_others,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.analysis.causes import Cause
    from savedmodel_matrix.analysis.counting import Counts
    from savedmodel_matrix.analysis.crossing import Grid, Pair
    from savedmodel_matrix.analysis.summary import Summary

# New and gone have their own words, and what was not run is said with the reasons.
_ELSEWHERE = (ChangeClass.NEW, ChangeClass.GONE, ChangeClass.HARNESS_TROUBLE)
_MESSAGE, _WHOLE = 150, 600  # characters of a message, in a list and where there is room
_TITLE = 100  # characters of a message that stands for a title
_PLACES = 20  # files and lines
_ADVICE = 80  # characters of advice, where there is little room


def compared(summary: Summary) -> str:
    """Say in one sentence how the run differs from the accepted table, class by class."""
    if not summary.has_accepted:
        return "There is no accepted table to compare with."
    if not summary.differences.every:
        return "Nothing differs from the accepted table."
    return f"Against the accepted table: {in_classes(summary.differences)}."


def differences(
    summary: Summary, limit: int, results: str, *, brief: bool = False
) -> list[Section]:
    """Return what differs from the accepted table: changed, new and gone.

    Where the code of a case fails that was not accepted so, file and line are named. ``brief``
    counts the new cells only: why they fail is said with the causes.
    """
    said = _said(summary, results)
    gone = [item_of(group, said) for group in summary.changes.get(ChangeClass.GONE, ())]
    return _present(
        [
            *_changed(summary, limit, results),
            replace(_new(summary, limit, results), items=())
            if brief
            else _new(summary, limit, results),
            _where_built(summary),
            Section(
                "Gone: accepted, but no longer there in a full run",
                items=_bounded(gone, limit, "the accepted table"),
            ),
        ]
    )


def why(summary: Summary, limit: int, results: str, *, brief: int = 0) -> list[Section]:
    """Return what is not known and why, and then the root causes of the failures.

    What nobody has explained comes before what is explained. ``brief`` is how many characters of
    a message are enough, and cuts the advice too; with 0 all is told whole.
    """
    unknown = [_cause(one, summary, brief) for one in summary.unknown]
    new = [_cause(one, summary, brief) for one in summary.causes if not one.title]
    known = [_cause(one, summary, brief) for one in summary.causes if one.title]
    where = f"{results}/matrix.csv"
    return _present(
        [
            Section("Not run, and why", items=_bounded(unknown, limit, where)),
            Section("Failures without an explanation", items=_bounded(new, limit, where)),
            Section("Why", items=_bounded(known, limit, where)),
        ]
    )


def figures(summary: Summary, limit: int, results: str) -> list[Section]:
    """Return what is counted: passes, remedies and their prices, and what was installed."""
    counted = Section(
        "How many pass",
        header=("loader", "cells that pass", "the others"),
        rows=tuple(
            (name, share(counts), the_others(counts))
            for name, counts in (
                *((summary.headings[name], counts) for name, counts in summary.loaders),
                *((f"{each.loader}, {CROSSED}", each.crossed) for each in summary.grids),
            )
        ),
    )
    return _present(
        [
            counted,
            _remedies(summary),
            _prices(summary, limit, results),
            _neighbours(summary, limit, results),
        ]
    )


def _present(sections: Iterable[Section]) -> list[Section]:
    return [section for section in sections if section.rows or section.items or section.sentence]


def _remedies(summary: Summary) -> Section:
    rows = []
    for each in summary.remedies:
        if each.cells.works and each.cases_without:
            without = number_of(each.cases_without, "case", "cases")
            words = f"works everywhere, n/a in {without}"
        elif each.cells.works:
            words = "works everywhere"
        elif each.cells.failed:
            words = f"fails in {number_of(each.cases_failing, 'case', 'cases')}"
        else:
            words = "not known yet" if each.cells.not_run else "applies nowhere"
        cases = f"{each.cases_working} of {each.cases}"
        rows.append((each.remedy, words, f"{each.cells.passed} of {each.cells.applicable}", cases))
    header = ("remedy", "verdict", "cells pass", "cases pass")
    return Section("Which remedy works everywhere", header=header, rows=tuple(rows))


def _prices(summary: Summary, limit: int, results: str) -> Section:
    lines: dict[str, list[str]] = {}
    for price in summary.prices:
        place = f"{span(price.producers, summary.environments)}; against {price.baseline}"
        words = f"{price.case}: {', '.join(few(price.changes))} ({place})"
        lines.setdefault(price.remedy, []).append(words)
    alike: dict[tuple[str, ...], list[str]] = {}
    for remedy, each in lines.items():
        alike.setdefault(tuple(each), []).append(remedy)
    items = []
    for sentences, remedies in alike.items():
        shown = _bounded(map(Item, sentences), max(2, limit // 4), f"{results}/matrix.csv")
        items.append(Item(", ".join(remedies), tuple(item.text for item in shown)))
    title = "What a remedy costs: another signature than as written"
    warning = "These pass, but a client that feeds or fetches by name, type or shape breaks."
    shown = _bounded(items, limit, f"{results}/matrix.csv")
    return Section(title, warning if items else "", items=shown)


def _changed(summary: Summary, limit: int, results: str) -> list[Section]:
    """Return a section for each class of changes, but for those that have a section elsewhere."""
    said = _said(summary, results)
    return [
        Section(
            heading(kind, sum(len(group.changes) for group in groups)),
            items=_bounded(
                [item_of(group, said) for group in groups], limit, f"{results}/matrix.csv"
            ),
        )
        for kind, groups in summary.changes.items()
        if kind not in _ELSEWHERE
    ]


def _new(summary: Summary, limit: int, results: str) -> Section:
    if not summary.has_accepted:
        return Section("")  # all of it is new, and in the table
    new = summary.differences.new
    words = ", ".join(filter(None, [f"{count(new).passed} pass", the_others(count(new))]))
    said = _said(summary, results)
    failing = [
        item_of(group, said)
        for group in summary.changes.get(ChangeClass.NEW, ())
        if group.now.partition(" ")[0] in FAILURES
    ]
    return Section(
        "New: not in the accepted table",
        f"{number_of(len(new), 'cell', 'cells')}: {words}." if new else "",
        items=_bounded(failing, limit, f"{results}/matrix.csv"),
    )


def _said(summary: Summary, results: str) -> Said:
    files = {key_of(each.row): _files(each.place, each.log) for each in summary.surprises}
    return Said(summary.environments, summary.own, summary.messages, files, results)


def _where_built(summary: Summary) -> Section:
    """Name file and line of each case that could not be built, once each."""
    found = {
        f"{each.place}: {one_line(' '.join(said.split()), _MESSAGE)}": None
        for each in summary.surprises
        if each.row["stage"] == "build" and each.place
        for said in [summary.messages.get(key_of(each.row)) or each.row["reason"]]
    }
    items = _bounded(map(Item, found), _PLACES, "the files of the cells")
    return Section("Where the code of a case fails", items=items, always=True)


def _files(place: str, log: str) -> tuple[str, ...]:
    return (*([f"at {place}"] if place else []), *([f"log: {log}"] if log else []))


def _cause(cause: Cause, summary: Summary, brief: int) -> Item:
    cases = cause.cases
    number = number_of(len(cause.rows), "cell", "cells")
    of = one_line(cases[0]) if len(cases) == 1 else f"{len(cases)} cases"
    text = f"{number} of {of}: {one_line(cause.title or cause.message, _TITLE)}".rstrip(": ")
    details = []
    if not brief:
        with_ = ", ".join(few(list(dict.fromkeys(row["remedy"] for row in cause.rows))))
        details += [f"cases: {listed(cases, 12)}"] if cases[1:] else []
        details.append(f"with {with_}; {where(cause.rows, summary.environments, summary.own)}")
    if cause.message and (cause.title or len(cause.message) > _TITLE):
        details.append(quoted(cause.message, brief or _WHOLE))
    if cause.missing:
        name = one_line(cause.missing)
        details.append(
            f"The environment has no module {name}. If the case needs a package for it, state "
            f'requires = ["{name}"] in the case, with the name of that package.'
        )
    elif cause.do:
        details.append(_sentences(cause.do, _ADVICE) if brief else cause.do)
    elif not brief and cause.fingerprint:
        details.append(
            f"Nobody has explained fingerprint {cause.fingerprint} yet: see CONTRIBUTING.md."
        )
    return Item(text, tuple(details), () if cause.title else _files(cause.place, cause.log))


def _sentences(text: str, longest: int) -> str:
    """Return the first sentences of a text, as many as are not too long, but one at least."""
    kept = ""
    for each in re.split(r"(?<=[.;]) (?=[A-Z])", text):
        if kept and len(kept) + len(each) > longest:
            break
        kept = f"{kept} {each}".strip()
    return kept


def grid_rows(grid: Grid) -> tuple[tuple[str, ...], list[tuple[str, list[tuple[str, ...]]]]]:
    """Return a grid's header, and what it counts with its rows: a producer and how many pass.

    Environments that take no part in a cross are left out.
    """
    crossing = {name for pair in (*grid.written, *grid.best) if pair[0] != pair[1] for name in pair}
    consumers = tuple(name for name in grid.consumers if name in crossing)
    grid = replace(
        grid, producers=tuple(p for p in grid.producers if p in crossing), consumers=consumers
    )
    return ("", *consumers), _grid_rows(grid)


def _grid_rows(grid: Grid) -> list[tuple[str, list[tuple[str, ...]]]]:
    written, best = (_passes(grid, counts) for counts in (grid.written, grid.best))
    if written == best:
        return [("Cases that pass as written, which no remedy betters", written)]
    shown = [("Cases that pass as written", written), ("With the best remedy of each", best)]
    return shown if grid.written else shown[1:]


def _passes(grid: Grid, counts: Mapping[Pair, Counts]) -> list[tuple[str, ...]]:
    return [
        (producer, *(fraction(counts.get((producer, consumer))) for consumer in grid.consumers))
        for producer in grid.producers
    ]


def _neighbours(summary: Summary, limit: int, results: str) -> Section:
    items = []
    for each in summary.neighbours:
        words = [one.words for one in each.first]
        if each.others:
            words.append(number_of(len(each.others), "other package", "other packages"))
        said = ", ".join(words) or "the same packages"
        items.append(Item(f"{each.before} → {each.after}: {said}"))
    return Section(
        "From one environment to the next", items=_bounded(items, limit, f"{results}/run.json")
    )


def _bounded(items: Iterable[Item], limit: int, where: str) -> tuple[Item, ...]:
    shown = list(items)
    rest = len(shown) - limit
    return (*shown[:limit], Item(f"… and {rest} more in {where}")) if rest > 0 else tuple(shown)

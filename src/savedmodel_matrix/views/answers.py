"""What a person wants to know first of a run, as sections of plain text for any view."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import count, outcome
from savedmodel_matrix.model.signatures import signature_changes
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import (
    CROSSED,
    few,
    fraction,
    in_sentence,
    listed,
    number_of,
    share,
    span,
    the_others,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.analysis.causes import Cause
    from savedmodel_matrix.analysis.counting import Counts
    from savedmodel_matrix.analysis.crossing import Grid, Pair
    from savedmodel_matrix.analysis.summary import Summary
    from savedmodel_matrix.model.table import Row

_MESSAGE, _WHOLE = 150, 600  # characters of a message, in a list and where there is room
_TITLE = 100  # characters of a message that stands for a title
_PLACES = 20  # files and lines
_ADVICE = 80  # characters of advice, where there is little room


@dataclass(frozen=True)
class Item:
    """One entry of a list: a sentence, what belongs under it, and the files to look at."""

    text: str
    details: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # a line each, such as "log: results/logs/1.log"


_Changed = tuple["Row | None", "Row", tuple[str, ...]]  # before, after, files to look at


@dataclass(frozen=True)
class Section:
    """One answer: a heading, a sentence, and a table or a list."""

    title: str
    sentence: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[Item, ...] = ()
    always: bool = False  # whether it is shown whole where there is little room


def compared(summary: Summary) -> str:
    """Say in one sentence how the run differs from the accepted table."""
    differences = summary.differences
    if not summary.has_accepted:
        return "There is no accepted table to compare with."
    changed, new, gone = differences.changed, differences.new, differences.gone
    if not (changed or new or gone):
        return "Nothing differs from the accepted table."
    first = (
        number_of(len(changed), "cell differs", "cells differ") if changed else "No cell differs"
    )
    parts = [f"{first} from the accepted table"]
    parts += [f"{len(new)} {'is' if len(new) == 1 else 'are'} new"] if new else []
    parts += [f"{len(gone)} {'is' if len(gone) == 1 else 'are'} gone"] if gone else []
    return f"{', '.join(parts)}."


def differences(
    summary: Summary, limit: int, results: str, *, brief: bool = False
) -> list[Section]:
    """Return what differs from the accepted table: changed, new and gone.

    Where the code of a case fails that was not accepted so, file and line are named. ``brief``
    counts the new cells only: why they fail is said with the causes.
    """
    lost = summary.differences.gone
    gone = [Item(f"{', '.join(key_of(row))}: {_ended(row)}") for row in lost]
    return _present(
        [
            _changed(summary, limit, results),
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


def _changed(summary: Summary, limit: int, results: str) -> Section:
    surprises = [
        (each.before, each.row, _files(each.place, each.log))
        for each in summary.surprises
        if each.before
    ]
    known = {key_of(row) for _, row, _ in surprises}
    changed = [(change.before, change.after, ()) for change in summary.differences.changed]
    others = [cell for cell in changed if key_of(cell[1]) not in known]
    items = _alike([*surprises, *others], summary, results)
    shown = _bounded(items, limit, f"{results}/matrix.csv")
    return Section("What differs from the accepted table", items=shown)


def _new(summary: Summary, limit: int, results: str) -> Section:
    if not summary.has_accepted:
        return Section("")  # all of it is new, and in the table
    new = summary.differences.new
    words = ", ".join(filter(None, [f"{count(new).passed} pass", the_others(count(new))]))
    surprises = [
        (None, each.row, _files(each.place, each.log))
        for each in summary.surprises
        if not each.before
    ]
    return Section(
        "New: not in the accepted table",
        f"{number_of(len(new), 'cell', 'cells')}: {words}." if new else "",
        items=_bounded(_alike(surprises, summary, results), limit, f"{results}/matrix.csv"),
    )


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


def _alike(cells: Iterable[_Changed], summary: Summary, results: str) -> list[Item]:
    """Return one item for the cells of a case that went the same way, with their first log."""
    ways: dict[tuple[str, ...], list[_Changed]] = {}
    for before, row, files in cells:
        then, now = outcome(before) if before else "", outcome(row)
        # Where the outcome is the same, it is reason or signature that differ.
        finer = (before["signature"], row["signature"]) if before and then == now else ()
        way = (row["case"], then, now, row["fingerprint"], row["reason"], *finer)
        ways.setdefault(way, []).append((before, row, files))
    items = []
    for group in ways.values():
        before, row, files = group[0]
        rows = [each for _, each, _ in group]
        words = now = _ended(row)
        if before:
            then = _ended(before)
            words = f"{then} → {now}" if then != now else f"{now} as before, but differently"
        changes = (
            signature_changes(before["signature"], row["signature"])
            if before and row["status"] != "not-run"
            else ()
        )
        said = summary.messages.get(key_of(row)) or row["reason"]
        more = f"{number_of(len(rows) - 1, 'more log', 'more logs')} in {results}/cells.jsonl"
        items.append(
            Item(
                f"{one_line(row['case'])}: {words} ({number_of(len(rows), 'cell', 'cells')})",
                (
                    f"{', '.join(few(_distinct(rows, 'remedy')))}; {_where(rows, summary)}",
                    *(
                        [_quoted(said, _MESSAGE)]
                        if said and before and row["status"] != "pass"
                        else []
                    ),
                    *few(changes),
                    *([more] if files and rows[1:] else []),
                ),
                files,
            )
        )
    return items


def _files(place: str, log: str) -> tuple[str, ...]:
    return (*([f"at {place}"] if place else []), *([f"log: {log}"] if log else []))


def _ended(row: Row) -> str:
    return in_sentence(row["status"], row["stage"])


def _cause(cause: Cause, summary: Summary, brief: int) -> Item:
    cases = cause.cases
    number = number_of(len(cause.rows), "cell", "cells")
    of = one_line(cases[0]) if len(cases) == 1 else f"{len(cases)} cases"
    text = f"{number} of {of}: {one_line(cause.title or cause.message, _TITLE)}".rstrip(": ")
    details = []
    if not brief:
        with_ = ", ".join(few(list(dict.fromkeys(row["remedy"] for row in cause.rows))))
        details += [f"cases: {listed(cases, 12)}"] if cases[1:] else []
        details.append(f"with {with_}; {_where(cause.rows, summary)}")
    if cause.message and (cause.title or len(cause.message) > _TITLE):
        details.append(_quoted(cause.message, brief or _WHOLE))
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


def _quoted(message: str, longest: int) -> str:
    """Return the first of what a message says, on one line."""
    return f"“{one_line(' '.join(message.split()), longest)}”"


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
    crossing = {name for pair in grid.best if pair[0] != pair[1] for name in pair}
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


def _where(rows: Sequence[Row], summary: Summary) -> str:
    """Say in which environments and loaders these cells are."""
    loads = [(row, summary.own.get(row["loader"], row["producer"])) for row in rows]
    crosses = [row for row, consumer in loads if row["consumer"] != consumer]
    crossed = _crossed([(row["producer"], row["consumer"]) for row in crosses], summary)
    straight = (row["producer"] for row, consumer in loads if row["consumer"] == consumer)
    same = [span(straight, summary.environments)]
    where = ", ".join(filter(None, [*same, *few(crossed)]))
    return f"in {where}; {', '.join(few(_distinct(rows, 'loader')))}"


def _crossed(pairs: Iterable[tuple[str, str]], summary: Summary) -> list[str]:
    """Name pairs of producer and consumer, as one span where they are all that the two can make."""
    known = list(dict.fromkeys(pairs))
    producers, consumers = ({pair[side] for pair in known} for side in (0, 1))
    every = [(p, c) for p in producers for c in consumers if p != c]
    if len(known) > 1 and set(known) == set(every):
        saved, loaded = (span(names, summary.environments) for names in (producers, consumers))
        return [f"saved in {saved} and loaded in {loaded}"]
    return [f"{producer} → {consumer}" for producer, consumer in known]


def _distinct(rows: Iterable[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows))


def _bounded(items: Iterable[Item], limit: int, where: str) -> tuple[Item, ...]:
    shown = list(items)
    rest = len(shown) - limit
    return (*shown[:limit], Item(f"… and {rest} more in {where}")) if rest > 0 else tuple(shown)

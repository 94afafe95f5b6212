"""What a person wants to know first of a run, as sections of plain text for any view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import count, outcome
from savedmodel_matrix.model.signatures import signature_changes
from savedmodel_matrix.model.table import OUTCOME, key_of
from savedmodel_matrix.views.wording import (
    CROSSED,
    few,
    fraction,
    in_words,
    number_of,
    share,
    short,
    span,
    the_others,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.analysis.counting import Counts
    from savedmodel_matrix.analysis.crossing import Grid, Pair
    from savedmodel_matrix.analysis.summary import Group, Summary
    from savedmodel_matrix.model.table import Row


@dataclass(frozen=True)
class Item:
    """One entry of a list: a sentence, what belongs under it, and the log to look at."""

    text: str
    details: tuple[str, ...] = ()
    log: str = ""


@dataclass(frozen=True)
class Section:
    """One answer: a heading, a sentence, and a table or a list."""

    title: str
    sentence: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[Item, ...] = ()


def verdict(summary: Summary) -> str:
    """Return the run in one sentence or two."""
    differences = summary.differences
    if not summary.has_accepted:
        compared = "There is no accepted table to compare with"
    else:
        parts = [
            number_of(len(differences.changed), "cell differs", "cells differ"),
            *(
                [number_of(len(differences.gone), "is gone", "are gone")]
                if differences.gone
                else []
            ),
            *([number_of(len(differences.new), "is new", "are new")] if differences.new else []),
        ]
        compared = f"Against the accepted table {', '.join(parts)}"
        if not (differences.changed or differences.gone or differences.new):
            compared = "Nothing differs from the accepted table"
    unknown = summary.not_run
    not_run = f" {number_of(unknown, 'cell was', 'cells were')} not run." if unknown else ""
    crossed = f", and {share(summary.crossed)} {CROSSED}" if summary.grids else ""
    return f"Of the applicable cells {share(summary.counts)} pass{crossed}. {compared}.{not_run}"


def answers(summary: Summary, limit: int, results: str) -> list[Section]:
    """Return what a person wants to know first, no list longer than `limit`."""
    cells = Section(
        "How many pass",
        header=("loader", "cells that pass", "the others"),
        rows=tuple(
            (name, share(counts), the_others(counts))
            for name, counts in (
                *((each.heading, each.counts) for each in summary.loaders),
                *((f"{each.loader}, {CROSSED}", each.crossed) for each in summary.grids),
            )
        ),
    )
    lost = summary.differences.gone
    gone = [Item(f"{', '.join(key_of(row))}: {in_words(outcome(row))}") for row in lost]
    sections = [
        cells,
        _remedies(summary),
        _prices(summary, limit, results),
        _changed(summary, limit, results),
        _new(summary, limit, results),
        Section(
            "Gone: accepted, but no longer there in a full run",
            items=_bounded(gone, limit, "the accepted table"),
        ),
        _causes("Failures by root cause", summary.failures, summary, limit, results),
        _unexplained(summary, limit),
        _causes("Not run: of these nothing is known", summary.unknown, summary, limit, results),
        _neighbours(summary, limit, results),
    ]
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
    surprises = [(each.before, each.row, each.log) for each in summary.surprises if each.before]
    known = {key_of(row) for _, row, _ in surprises}
    changed = [(change.before, change.after, "") for change in summary.differences.changed]
    others = [cell for cell in changed if key_of(cell[1]) not in known]
    items = _alike([*surprises, *others], summary, results)
    shown = _bounded(items, limit, f"{results}/matrix.csv")
    return Section("What differs from the accepted table", items=shown)


def _new(summary: Summary, limit: int, results: str) -> Section:
    counts = count(summary.differences.new)
    words = ", ".join(filter(None, [f"{counts.passed} pass", the_others(counts)]))
    sentence = f"{number_of(len(summary.differences.new), 'cell', 'cells')}: {words}."
    surprises = [(None, each.row, each.log) for each in summary.surprises if not each.before]
    return Section(
        "New: not in the accepted table",
        sentence if summary.differences.new else "",
        items=_bounded(_alike(surprises, summary, results), limit, f"{results}/matrix.csv"),
    )


def _alike(
    cells: Iterable[tuple[Row | None, Row, str]], summary: Summary, results: str
) -> list[Item]:
    """Return one item for the cells of a case that went the same way, with their first log."""
    ways: dict[tuple[str, ...], list[tuple[Row | None, Row, str]]] = {}
    for before, row, log in cells:
        was = (outcome(before), before["signature"]) if before else ("", "")
        way = (row["case"], *was, *(row[column] for column in OUTCOME))
        ways.setdefault(way, []).append((before, row, log))
    items = []
    for group in ways.values():
        before, row, log = group[0]
        rows = [each for _, each, _ in group]
        words = now = in_words(outcome(row))
        if before:
            then = in_words(outcome(before))
            words = f"{then} → {now}" if then != now else f"still {now}, but not as before"
        changes = (
            signature_changes(before["signature"], row["signature"])
            if before and row["status"] != "not-run"
            else ()
        )
        reason = [short(row["reason"])] if row["reason"] else []
        more = [f"{len(rows) - 1} more logs in {results}/cells.jsonl"] if log and rows[1:] else []
        items.append(
            Item(
                f"{row['case']}: {words} ({number_of(len(rows), 'cell', 'cells')})",
                (*reason, *few(changes), *_where(rows, summary), *more),
                log,
            )
        )
    return items


def _causes(
    title: str, groups: Sequence[Group], summary: Summary, limit: int, results: str
) -> Section:
    items = []
    for group in groups:
        reason = short(group.reason) or "no reason stated"
        cases = f"cases: {', '.join(few(_distinct(group.rows, 'case')))}"
        text = f"{number_of(len(group.rows), 'cell', 'cells')}: {reason}"
        items.append(Item(text, (*_where(group.rows, summary), cases)))
    return Section(title, items=_bounded(items, limit, f"{results}/matrix.csv"))


def _unexplained(summary: Summary, limit: int) -> Section:
    items = []
    for group in summary.unexplained:
        cells = number_of(len(group.rows), "cell", "cells")
        cases = ", ".join(few(_distinct(group.rows, "case")))
        items.append(Item(f"{group.fingerprint or 'no fingerprint'}: {cells} of {cases}"))
    file = "src/savedmodel_matrix/analysis/explanations.toml"
    sentence = f"To say in plain words why: {file}, by fingerprint."
    return Section(
        "Failures without an explanation",
        sentence if items else "",
        items=_bounded(items, limit, "the column fingerprint of matrix.csv"),
    )


def grid_rows(grid: Grid) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return what a grid counts, in words, and its rows: a producer and how many cases pass."""
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


def _where(rows: Sequence[Row], summary: Summary) -> tuple[str, str]:
    """Say with which remedies these cells are, and in which environments and loaders."""
    remedies = _distinct(rows, "remedy")
    every = len(remedies) == len(summary.remedies) > 1
    loads = [(row, summary.own.get(row["loader"], row["producer"])) for row in rows]
    crosses = [row for row, consumer in loads if row["consumer"] != consumer]
    crossed = _crossed([(row["producer"], row["consumer"]) for row in crosses], summary)
    straight = (row["producer"] for row, consumer in loads if row["consumer"] == consumer)
    same = [span(straight, summary.environments)]
    where = ", ".join(filter(None, [*same, *few(crossed)]))
    return (
        "with every remedy" if every else f"with {', '.join(few(remedies))}",
        f"in {where}; {', '.join(few(_distinct(rows, 'loader')))}",
    )


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

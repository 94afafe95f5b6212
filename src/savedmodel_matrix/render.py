"""How a Summary looks: on a terminal, and as Markdown.

Both show a table per loader and then, section by section, what a person wants to know first. The
terminal folds what is alike, so that the answer needs no scrolling; the Markdown has every row.
Whatever comes from a case is hostile here: it may hold control characters, markup of any kind, or
glyphs that the stream cannot write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from savedmodel_matrix.analysis import count, outcome, signature_changes
from savedmodel_matrix.table import FAILURES, OUTCOME, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis import Block, Counts, Group, LoaderResult, Summary
    from savedmodel_matrix.table import Row

_DASH = "\N{EN DASH}"
SYMBOLS = {
    "pass": "✓",
    "fail": "✗",
    "crash": "☠",
    "timeout": "⧖",
    "not-applicable": _DASH,
    "not-run": "?",
}
_STYLES = {
    "pass": "green",
    "fail": "red",
    "crash": "bold magenta",
    "timeout": "yellow",
    "not-applicable": "dim",
    "not-run": "cyan",
}
# For streams that cannot write the symbols, a Windows console or LANG=C.
_ASCII = str.maketrans({"✓": "+", "✗": "x", "☠": "!", "⧖": "@", _DASH: "-", "→": "->", "…": "..."})
_LONGEST = 240  # characters of one reason
_FEW = 6  # names in one sentence
_ON_TERMINAL, _IN_MARKDOWN = 8, 100  # items of one list
_GAP = 2  # between two columns
_WIDEST_LABEL = 30  # of what a narrow terminal grants the remedies before cells lose their words


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


def terminal(summary: Summary, console: Console, *, results: str = "results") -> None:
    """Print the folded tables, the answers and, last, the verdict, in whatever width there is.

    `results` is the directory whose matrix.md, matrix.csv and cells.jsonl hold what is left out.
    """
    page = _Page(console)
    form = _fitting(summary, console.width)
    for loader in summary.loaders:
        page.loader(loader, form)
    if form is not _words and summary.loaders:
        present = [status for status in SYMBOLS if summary.counts.by_status.get(status)]
        page.line("   ".join(f"{SYMBOLS[status]} {status}" for status in present))
    for section in answers(summary, _ON_TERMINAL, results):
        page.section(section)
    page.line("")
    page.line(verdict(summary), "bold")
    page.line(f"Every row: {results}/matrix.md; for programs: {results}/matrix.csv")


def markdown(summary: Summary, *, results: str = "results") -> str:
    """Return the whole tables and the answers as GitHub-flavoured Markdown."""
    lines = ["# Comparison table", "", _escape(verdict(summary)), ""]
    for loader in summary.loaders:
        lines += [f"## {_escape(loader.loader)}", "", f"{_of(loader.counts)} pass", ""]
        rows = zip(loader.matrix.index, loader.matrix.to_numpy().tolist(), strict=True)
        lines += _markdown_table(
            ("case", "remedy", *loader.matrix.columns),
            [(case, remedy, *map(_words, outcomes)) for (case, remedy), outcomes in rows],
        )
    for section in answers(summary, _IN_MARKDOWN, results):
        lines += [f"## {_escape(section.title)}", ""]
        lines += [_escape(section.sentence), ""] if section.sentence else []
        lines += _markdown_table(section.header, section.rows) if section.rows else []
        for item in section.items:
            lines.append(f"- {_escape(item.text)}")
            lines += [f"  - {_escape(detail)}" for detail in item.details]
            lines += [f"  - log: {_escape(item.log)}"] if item.log else []
        lines += [""] if section.items else []
    return "\n".join(lines)


def verdict(summary: Summary) -> str:
    """Return the run in one sentence or two."""
    differences = summary.differences
    if not summary.has_accepted:
        compared = "There is no accepted table to compare with"
    else:
        parts = [
            _number(len(differences.changed), "cell differs", "cells differ"),
            *([_number(len(differences.gone), "is gone", "are gone")] if differences.gone else []),
            *([_number(len(differences.new), "is new", "are new")] if differences.new else []),
        ]
        compared = f"Against the accepted table {', '.join(parts)}"
        if not (differences.changed or differences.gone or differences.new):
            compared = "Nothing differs from the accepted table"
    unknown = summary.counts.not_run
    not_run = f" {_number(unknown, 'cell was', 'cells were')} not run." if unknown else ""
    return f"Of the applicable cells {_of(summary.counts)} pass. {compared}.{not_run}"


def answers(summary: Summary, limit: int, results: str) -> list[Section]:
    """Return what a person wants to know first, no list longer than `limit`."""
    cells = Section(
        "How many pass",
        header=("loader", "cells that pass", "the others"),
        rows=tuple((each.loader, _of(each.counts), _rest(each.counts)) for each in summary.loaders),
    )
    lost = summary.differences.gone
    gone = [Item(f"{', '.join(key_of(row))}: {_words(outcome(row))}") for row in lost]
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
        _causes("Not run: of these nothing is known", summary.unknown, summary, limit, results),
    ]
    return [section for section in sections if section.rows or section.items or section.sentence]


def _remedies(summary: Summary) -> Section:
    rows = []
    for each in summary.remedies:
        if each.cells.works and each.cases_without:
            without = _number(each.cases_without, "case", "cases")
            words = f"works everywhere, n/a in {without}"
        elif each.cells.works:
            words = "works everywhere"
        elif each.cells.failed:
            words = f"fails in {_number(each.cases_failing, 'case', 'cases')}"
        else:
            words = "not known yet" if each.cells.not_run else "applies nowhere"
        cases = f"{each.cases_working} of {each.cases}"
        rows.append((each.remedy, words, f"{each.cells.passed} of {each.cells.applicable}", cases))
    header = ("remedy", "verdict", "cells pass", "cases pass")
    return Section("Which remedy works everywhere", header=header, rows=tuple(rows))


def _prices(summary: Summary, limit: int, results: str) -> Section:
    lines: dict[str, list[str]] = {}
    for price in summary.prices:
        place = f"{_span(price.producers, summary)}; against {price.baseline}"
        words = f"{price.case}: {', '.join(_few(price.changes))} ({place})"
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
    words = ", ".join(filter(None, [f"{counts.passed} pass", _rest(counts)]))
    sentence = f"{_number(len(summary.differences.new), 'cell', 'cells')}: {words}."
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
        words = now = _words(outcome(row))
        if before:
            then = _words(outcome(before))
            words = f"{then} → {now}" if then != now else f"still {now}, but not as before"
        changes = signature_changes(before["signature"], row["signature"]) if before else ()
        reason = [_short(row["reason"])] if row["reason"] else []
        more = [f"{len(rows) - 1} more logs in {results}/cells.jsonl"] if log and rows[1:] else []
        items.append(
            Item(
                f"{row['case']}: {words} ({_number(len(rows), 'cell', 'cells')})",
                (*reason, *_few(changes), *_where(rows, summary), *more),
                log,
            )
        )
    return items


def _causes(
    title: str, groups: Sequence[Group], summary: Summary, limit: int, results: str
) -> Section:
    items = []
    for group in groups:
        reason = _short(group.reason) or "no reason stated"
        cases = f"cases: {', '.join(_few(_distinct(group.rows, 'case')))}"
        text = f"{_number(len(group.rows), 'cell', 'cells')}: {reason}"
        items.append(Item(text, (*_where(group.rows, summary), cases)))
    return Section(title, items=_bounded(items, limit, f"{results}/matrix.csv"))


def _where(rows: Sequence[Row], summary: Summary) -> tuple[str, str]:
    """Say with which remedies these cells are, and in which environments and loaders."""
    remedies = _distinct(rows, "remedy")
    every = len(remedies) == len(summary.remedies) > 1
    places = [(row["producer"], row["consumer"]) for row in rows]
    crossed = [f"{one} → {other}" for one, other in dict.fromkeys(places) if one != other]
    same = [_span((one for one, other in places if one == other), summary)]
    where = ", ".join(filter(None, [*same, *_few(crossed)]))
    return (
        "with every remedy" if every else f"with {', '.join(_few(remedies))}",
        f"in {where}; {', '.join(_few(_distinct(rows, 'loader')))}",
    )


def _span(names: Iterable[str], summary: Summary) -> str:
    """Return environments as "tf2.15, tf2.17 to tf2.21" or, if all, "every environment"."""
    wanted = set(names)
    if wanted >= set(summary.environments) and len(wanted) > 1:
        return "every environment"
    runs: list[str] = []
    for present, run in groupby(summary.environments, key=wanted.__contains__):
        first, *others = run
        if present:
            runs += [f"{first} to {others[-1]}"] if others[1:] else [first, *others]
    return ", ".join(runs)


def _of(counts: Counts) -> str:
    # Rounded down: 100 % is all of them.
    share = f" ({counts.passed * 100 // counts.applicable} %)" if counts.applicable else ""
    return f"{counts.passed} of {counts.applicable}{share}"


def _rest(counts: Counts) -> str:
    """Return the cells that do not pass, as in "3 fail, 1 not-run"."""
    others = [(counts.by_status.get(status, 0), status) for status in SYMBOLS if status != "pass"]
    return ", ".join(f"{number} {status}" for number, status in others if number)


def _number(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _few(names: Sequence[str]) -> list[str]:
    rest = len(names) - _FEW
    return [*names[:_FEW], f"{rest} more"] if rest > 1 else list(names)


def _distinct(rows: Iterable[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _bounded(items: Iterable[Item], limit: int, where: str) -> tuple[Item, ...]:
    shown = list(items)
    rest = len(shown) - limit
    return (*shown[:limit], Item(f"… and {rest} more in {where}")) if rest > 0 else tuple(shown)


def _words(outcome: str) -> str:
    """Return an outcome such as "fail run" for a table with room: "✗ fail run"."""
    status, _, stage = outcome.partition(" ")
    name = "n/a" if status == "not-applicable" else status
    words = [name, *([stage] if status in FAILURES else [])]
    return " ".join([SYMBOLS[status], *words]) if status else ""


def _brief(outcome: str) -> str:
    """Return an outcome for a table with less room: "✗ run"."""
    status, _, stage = outcome.partition(" ")
    return f"{_symbol(outcome)} {stage}" if status in FAILURES else _symbol(outcome)


def _symbol(outcome: str) -> str:
    return SYMBOLS[outcome.partition(" ")[0]] if outcome else " "


def _fitting(summary: Summary, width: int) -> Callable[[str], str] | None:
    """Return the widest way to tell outcomes that fits, or None if no table does."""
    for form in (_words, _brief):
        needed = (_label_width(each) + sum(_widths(each, form)) for each in summary.loaders)
        if max(needed, default=0) <= width:
            return form
    return None


def _label_width(loader: LoaderResult) -> int:
    longest = max((cell_len(remedy) for _, remedy in loader.matrix.index), default=0)
    return min(longest + _GAP, _WIDEST_LABEL)


def _widths(loader: LoaderResult, form: Callable[[str], str]) -> list[int]:
    cells = loader.matrix.T.to_numpy().tolist()
    return [
        _GAP + max(cell_len(text) for text in (head, *map(form, set(outcomes))))
        for head, outcomes in zip(loader.matrix.columns, cells, strict=True)
    ]


class _Page:
    """A console that is told plain text only, and writes of it what its stream can encode."""

    def __init__(self, console: Console) -> None:
        self._console = console
        try:
            "".join(map(chr, _ASCII)).encode(console.encoding)
            self._has_symbols = True
        except UnicodeEncodeError:
            self._has_symbols = False

    def text(self, text: str, style: str = "") -> Text:
        """Return text that is shown as it is, whatever it holds."""
        text = clean(text)
        if not self._has_symbols:
            encoding = self._console.encoding
            text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
        return Text(text, style)

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        """Print a line, wrapped and indented."""
        shown = self.text(text, style)
        for status, symbol in SYMBOLS.items():
            shown.highlight_words([self.text(f"{symbol} {status}").plain], _STYLES[status])
        # Not rich's Padding: it fills lines up with spaces, which copied text and logs keep.
        for part in shown.wrap(self._console, max(1, self._console.width - indent)) or [shown]:
            part.rstrip()
            self._console.print(Text(" " * indent) + part, no_wrap=True)

    def loader(self, loader: LoaderResult, form: Callable[[str], str] | None) -> None:
        """Print one loader's folded table."""
        self.line("")
        self.line(f"{loader.loader}: {_of(loader.counts)} pass", "bold underline")
        if loader.like:
            cases = loader.matrix.index.get_level_values("case").nunique()
            others = sum(len(block.cases) for block in loader.blocks)
            which = f"{cases - others} of {cases} cases; these differ:" if others else "every case."
            self.line(f"The same as with {loader.like} in {which}")
        if loader.blocks and form:
            self._table(loader, form)
        elif loader.blocks:
            self._list(loader)
        if loader.passing and not loader.like:
            which = "The other cases pass" if loader.blocks else "Every case passes"
            names = f"({len(loader.passing)}): {', '.join(loader.passing)}"
            self.line(f"{which} with every remedy that applies, in every environment {names}")

    def _table(self, loader: LoaderResult, form: Callable[[str], str]) -> None:
        widths = _widths(loader, form)
        names = [_label(block, row[0]) for block in loader.blocks for row in block.rows]
        longest = max(self.text(name).cell_len for name in names)
        label = min(longest + _GAP, self._console.width - sum(widths))
        heads = [self.text(head, "dim") for head in loader.matrix.columns]
        self._row([label, *widths], [self.text(""), *heads])
        for block in loader.blocks:
            self.line(", ".join(block.cases), "bold")
            for remedies, outcomes in block.rows:
                styles = [_STYLES.get(each.partition(" ")[0], "") for each in outcomes]
                cells = map(self.text, map(form, outcomes), styles)
                self._row([label, *widths], [self.text(_label(block, remedies)), *cells])

    def _list(self, loader: LoaderResult) -> None:
        self.line(f"columns: {', '.join(loader.matrix.columns)}", "dim")
        for block in loader.blocks:
            self.line(", ".join(block.cases), "bold")
            for remedies, outcomes in block.rows:
                self.line(_label(block, remedies), indent=_GAP)
                self.line("".join(map(_symbol, outcomes)), indent=_GAP)

    def _row(self, widths: Iterable[int], cells: Iterable[Text]) -> None:
        # A table of one row: rich has no cell that spans columns, as the line of cases has to.
        table = Table(box=None, show_header=False, pad_edge=False, padding=0)
        for width in widths:
            table.add_column(width=width, overflow="fold")
        table.add_row(*(Padding(cell, (0, 0, 0, _GAP)) for cell in cells))
        self._console.print(table)

    def section(self, section: Section) -> None:
        """Print one answer; a table that does not fit becomes a list."""
        self.line("")
        self.line(section.title, "bold underline")
        if section.sentence:
            self.line(section.sentence, indent=_GAP)
        rows = [section.header, *section.rows] if section.rows else []
        widths = [
            _GAP + max(self.text(text).cell_len for text in column)
            for column in zip(*rows, strict=True)
        ]
        for row in rows:
            style = "dim" if row is section.header else ""
            if sum(widths) <= self._console.width:
                self._row(widths, [self.text(text, style) for text in row])
            else:
                self.line("; ".join(filter(None, row)), style, indent=_GAP)
        for item in section.items:
            self.line(item.text, indent=_GAP)
            for detail in item.details:
                self.line(detail, indent=2 * _GAP)
            if item.log:  # not wrapped, so that the path can be copied
                log = self.text(f"{' ' * 2 * _GAP}log: {item.log}")
                self._console.print(log, soft_wrap=True)


def _label(block: Block, remedies: Sequence[str]) -> str:
    return ", ".join(remedies) if block.rows[1:] or not remedies[1:] else "every remedy"


def clean(text: str) -> str:
    """Return text as one line in which nothing acts: what is not printable is spelled out."""
    if text.isprintable():
        return text
    escaped = (
        character
        if character.isprintable()
        else " "
        if character.isspace()
        else character.encode("unicode_escape").decode()
        for character in text
    )
    return "".join(escaped)


def _markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(map(_escape, cells))} |" for cells in (header, *rows)]
    return [lines[0], "| --- " * len(header) + "|", *lines[1:], ""]


def _escape(text: str) -> str:
    """Return text that Markdown shows as it is, in a table, a list or a heading."""
    text = clean(text).strip()
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An underscore within a word marks nothing; escaping it would make names hard to read.
    text = re.sub(r"[\\`*\[\]|~$#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\\g<0>", text)
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", text)

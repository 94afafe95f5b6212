"""A Summary on a terminal, in whatever width there is, folded so that no answer needs scrolling.

Whatever comes from a case is hostile here: it may hold control characters, markup of any kind, or
glyphs that the stream cannot write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from savedmodel_matrix.views.answers import answers, grid_rows, verdict
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import (
    CROSSED,
    DASH,
    SYMBOLS,
    in_brief,
    in_words,
    share,
    symbol_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis.crossing import Grid
    from savedmodel_matrix.analysis.folding import Block, LoaderResult
    from savedmodel_matrix.analysis.summary import Summary
    from savedmodel_matrix.views.answers import Section

_STYLES = {
    "pass": "green",
    "fail": "red",
    "crash": "bold magenta",
    "timeout": "yellow",
    "not-applicable": "dim",
    "not-run": "cyan",
}
# For streams that cannot write the symbols, a Windows console or LANG=C.
_ASCII = str.maketrans({"✓": "+", "✗": "x", "☠": "!", "⧖": "@", DASH: "-", "→": "->", "…": "..."})
_LONGEST_LIST = 8  # items
_GAP = 2  # between two columns
_WIDEST_LABEL = 30  # of what a narrow terminal grants the remedies before cells lose their words


def terminal(summary: Summary, console: Console, *, results: str = "results") -> None:
    """Print the folded tables, the answers and, last, the verdict, in whatever width there is.

    `results` is the directory whose matrix.md, matrix.csv and cells.jsonl hold what is left out.
    """
    page = _Page(console)
    form = _fitting(summary, console.width)
    for loader in summary.loaders:
        page.loader(loader, form)
    for grid in summary.grids:
        page.grid(grid)
    if form is not in_words and summary.loaders:
        present = [status for status in SYMBOLS if summary.counts.by_status.get(status)]
        page.line("   ".join(f"{SYMBOLS[status]} {status}" for status in present))
    for section in answers(summary, _LONGEST_LIST, results):
        page.section(section)
    page.line("")
    page.line(verdict(summary), "bold")
    page.line(f"Every row: {results}/matrix.md; for programs: {results}/matrix.csv")


def _fitting(summary: Summary, width: int) -> Callable[[str], str] | None:
    """Return the widest way to tell outcomes that fits, or None if no table does."""
    for form in (in_words, in_brief):
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
        text = one_line(text)
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
        self.line(f"{loader.heading}: {share(loader.counts)} pass", "bold underline")
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

    def grid(self, grid: Grid) -> None:
        """Print how many cases pass by producer and consumer; a list where that is too wide."""
        self.line("")
        self.line(f"{grid.loader}, {CROSSED}: {share(grid.crossed)} pass", "bold underline")
        for title, rows in grid_rows(grid):
            self.line(f"{title}; rows are producers, columns consumers:")
            head = ("", *grid.consumers)
            widths = self._fitted([head, *rows])
            if sum(widths) <= self._console.width:
                self._row(widths, [self.text(text, "dim") for text in head])
            for row in rows:
                if sum(widths) <= self._console.width:
                    self._row(widths, map(self.text, row))
                else:
                    passes = [f"{name} {text}" for name, text in zip(head, row, strict=True)]
                    self.line(f"{row[0]}: {', '.join(passes[1:])}", indent=_GAP)

    def _fitted(self, rows: Iterable[Sequence[str]]) -> list[int]:
        """Return how wide each column has to be."""
        return [
            _GAP + max(self.text(text).cell_len for text in column)
            for column in zip(*rows, strict=True)
        ]

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
                self.line("".join(map(symbol_of, outcomes)), indent=_GAP)

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
        widths = self._fitted(rows)
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

"""A console that is given plain text only, and prints lines, sections and tables of it.

Whatever comes from a case is hostile here: it may hold control characters, markup of any kind, or
glyphs that the stream cannot write. It reaches the console as plain text only, made harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from savedmodel_matrix.views.answers import grid_rows
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.section import Item
from savedmodel_matrix.views.table import GAP, NOTE
from savedmodel_matrix.views.wording import CROSSED, DASH, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis.crossing import Grid
    from savedmodel_matrix.views.section import Section
    from savedmodel_matrix.views.table import Line

LABEL = "Next  "  # what a short label takes before its text
# For streams that cannot write the symbols, a Windows console or LANG=C.
_ASCII = str.maketrans(
    {"✓": "+", "≠": "#", "✗": "x", DASH: "-", "→": "->", "…": "...", "│": "|", "“": '"', "”": '"'}
)


class PlainPage:
    """A console that is given plain text only, and writes of it what its stream can encode."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.width = console.width
        self.printed = 0  # lines
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

    def segments(self, line: Line) -> None:
        """Print a line of the table: a note wrapped, a row never, since its name may be copied."""
        if line and line[0][1] == NOTE:
            self.line("".join(text for text, _ in line), "dim")
            return
        shown = Text.assemble(*(self.text(text, style) for text, style in line))
        shown.rstrip()
        self._console.print(shown, soft_wrap=True)
        self.printed += 1

    def whole(self, text: str, style: str = "", indent: int = 0, label: str = "") -> None:
        """Print a line that is not broken, so that a command or a path in it can be copied."""
        head = Text(label.ljust(indent), "bold")
        self._console.print(head + self.text(text, style), soft_wrap=True)
        self.printed += 1

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        """Print a line, wrapped and indented."""
        for part in self.wrapped(text, style, indent):
            self._console.print(part, no_wrap=True)
            self.printed += 1

    def wrapped(self, text: str, style: str = "", indent: int = 0) -> list[Text]:
        """Return the lines that a text takes."""
        shown = self.text(text, style)
        # Not rich's Padding: it fills lines up with spaces, which copied text and logs keep.
        parts = list(shown.wrap(self._console, max(1, self.width - indent))) or [shown]
        for part in parts:
            part.rstrip()
        return [Text(" " * indent) + part if part.plain else part for part in parts]

    def section(
        self,
        section: Section,
        most: int | None = None,
        *,
        whole: bool = True,
        gap: bool = False,
        style: str = "bold",
    ) -> None:
        """Print an answer; of its items as many as fit up to line ``most``, and one at least.

        What does not fit whole is one sentence; of the first item that holds unless ``whole``.
        With ``gap`` an empty line follows.
        """
        label = section.title if len(section.title) < len(LABEL) else ""
        indent = len(LABEL) if label else GAP
        if not label:
            self.line(section.title, style)
        if section.sentence:
            self.line(section.sentence, indent=GAP)
        self.rows([section.header, *section.rows] if section.rows else [])
        for number, item in enumerate(section.items):
            left = len(section.items) - number
            found = self.rendered(item, indent, "" if number else label)
            full = most is not None and self.printed + len(found) + (left > 1) > most
            if full and (number or not whole):
                found = self.rendered(Item(item.text), indent, "" if number else label)
                if number and most and self.printed + len(found) + (left > 1) > most:
                    self.line(f"… and {left} more: -v prints them.", indent=indent)
                    break
            for text in found:
                self._console.print(text, soft_wrap=True)
            self.printed += len(found)
        if gap:
            self.line("")

    def rendered(self, item: Item, indent: int, label: str = "") -> list[Text]:
        """Return the lines of an entry of a list, a label before the first of them."""
        found = self.wrapped(item.text, indent=indent)
        if label:
            found[0] = Text(label.ljust(indent), "bold") + found[0][indent:]
        for detail in item.details:
            found += self.wrapped(detail, indent=indent + GAP)
        for file in item.files:  # not wrapped, so that the path can be copied
            found.append(Text(" " * (indent + GAP)) + self.text(file, "dim"))
        return found

    def grid(self, grid: Grid) -> None:
        """Print how many cases pass by producer and consumer; a list where that is too wide."""
        self.line("")
        self.line(f"{grid.loader}, {CROSSED}: {share(grid.crossed)} pass", "bold")
        header, counted = grid_rows(grid)
        for title, rows in counted:
            self.line(f"{title}; rows are producers, columns consumers:")
            self.rows([header, *rows])

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Print rows under a header, in columns where they fit, else as a list."""
        texts = [[self.text(text).plain for text in row] for row in rows]
        widths = [
            max(self.text(text).cell_len for text in column) for column in zip(*texts, strict=True)
        ]
        fits = sum(widths) + GAP * len(widths) <= self.width
        for number, row in enumerate(texts):
            if fits:
                cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
                self.line("  ".join(cells).rstrip(), "" if number else "dim", indent=GAP)
            elif number:
                pairs = list(zip(texts[0], row, strict=True))[1:]
                parts = (f"{head} {text}" for head, text in pairs if text)
                self.line(f"{row[0]}: {', '.join(parts)}", indent=GAP)

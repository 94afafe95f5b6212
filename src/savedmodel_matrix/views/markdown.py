"""A Summary as GitHub-flavoured Markdown, every row of it; what comes from a case is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from savedmodel_matrix.views.answers import answers, grid_rows, verdict
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import CROSSED, in_words, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from savedmodel_matrix.analysis.summary import Summary

_LONGEST_LIST = 100  # items


def markdown(summary: Summary, *, results: str = "results") -> str:
    """Return the whole tables and the answers as GitHub-flavoured Markdown."""
    lines = ["# Comparison table", "", _escape(verdict(summary)), ""]
    for loader in summary.loaders:
        lines += [f"## {_escape(loader.heading)}", "", f"{share(loader.counts)} pass", ""]
        rows = zip(loader.matrix.index, loader.matrix.to_numpy().tolist(), strict=True)
        lines += _markdown_table(
            ("case", "remedy", *loader.matrix.columns),
            [(case, remedy, *map(in_words, outcomes)) for (case, remedy), outcomes in rows],
        )
    for grid in summary.grids:
        lines += [f"## {_escape(f'{grid.loader}, {CROSSED}')}", "", f"{share(grid.crossed)} pass"]
        for title, passes in grid_rows(grid):
            lines += ["", f"{title}; rows are producers, columns consumers:", ""]
            lines += _markdown_table(("", *grid.consumers), passes)
    for section in answers(summary, _LONGEST_LIST, results):
        lines += [f"## {_escape(section.title)}", ""]
        lines += [_escape(section.sentence), ""] if section.sentence else []
        lines += _markdown_table(section.header, section.rows) if section.rows else []
        for item in section.items:
            lines.append(f"- {_escape(item.text)}")
            lines += [f"  - {_escape(detail)}" for detail in item.details]
            lines += [f"  - log: {_escape(item.log)}"] if item.log else []
        lines += [""] if section.items else []
    return "\n".join(lines)


def _markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(map(_escape, cells))} |" for cells in (header, *rows)]
    return [lines[0], "| --- " * len(header) + "|", *lines[1:], ""]


def _escape(text: str) -> str:
    """Return text that Markdown shows as it is, in a table, a list or a heading."""
    text = one_line(text).strip()
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An underscore within a word marks nothing; escaping it would make names hard to read.
    text = re.sub(r"[\\`*\[\]|~$#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\\g<0>", text)
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", text)

"""A Summary as GitHub-flavoured Markdown, every row of it; what comes from a case is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from savedmodel_matrix.views.answers import compared, differences, figures, grid_rows, why
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.sentence import sentence
from savedmodel_matrix.views.table import OTHER_CASES
from savedmodel_matrix.views.wording import CROSSED, in_words, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from savedmodel_matrix.analysis.comparison import Panel
    from savedmodel_matrix.analysis.families import Family
    from savedmodel_matrix.analysis.summary import Summary

_LONGEST_LIST = 100  # items


def markdown(summary: Summary, *, results: str = "results") -> str:
    """Return the answer, the whole table and what is said of it as GitHub-flavoured Markdown."""
    lines = ["# Comparison table", "", escape(sentence(summary)), ""]
    lines += [escape(compared(summary)), ""]
    for panel in summary.panels:
        for loader in panel.loaders:
            lines += _panel(summary, panel, loader)
    for grid in summary.grids:
        lines += [f"## {escape(f'{grid.loader}, {CROSSED}')}", "", f"{share(grid.crossed)} pass"]
        header, counted = grid_rows(grid)
        for title, passes in counted:
            lines += ["", f"{title}; rows are producers, columns consumers:", ""]
            lines += _markdown_table(header, passes)
    for section in (
        *differences(summary, _LONGEST_LIST, results),
        *why(summary, _LONGEST_LIST, results),
        *figures(summary, _LONGEST_LIST, results),
    ):
        lines += [f"## {escape(section.title)}", ""]
        lines += [escape(section.sentence), ""] if section.sentence else []
        lines += _markdown_table(section.header, section.rows) if section.rows else []
        for item in section.items:
            lines.append(f"- {escape(item.text)}")
            lines += [f"  - {escape(detail)}" for detail in item.details]
            lines += [f"  - {escape(file)}" for file in item.files]
        lines += [""] if section.items else []
    return "\n".join(lines)


def _panel(summary: Summary, panel: Panel, loader: str) -> Iterator[str]:
    """Yield the table of one loader in the environments of a panel."""
    counts = dict(summary.loaders)[loader]
    family = f", {panel.family.label}" if len(summary.panels) > 1 else ""
    yield from (f"## {escape(summary.headings[loader] + family)}", "")
    yield from ([f"{share(counts)} pass", ""] if not family else [])
    rows: list[tuple[str, ...]] = []
    last = None
    part = panel.outcomes[loader]
    for (case, remedy), outcomes in zip(part.index, part.to_numpy().tolist(), strict=True):
        group = summary.groups.get(case, OTHER_CASES) if summary.groups else None
        if group != last:
            rows.append((f"**{escape(group or '')}**", "", *[""] * len(outcomes)))
            last = group
        rows.append((escape(case), escape(remedy), *map(in_words, outcomes)))
    yield from _lines(("case", "remedy", *map(escape, _versions(panel.family))), rows)


def _versions(family: Family) -> list[str]:
    """Return the environments, each with the package beside it where that changes."""
    names = list(family.environments)
    before = None
    for place, package in enumerate(family.packages):
        if package != before:
            names[place] += f", {family.beside} {package or '?'}"
        before = package
    return names


def _markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return _lines([*map(escape, header)], [[*map(escape, row)] for row in rows])


def _lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of cells that are escaped already."""
    lines = [f"| {' | '.join(cells)} |" for cells in (header, *rows)]
    return [lines[0], "| --- " * len(header) + "|", *lines[1:], ""]


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, in a table, a list or a heading."""
    text = one_line(text).strip()
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An underscore within a word marks nothing; escaping it would make names hard to read.
    text = re.sub(r"[\\`*\[\]|~$#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\\g<0>", text)
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", text)

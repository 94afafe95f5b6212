"""docs/cases.md: the catalogue as a tour, written from the cases and the accepted table."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.alike import alike, likeness
from savedmodel_matrix.analysis.crossing import apart
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order, rows_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import in_sentence, number_of, span
from savedmodel_matrix.workspace.tour import OTHERS, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.table import Row

_HEAD = """\
# The cases

This page is written by `nox -s report` from the modules in [`cases/`](../cases) and the accepted
table. Each case is a small program of its own: what a user meant to do, and what became of it.
"""


def guide(cases: Iterable[Case], groups: Mapping[str, str], table: pd.DataFrame) -> str:
    """Return the page as Markdown: groups in the order of the tour, and what each case does."""
    ordered = sorted(cases, key=lambda case: place(list(groups), case))
    names = [case.name for case in ordered]
    rows, _ = apart(rows_of(table))
    together = alike(rows, names)
    like = likeness(together)
    written: dict[str, list[Row]] = {}
    for row in rows:
        if row["remedy"] == AS_WRITTEN:
            written.setdefault(row["case"], []).append(row)
    environments = sorted({row["producer"] for row in rows}, key=environment_order)
    lines = [_HEAD]
    lines.append(_summary(ordered, together))
    for group, members in groupby(ordered, key=lambda case: case.group or OTHERS):
        lines += [f"## {_text(group)}\n"]
        if group in groups:
            lines += [f"{_text(groups[group])}\n"]
        for case in members:
            other = like.get(case.name, "")
            lines += _entry(case, written.get(case.name, []), other, environments)
    lines += _groups(together, {case.name: case.title for case in ordered})
    return "\n".join(lines)


def _summary(cases: Sequence[Case], together: Mapping[str, Sequence[str]]) -> str:
    many = number_of(len(cases), "case", "cases")
    ways = number_of(len(together), "way", "ways")
    return (
        f"There are {many}, which behave in {ways}: cases with the same outcome in every "
        "environment, with every remedy\nand every loader are listed together "
        "[at the end](#cases-that-behave-alike).\n"
    )


def _entry(case: Case, written: Sequence[Row], like: str, environments: Sequence[str]) -> list[str]:
    lines = [f"### [{case.name}](../cases/{case.path.name})\n"]
    lines += [f"**{_text(case.title)}** {_text(case.story)}\n"]
    facts = []
    if written:
        facts.append(f"As written: {as_written(written, environments)}.")
    if like:
        facts.append(f"Behaves like [{like}](#{like}).")
    if case.changed:
        facts.append(f"Changed in {_text(case.changed)}.")
    links = ", ".join(f"[{_short(url)}]({url})" for url in case.issues)
    if links:
        facts.append(f"Reported in {links}.")
    return [*lines, "\n".join(f"- {fact}" for fact in facts), ""] if facts else lines


def as_written(rows: Sequence[Row], environments: Sequence[str]) -> str:
    """Say where a case passes and where it does not: "passes in tf2.15; fails at run in …"."""
    ways: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in rows:
        way = ways.setdefault((row["status"], row["stage"]), {})
        way.setdefault(row["loader"], []).append(row["producer"])
    loaders = sorted({row["loader"] for row in rows})
    said = []
    for (status, stage), by_loader in ways.items():
        places: dict[str, list[str]] = {}
        for loader in sorted(by_loader):
            places.setdefault(span(by_loader[loader], environments), []).append(loader)
        for where, having in places.items():
            who = "" if having == loaders else f" with {', '.join(having)}"
            said.append(f"{in_sentence(status, stage)} in {where}{who}")
    return "; ".join(said)


def _groups(together: Mapping[str, Sequence[str]], titles: Mapping[str, str]) -> list[str]:
    lines = ["## Cases that behave alike\n"]
    for first, members in together.items():
        if len(members) == 1:
            continue
        lines.append(f"[{first}](#{first}): {_text(titles.get(first, ''))} Like it behave\n")
        lines += [f"- [{name}](#{name}): {_text(titles.get(name, ''))}" for name in members[1:]]
        lines.append("")
    alone = [f"[{first}](#{first})" for first, members in together.items() if len(members) == 1]
    if alone:
        lines += [f"Like no other: {', '.join(alone)}.", ""]
    return lines


def _short(url: str) -> str:
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)/(?:issues|pull)/(\d+)\S*", url)
    return f"{found[1]}#{found[2]}" if found else url.removeprefix("https://")


def _text(text: str) -> str:
    """Return text that Markdown shows as it is; code in backticks stays code."""
    return one_line(text).replace("<", "&lt;").replace("*", r"\*")

"""Two results compared, on a terminal: what else differs first, then class by class."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.views.changes import (
    Said,
    described,
    heading,
    in_classes,
    item_of,
    package_lines,
)
from savedmodel_matrix.views.places import every_place
from savedmodel_matrix.views.plain_page import PlainPage
from savedmodel_matrix.views.section import Item, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from savedmodel_matrix.analysis.change_groups import ChangeGroup
    from savedmodel_matrix.analysis.compared import Compared

LINES = 45  # of a page, where the terminal does not say how many it has
_LEAST = 4  # lines of a class: its heading, its largest group, and how many more there are
_PACKAGES = 3  # lines
_STYLES = {ChangeClass.REGRESSED: "bold red", ChangeClass.FIXED: "bold green"}


def compare_terminal(
    compared: Compared, console: Console, *, verbose: bool = False, most: int = LINES
) -> None:
    """Print what differs between two results in at most about ``most`` lines, or everything."""
    page = PlainPage(console)
    for sentence in compared.machines:
        page.line(sentence, "yellow")
    page.line(f"Before: {described(compared.before)}")
    page.line(f"After:  {described(compared.after)}")
    page.line(summed(compared), "bold")
    said = Said(compared.environments, compared.own)
    left = [kind for kind in ChangeClass if kind in compared.groups]
    packages = package_lines(compared, None if verbose else _PACKAGES)
    shown = None if verbose else most
    first = left[:1]
    while left:
        kind = left.pop(0)
        groups = compared.groups[kind]
        items = [_item(group, compared, said, verbose=verbose) for group in groups[:shown]]
        # What there is no room for is counted only.
        items += [Item("")] * (len(groups) - len(items))
        number = sum(len(group.changes) for group in groups)
        room = None if verbose else max(0, most - _LEAST * len(left) - len(packages))
        style = _STYLES.get(kind, "bold")
        section = Section(heading(kind, number), items=tuple(items))
        page.section(section, room, whole=[kind] == first, style=style)
    if packages:
        section = Section("Packages that differ", items=tuple(map(Item, packages)))
        page.section(section)


def _item(group: ChangeGroup, compared: Compared, said: Said, *, verbose: bool) -> Item:
    item = item_of(group, said)
    return replace(item, files=tuple(_whole(group, compared))) if verbose else item


def summed(compared: Compared) -> str:
    """Return the count of every class in one sentence."""
    if not compared.differences.total:
        return "Neither result has a cell."
    text = in_classes(compared.differences)
    if not compared.differences.every:
        text = f"Nothing differs: {text}"
    return f"{text[0].upper()}{text[1:]}."


def _whole(group: ChangeGroup, compared: Compared) -> Iterator[str]:
    """Yield a line for each case, remedy and loader of a group, with every place it is in."""
    found: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in group.rows:
        found.setdefault((row["case"], row["remedy"], row["loader"]), []).append(row)
    for names, rows in found.items():
        yield f"{', '.join(names)}: {every_place(rows, compared.environments, compared.own)}"

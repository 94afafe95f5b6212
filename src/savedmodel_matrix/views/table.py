"""The comparison table as lines of text: cases down, versions across, loaders side by side.

The widest form that has room for every loader is taken: versions written out, then "2.15 16 17",
then their digits one below the other. Loaders for which there is no room come in a block below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from savedmodel_matrix.analysis.families import OTHERS, Family
from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import mark, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from savedmodel_matrix.analysis.comparison import Panel

Segment = tuple[str, str]  # text and style
Line = tuple[Segment, ...]
NOTE = "note"  # the style of a line that is a sentence, and may be wrapped
GAP = 2  # between two loaders, and of each indentation
OTHER_CASES = "Other cases"
_STYLES = {
    "pass": "green",
    "fail": "red",
    "crash": "bold magenta",
    "timeout": "yellow",
    "not-applicable": "dim",
    "not-run": "cyan",
}
_Cells = dict[tuple[str, str], dict[tuple[str, str], str]]  # by row, and by loader and producer
_PIECES = re.compile(r"[^_.\- ]*[_.\- ]*")


@dataclass(frozen=True)
class _Form:
    """How the versions of a family are written: a width for each, and lines of headings."""

    widths: tuple[int, ...]
    gap: int
    heads: tuple[tuple[str, ...], ...]  # a line each, of a text for each version
    label: str  # what is written beside the headings

    @property
    def width(self) -> int:
        return sum(self.widths) + self.gap * (len(self.widths) - 1)

    def line(self, texts: Sequence[str], breaks: Sequence[bool]) -> list[str]:
        """Return the text of each version, centred, and what follows it up to the next."""
        last = len(texts) - 1
        return [
            _centred(text, width)
            + ("" if i == last else ("│" if breaks[i] and self.gap else " ") * self.gap)
            for i, (text, width) in enumerate(zip(texts, self.widths, strict=True))
        ]


@dataclass(frozen=True)
class _Block:
    """Loaders beside one another; without a form there is no room even for one of them."""

    loaders: tuple[str, ...]
    form: _Form | None
    titles: tuple[tuple[str, ...], ...]  # of each loader, its name in lines


@dataclass(frozen=True)
class _Row:
    label: str
    style: str
    key: tuple[str, str] | None  # case and remedy, or a line without outcomes
    level: int  # of a group 0, of a case 1, of a remedy 2


def lines(
    panel: Panel, groups: Mapping[str, str], headings: Mapping[str, str], width: int
) -> Iterator[Line]:
    """Yield the lines of a panel, none wider than ``width`` unless a name alone is.

    ``groups`` is the heading of each case; ``headings`` is what each loader is called.
    """
    rows = _rows(panel, groups)
    names = max(cell_len(row.label) for row in rows if row.level)
    names = max(names, *(cell_len(form.label) for form in _forms(panel.family)))
    cells = _cells(panel)
    for block in _blocks(panel, headings, width - names):
        shown = _filled_rows(rows, cells, block.loaders)
        if block.form is None:
            yield from _narrow(panel, shown, cells, block.loaders, headings)
            continue
        yield from _head(panel.family, block.form, block.titles, names)
        for row in shown:
            yield _line(panel, row, cells, block, block.form, names)
    for loader, other in _repeating(panel, headings, width - names).items():
        yield ((f"{headings[loader]}: the same as {headings[other]} in every row.", NOTE),)


def _rows(panel: Panel, groups: Mapping[str, str]) -> list[_Row]:
    keys: list[tuple[str, str]] = list(panel.outcomes.index)
    found: list[_Row] = []
    titled = any(case in groups for case, _ in keys)
    indent = GAP if titled else 0
    for group, of_it in groupby(keys, lambda key: groups.get(key[0], OTHER_CASES)):
        if titled:
            found.append(_Row(one_line(group), "bold", None, 0))
        for case, of_case in groupby(of_it, lambda key: key[0]):
            several = list(of_case)
            name, remedy = " " * indent + one_line(case), several[0][1]
            # The row of a case is as written, and those below it are its remedies.
            if remedy == AS_WRITTEN or several[1:]:
                written = several.pop(0) if remedy == AS_WRITTEN else None
                inner = " " * (indent + GAP)
                found.append(_Row(name, "", written, 1))
                found += [_Row(inner + one_line(key[1]), "", key, 2) for key in several]
            else:
                found.append(_Row(f"{name}, {one_line(remedy)}", "", several[0], 1))
    return found


def _forms(family: Family) -> list[_Form]:
    """Return the ways of writing the versions, the widest first."""
    versions = [one_line(each) for each in family.versions]
    label = one_line(family.label)
    full = _Form(tuple(map(cell_len, versions)), 1, (tuple(versions),), label)
    majors, minors = zip(*(each.rpartition(".")[::2] for each in versions), strict=True)
    alike = family.label != OTHERS and len(set(majors)) == 1
    forms = [full]
    if alike and minors[1:]:
        shorter = (versions[0], *minors[1:])
        forms.append(_Form(tuple(map(cell_len, shorter)), 1, (shorter,), label))
    digits = minors if alike else versions
    height = max(map(len, digits))
    heads = tuple(zip(*(each.rjust(height) for each in digits), strict=True))
    beside = f"{label} {majors[0]}." if alike else label
    ones = (1,) * len(versions)
    return [*forms, _Form(ones, 1, heads, beside), _Form(ones, 0, heads, beside)]


def _blocks(panel: Panel, headings: Mapping[str, str], room: int) -> list[_Block]:
    """Return which loaders stand beside one another, and how their versions are written."""
    forms = _forms(panel.family)
    for wrapped in (False, True):
        for form in forms:
            if _needed(panel.loaders, headings, form, wrapped=wrapped) <= room:
                return [_block(panel.loaders, form, headings, wrapped=wrapped)]
    repeating = _repeating(panel, headings, room)
    left = [each for each in panel.loaders if each not in repeating]
    found: list[_Block] = []
    while left:
        number = len(left)
        while number and _needed(left[:number], headings, forms[-1]) > room:
            number -= 1
        if not number:
            return [*found, _Block(tuple(left), None, ())]
        fitting = (form for form in forms if _needed(left[:number], headings, form) <= room)
        found.append(_block(left[:number], next(fitting), headings, wrapped=True))
        left = left[number:]
    return found


def _block(
    loaders: Sequence[str], form: _Form, headings: Mapping[str, str], *, wrapped: bool
) -> _Block:
    names = [one_line(headings[each]) for each in loaders]
    titles = [_wrapped(name, form.width) if wrapped else (name,) for name in names]
    return _Block(tuple(loaders), form, tuple(titles))


def _needed(
    loaders: Sequence[str], headings: Mapping[str, str], form: _Form, *, wrapped: bool = True
) -> int:
    def longest(name: str) -> int:
        return max(map(cell_len, _pieces(name) if wrapped else [one_line(name)]))

    return sum(GAP + max(form.width, longest(headings[each])) for each in loaders)


def _repeating(panel: Panel, headings: Mapping[str, str], room: int) -> dict[str, str]:
    """Return the loaders that repeat an earlier one, by which, where not all of them fit."""
    forms = _forms(panel.family)
    if any(_needed(panel.loaders, headings, form) <= room for form in forms):
        return {}
    first: dict[tuple[str, ...], str] = {}
    found = {}
    for loader in panel.loaders:
        column = tuple(panel.outcomes[loader].to_numpy().ravel().tolist())
        other = first.setdefault(column, loader)
        if other != loader:
            found[loader] = other
    return found


def _pieces(name: str) -> list[str]:
    return [piece.rstrip() for piece in _PIECES.findall(one_line(name)) if piece.strip()] or [""]


def _wrapped(name: str, width: int) -> tuple[str, ...]:
    """Return a name in lines of about ``width``, broken after _, . and -."""
    pieces = [piece for piece in _PIECES.findall(name) if piece]
    broken = [""]
    for piece in pieces:
        if broken[-1] and cell_len((broken[-1] + piece).rstrip()) > max(
            width, *(cell_len(each.rstrip()) for each in pieces)
        ):
            broken.append("")
        broken[-1] += piece
    return tuple(each.rstrip() for each in broken)


def _head(
    family: Family, form: _Form, titles: Sequence[Sequence[str]], names: int
) -> Iterator[Line]:
    beside = _beside(family, form)
    blocks = [max(form.width, *map(cell_len, title)) for title in titles]
    if beside and cell_len(beside) > names:
        yield ((beside, NOTE),)
        beside = ""
    for i, texts in enumerate(zip_longest(*titles, fillvalue="")):
        label = (beside if i == 0 else "").ljust(names)
        cells = [
            " " * GAP + _filled(text, block) for text, block in zip(texts, blocks, strict=True)
        ]
        yield (label, "dim"), ("".join(cells).rstrip(), "bold")
    breaks = _breaks(family)
    for i, texts in enumerate(form.heads):
        label = form.label if i == 0 else ""
        cell = "".join(form.line(texts, breaks))
        cells = [" " * GAP + _filled(cell, block) for block in blocks]
        yield (_filled(label, names), "dim"), ("".join(cells).rstrip(), "dim")


def _beside(family: Family, form: _Form) -> str:
    """Say which Keras, or which TensorFlow, comes with the versions."""
    stretches = family.stretches
    if not stretches:
        return ""
    known = [key or "?" for key, _ in stretches]
    if form.gap or not known[1:]:
        return f"{family.beside} {' │ '.join(map(one_line, known))}"
    parts = [
        f"{one_line(key or '?')} in {one_line(span(versions, (*versions, '')))}"
        for key, versions in stretches
    ]
    return f"{family.beside} {', '.join(parts)}"


def _breaks(family: Family) -> list[bool]:
    """Say behind which versions that of the package beside changes."""
    if not family.packages:
        return [False] * len(family.versions)
    return [a != b for a, b in zip(family.packages, family.packages[1:], strict=False)] + [False]


def _line(
    panel: Panel,
    row: _Row,
    cells: _Cells,
    block: _Block,
    form: _Form,
    names: int,
) -> Line:
    if row.key is None:
        return ((row.label, row.style),)
    outcomes = cells[row.key]
    breaks = _breaks(panel.family)
    segments: list[Segment] = [(_filled(row.label, names), row.style)]
    for loader, title in zip(block.loaders, block.titles, strict=True):
        ends = [outcomes[loader, producer] for producer in panel.family.environments]
        parts = form.line([mark(end) for end in ends], breaks)
        segments.append((" " * GAP, ""))
        for end, part in zip(ends, parts, strict=True):
            symbol, bar, after = part.partition("│")
            segments.append((symbol, _STYLES.get(end.partition(" ")[0], "")))
            segments.append((bar + after, "dim"))
        fill = max(map(cell_len, title)) - form.width
        segments.append((" " * max(0, fill), ""))
    return tuple(segments)


def _narrow(
    panel: Panel,
    rows: Sequence[_Row],
    cells: _Cells,
    loaders: Sequence[str],
    headings: Mapping[str, str],
) -> Iterator[Line]:
    """Yield a list, for a terminal on which no loader fits beside the names."""
    family = panel.family
    versions = ", ".join(map(one_line, family.versions))
    yield ((f"{one_line(family.label)} {versions}, in this order", NOTE),)
    for row in rows:
        yield ((row.label, row.style),)
        if row.key:
            outcomes = cells[row.key]
            indent = " " * (len(row.label) - len(row.label.lstrip()) + GAP)
            for loader in loaders:
                ends = [outcomes[loader, producer] for producer in family.environments]
                marks = ((mark(end), _STYLES.get(end.partition(" ")[0], "")) for end in ends)
                yield ((f"{indent}{one_line(headings[loader])} ", ""), *marks)


def _cells(panel: Panel) -> _Cells:
    columns: Any = list(panel.outcomes.columns)
    rows = zip(panel.outcomes.index, panel.outcomes.to_numpy().tolist(), strict=True)
    return {key: dict(zip(columns, values, strict=True)) for key, values in rows}


def _filled_rows(rows: Sequence[_Row], cells: _Cells, loaders: Sequence[str]) -> list[_Row]:
    """Leave out the rows in which these loaders have no cell, and headings without any other."""
    kept: list[_Row] = []
    for row in reversed(rows):
        filled = row.key and any(
            end for (loader, _), end in cells[row.key].items() if loader in loaders
        )
        below = kept[-1].level if kept else 0
        if filled or row.level < below:
            kept.append(row)
    return kept[::-1]


def _filled(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _centred(text: str, width: int) -> str:
    left = (width - cell_len(text)) // 2
    return _filled(" " * left + text, width)

"""What a template is given of cells: outcomes in words, links, and rows of a matrix."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import FAILURES, key_of
from savedmodel_matrix.views.report.findings import best
from savedmodel_matrix.views.report.names import anchor_of, case_page, page_of
from savedmodel_matrix.views.wording import SYMBOLS, in_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.views.report.facts import Cell, Facts
    from savedmodel_matrix.views.report.recommend import Advice, Choice


@dataclass(frozen=True)
class Mark:
    """One outcome in a table: what it looks like, what it says, and the cell's own place."""

    status: str
    symbol: str
    word: str
    href: str
    label: str


@dataclass(frozen=True)
class Row:
    """One case in the matrix: as written beside the best remedy, a mark per column."""

    case: str
    title: str
    href: str
    written: tuple[Mark | None, ...]
    advised: str  # in words, where there is nothing to take
    ways: tuple[tuple[str, str], ...]  # what to take, and its page: see `recommend.Choice`
    best: tuple[Mark | None, ...]


@dataclass(frozen=True)
class Group:
    """Cases under one heading."""

    name: str
    rows: tuple[Row, ...]


def word_of(status: str, stage: str, *, flaky: bool = False) -> str:
    """Return an outcome's word for a narrow cell: the stage where it failed, else the status."""
    word = {"not-applicable": "n/a", "not-run": "not run"}.get(status, status)
    word = stage if status in FAILURES else word
    return f"{word}, flaky" if flaky else word


def sentence_of(cell: Cell) -> str:
    """Return an outcome in words: "fails at run", "passes"."""
    return in_sentence(cell["status"], cell["stage"])


def href_of(cell: Cell) -> str:
    """Return the permalink of a cell, relative to the report."""
    anchor = anchor_of(cell["remedy"], cell["producer"], cell["loader"], cell["consumer"])
    return f"{case_page(cell['case'])}#{anchor}"


def command(cell: Cell) -> str:
    """Return the line that reproduces one cell."""
    words = ["nox", "-s", "matrix", "--", "--fresh"]
    for option in ("case", "remedy", "loader"):
        words += [f"--{option}", cell[option]]
    if cell["producer"] == cell["consumer"]:
        words += ["--environment", cell["producer"]]
    else:
        words += ["--producer", cell["producer"], "--consumer", cell["consumer"]]
    return shlex.join(words)


def mark(cell: Cell, facts: Facts, href: str = "") -> Mark:
    """Return a cell as it stands in a table; `href` where it does not link to its own place."""
    flaky = key_of(cell) in facts.flaky
    place = f"{cell['case']}, {cell['remedy']}, {facts.place(cell)}, {cell['loader']}"
    return Mark(
        cell["status"],
        SYMBOLS[cell["status"]],
        word_of(cell["status"], cell["stage"], flaky=flaky),
        href or href_of(cell),
        f"{place}: {sentence_of(cell)}{', flaky' if flaky else ''}",
    )


def overview(
    facts: Facts,
    loader: str,
    advice: Mapping[str, Sequence[Advice]],
    chosen: Mapping[tuple[str, str], Choice],
) -> list[Group]:
    """Return the front page's matrix for one loader, case by case in groups."""
    groups: dict[str, list[Row]] = {}
    for case in facts.case_names:
        row = _row(facts, case, loader, advice, chosen.get((case, loader)))
        groups.setdefault(facts.cases[case].group, []).append(row)
    return [Group(name, tuple(rows)) for name, rows in groups.items()]


def _row(
    facts: Facts,
    case: str,
    loader: str,
    advice: Mapping[str, Sequence[Advice]],
    choice: Choice | None,
) -> Row:
    baseline = facts.baselines[loader]
    taken = choice.remedies if choice else ()
    order = [*taken, *(one.remedy for one in advice[case])]
    single = len(facts.remedy_names) == 1  # of which none is better than another
    written: list[Mark | None] = []
    bests: list[Mark | None] = []
    for column in facts.columns:
        cell = facts.at(case, baseline, loader, column)
        written.append(mark(cell, facts) if cell else None)
        if single:
            continue
        try:
            bests.append(mark(best(facts, case, loader, column, order), facts))
        except KeyError:
            bests.append(None)
    return Row(
        case,
        facts.cases[case].title,
        case_page(case),
        tuple(written),
        choice.words if choice else "",
        tuple((remedy, page_of(case, remedy)) for remedy in taken),
        tuple(bests),
    )

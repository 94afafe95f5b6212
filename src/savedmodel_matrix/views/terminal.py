"""A Summary on a terminal: the answer, the table, what differs, why, and what to type next.

Whatever comes from a case is hostile here: it may hold control characters, markup of any kind, or
glyphs that the stream cannot write. It reaches the console as plain text only, made harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.views.answers import compared, differences, figures, why
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.plain_page import LABEL, PlainPage
from savedmodel_matrix.views.sentence import sentence
from savedmodel_matrix.views.table import GAP, lines
from savedmodel_matrix.views.wording import legend

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from savedmodel_matrix.analysis.summary import Summary
    from savedmodel_matrix.views.next_steps import Step

_EVERY = 10**9  # items: what there is no room for is left out line by line
_LONGEST_LIST = 8  # items
ROWS = 150  # that a table may have before those of remedies are left out
LINES = 97  # that this page takes where it can; the command adds one or two


def terminal(
    summary: Summary,
    console: Console,
    *,
    results: str = "results",
    steps: Sequence[Step] = (),
    verbose: bool = False,
    most: int = LINES,
) -> None:
    """Print the answer, the table, what differs, why cells failed, and the next steps.

    `results` is the directory whose matrix.md, matrix.csv and cells.jsonl hold what is left out.
    The table is whole unless it is longer than anybody reads: then, without `verbose`, it has
    every case as written. What follows it is cut to keep to `most` lines.
    """
    page = PlainPage(console)
    page.line(sentence(summary), "bold")
    _table(summary, page, results="" if verbose else results)
    end = _steps(steps, page.width)
    room = None if verbose else most - len(end) - 1
    page.line(compared(summary))
    brief = 0 if verbose else max(40, page.width - len(LABEL) - 2 * GAP)
    sections = differences(summary, _EVERY, results, brief=not verbose) + why(
        summary, _EVERY, results, brief=brief
    )
    for number, section in enumerate(sections):
        page.section(section, None if section.always else room, whole=number == 0, gap=verbose)
    if verbose:
        for section in figures(summary, _LONGEST_LIST, results):
            page.section(section, gap=True)
    for number, text in enumerate(end):
        page.whole(text, indent=len(LABEL), label="" if number else "Next")


def glance(summary: Summary, console: Console) -> None:
    """Print the answer and the table alone, such as those of a case while the others run."""
    page = PlainPage(console)
    page.line(sentence(summary), "bold")
    _table(summary, page)


def _table(summary: Summary, page: PlainPage, *, results: str = "") -> None:
    """Print the comparison table: its panels, the legend, and the grids of cross cells.

    Where rows are left out, `results` has them; "" leaves none out.
    """
    seen: set[str] = set()
    panels = summary.panels
    rows = sum(len(panel.outcomes) for panel in panels)
    if results and rows > ROWS:
        panels = tuple(panel.as_written() for panel in panels)
    for number, panel in enumerate(panels):
        if number:
            page.line("")
        for line in lines(panel, summary.groups, summary.headings, page.width):
            page.segments(line)
        seen |= set(panel.outcomes.to_numpy().ravel().tolist())
    if said := legend(seen):
        page.line(said)
    if (left := rows - sum(len(panel.outcomes) for panel in panels)) > 0:
        page.line(
            f"{left} rows of remedies are in {results}/matrix.md; --verbose prints them here."
        )
    for grid in summary.grids:
        page.grid(grid)


def _steps(steps: Iterable[Step], width: int) -> list[str]:
    """Return the steps as lines, what they say beside the command where there is room for it."""
    shown = [(one_line(step.command), step.says) for step in steps]
    longest = max((len(command) for command, _ in shown), default=0)
    if len(LABEL) + longest + 2 + max((len(says) for _, says in shown), default=0) <= width:
        return [f"{command.ljust(longest)}  {says}" for command, says in shown]
    return [f"{command}  # {says}" for command, says in shown]

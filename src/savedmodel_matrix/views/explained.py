"""What a pasted error is, for a person and for a program: known, possibly one of these, not known.

The report's page explain.html says the same: its script has its words from `WORDS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from savedmodel_matrix.analysis.error_index import KNOWN
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from savedmodel_matrix.analysis.error_index import Match
    from savedmodel_matrix.analysis.explanations import Explanation

_LABEL = 10  # characters
_FEW = 3  # possible causes that are explained; of more there is the title alone

WORDS = {
    "known": "This is known.",
    "possible": "Possibly this. The text alone does not tell for certain.",
    "possibles": "Possibly one of these. The text alone does not tell which.",
    "unknown": "Not known. No root cause found here says this.",
    "more": "A whole traceback tells more than its last line: paste all of it.",
    "line": "Recognised by",
}
# What to do where nothing is known: a label, and what follows it.
REPORT = (
    ("More text", WORDS["more"]),
    (
        "The file",
        (
            "If there is a SavedModel on disk, savedmodel-matrix diagnose DIR says what is wrong "
            "with it, whatever the message was."
        ),
    ),
    (
        "Reproduce",
        (
            "Put what you save into a module of thirty lines, and run savedmodel-matrix matrix "
            "--cases DIR --case NAME: it shows in which versions and loaders it fails, and which "
            "way of saving passes (docs/cases-format.md)."
        ),
    ),
    (
        "Report",
        (
            "Open an issue with the message, that module, and the versions of TensorFlow and "
            "Keras: in this project, so that the cause gets an explanation, and in the one that "
            "said it."
        ),
    ),
)


def as_json(matches: Sequence[Match], explained: Mapping[str, Explanation]) -> list[dict[str, Any]]:
    """Return the causes as plain data, the likeliest first; an empty list where none is known."""
    return [
        {
            "key": match.key,
            "title": explained[match.key].title,
            "confidence": match.confidence,
            "line": match.line,
            "what": explained[match.key].what,
            "why": explained[match.key].why,
            "since": explained[match.key].since,
            "do": explained[match.key].do,
            "remedy": explained[match.key].remedy,
            "links": list(explained[match.key].links),
        }
        for match in matches
    ]


def answer(matches: Sequence[Match], explained: Mapping[str, Explanation]) -> RenderableType:
    """Return the answer for a person: whether it is known first, then the causes."""
    if not matches:
        return Group(
            Text(f"? {WORDS['unknown']}", "bold yellow"), "", *(_grid([row]) for row in REPORT)
        )
    sure = matches[0].confidence == KNOWN
    said = WORDS["known" if sure else "possible" if len(matches) == 1 else "possibles"]
    parts: list[RenderableType] = [
        Text(f"{'✓' if sure else '?'} {said}", "bold green" if sure else "bold yellow")
    ]
    for match in matches[:_FEW]:
        one = explained[match.key]
        more = [("Why", one.why), ("Since", one.since)] if sure else []
        parts += ["", Text(one_line(one.title), "bold"), Text(f"  {match.key}", "dim")]
        parts.append(
            _grid(
                [
                    (WORDS["line"], match.line),
                    ("What happens", one.what),
                    ("What to do", one.do),
                    *([("Remedy", one.remedy)] if one.remedy else []),
                    *more,
                    ("Upstream", "\n".join(one.links)),
                ]
            )
        )
    others = [explained[match.key].title for match in matches[_FEW:]]
    if others:
        parts += ["", Text("Or one of these:", "bold")]
        parts += [Text(f"  {one_line(title)}") for title in others]
    if not sure:
        parts += ["", Text(WORDS["more"])]
    return Group(*parts)


def _grid(rows: Sequence[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold", min_width=_LABEL + 3)
    grid.add_column(overflow="fold")
    for label, text in rows:
        lines = [one_line(line) for line in text.split("\n")]
        grid.add_row(label, Text("\n".join(lines), overflow="fold"))
    return grid

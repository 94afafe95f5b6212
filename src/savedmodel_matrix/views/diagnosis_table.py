"""Many diagnoses as one table, the worst first; a comparison of two; an object graph as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from savedmodel_matrix.savedmodel.contract import BREAKS, CHANGES, HARMLESS
from savedmodel_matrix.savedmodel.diagnosis import DEFECT, SEVERITIES, SOUND, UNREADABLE
from savedmodel_matrix.views.diagnosis_formats import counted, sign
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.savedmodel.contract import Difference
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.savedmodel.tree import Line

SCREEN = 24  # rows of the table, unless all are asked for
_ORDER = {UNREADABLE: 0, DEFECT: 1, SOUND: 2}
_STYLES = {"✓": "green", "✗": "red", "!": "bold red"}
_WORDS = {BREAKS: ("✗", "red"), CHANGES: ("!", "yellow"), HARMLESS: ("·", "")}


def table(diagnoses: Sequence[Diagnosis], fail_on: str, *, whole: bool) -> Table:
    """Return a row per artifact, the worst first; those without findings only if `whole`."""
    ranked = sorted(diagnoses, key=lambda d: _rank(d, fail_on))  # stable: else as they were given
    if not whole:
        ranked = [d for d in ranked if d.verdict != SOUND or d.findings][:SCREEN]
    grid = Table(box=None, pad_edge=False, show_header=bool(ranked))
    for title in ("", "verdict", "worst finding"):
        grid.add_column(title, no_wrap=True)
    grid.add_column("artifact", overflow="fold")
    for diagnosis in ranked:
        symbol = sign(diagnosis, fail_on)
        grid.add_row(
            Text(symbol, _STYLES[symbol]),
            diagnosis.verdict,
            _worst(diagnosis),
            Text(one_line(diagnosis.path)),
        )
    return grid


def _rank(diagnosis: Diagnosis, fail_on: str) -> tuple[int, bool, int]:
    worst = max((SEVERITIES.index(f.severity) for f in diagnosis.findings), default=-1)
    return _ORDER[diagnosis.verdict], sign(diagnosis, fail_on) == "✓", -worst


def _worst(diagnosis: Diagnosis) -> str:
    if not diagnosis.findings:
        return ""
    worst, more = diagnosis.findings[0], len(diagnosis.findings) - 1
    return one_line(f"{worst.severity} {worst.rule}{f' and {more} more' if more else ''}")


def conclusion(diagnoses: Sequence[Diagnosis], fail_on: str, *, whole: bool) -> Text:
    """Return the counts, with what the table does not show and how to see it."""
    findings = sum(1 for d in diagnoses if d.verdict == SOUND and d.at_least(fail_on))
    text = Text(counted(diagnoses), "bold")
    if findings:
        text.append(f"; {findings:,} sound with findings of {fail_on} or above", "")
    listed = sum(1 for d in diagnoses if d.verdict != SOUND or d.findings)
    if not whole and listed > SCREEN:
        text.append(f"\n{listed - SCREEN:,} more are not shown: --verbose has all", "")
    return text


def compared(differences: Sequence[Difference], old: str, new: str) -> Text:
    """Return what a client of `old` would notice of `new`, the worst first."""
    text = Text()
    noticed = sum(1 for difference in differences if difference.risk != HARMLESS)
    before, after = one_line(old), one_line(new)
    if not noticed:
        text.append("✓ ", "bold green").append(f"a client of {before} does not notice {after}\n")
    else:
        plural = "s" if noticed != 1 else ""
        said = f"a client of {before} would notice {noticed} difference{plural} in {after}\n"
        text.append("✗ ", "bold red").append(said)
    for difference in differences:
        symbol, style = _WORDS[difference.risk]
        said = f"signature {one_line(difference.signature)}: {one_line(difference.message)}"
        text.append(f"    {symbol} {difference.risk:8}  ", style).append(f"{said}\n")
    return text


def object_tree(lines: Sequence[Line]) -> Text:
    """Return an object graph, indented."""
    text = Text(no_wrap=True, overflow="ignore")
    for line in lines:
        text.append(f"{'  ' * line.depth}{one_line(line.name)}", "bold")
        text.append(f"  {one_line(line.what)}\n")
    if not lines:
        text.append("there is no object graph: it was saved by TensorFlow 1\n")
    return text

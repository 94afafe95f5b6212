"""What a repair changed, for one artifact in lines and for many in a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from savedmodel_matrix.views.diagnosis import unwrapped
from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.savedmodel.repair import Repair

_LISTED = 8  # changes, before the rest is counted
SCREEN = 24  # rows of the table


def repaired(repair: Repair) -> Text:
    """Return what a repair changed, or would change."""
    text, dry = unwrapped(), repair.after is None
    if not repair.changed:
        said = "nothing to repair: every signature reads what is restored"
        if repair.slimmed is not None:
            said += ", and nothing is there twice"
        return text.append("✓ ", "bold green").append(f"{one_line(repair.source)}: {said}")
    if not repair.changes:
        text.append("✓ ", "bold green").append(f"{one_line(repair.result)}:\n")
        return _taken_out(text, repair)
    verb = "would change" if dry else "changed"
    number = f"{len(repair.changes)} input{'s' if len(repair.changes) != 1 else ''}"
    text.append("✓ ", "bold green").append(f"{one_line(repair.result)}: {verb} {number} of nodes\n")
    for change in repair.changes[:_LISTED]:
        where = f"{change.role} call {change.node}, input {change.input}"
        text.append(
            f"    {one_line(where)}: {one_line(change.before)} → {one_line(change.after)}\n"
        )
    if (more := len(repair.changes) - _LISTED) > 0:
        text.append(f"    and {more} more: --format json has them all\n")
    return _taken_out(text, repair)


def resaved(result: str, environment: str, lost: Sequence[str]) -> Text:
    """Return that an artifact was loaded and saved again, where, and what that loses."""
    text = unwrapped().append("✓ ", "bold green")
    text.append(f"{one_line(result)}: loaded and saved again in {one_line(environment)}\n")
    for name in lost:
        text.append(f"    not kept: {one_line(name)}\n")
    text.append("    signatures, variables and assets are what was loaded")
    return text


def _taken_out(text: Text, repair: Repair) -> Text:
    """Say what is left out, for an older TensorFlow and altogether."""
    dry = repair.after is None
    gone = "would be taken out" if dry else "taken out"
    if repair.taken_out and repair.taken_out.cuts:
        release = repair.taken_out.release
        for kind, names in (
            ("node", repair.taken_out.nodes),
            ("attribute", repair.taken_out.attributes),
        ):
            if names:
                number = f"{len(names)} {kind}{'s' if len(names) != 1 else ''}"
                shown = ", ".join(map(one_line, names[:3])) + (", …" if len(names) > 3 else "")
                text.append(f"    {number} {gone}, unknown to TensorFlow {release}: {shown}\n")
    _slimmed(text, repair)
    for name in repair.removed:
        gone = "would be left out" if dry else "left out"
        text.append(f"    {name} {gone}: it holds sums of the old graph, and no loader needs it\n")
    moved = repair.slimmed is not None and repair.slimmed.spare_bytes
    rest = (
        "every name and value, and every other byte of the graph," if moved else "every other byte"
    )
    text.append(f"    {rest} is as it was")
    return text


def _slimmed(text: Text, repair: Repair) -> None:
    """Say what was there twice, if that was asked for."""
    slimmed, dry = repair.slimmed, repair.after is None
    if slimmed is None:
        return
    if not slimmed.changed:
        text.append("    nothing is there twice\n")
        return
    if slimmed.variables:
        verb = "would no longer be" if dry else "are no longer"
        text.append(
            f"    {slimmed.variables} of {slimmed.restored} variables {verb} restored in a V1 "
            "session: a signature reads another one with the same value\n"
        )
    if slimmed.spare_bytes:
        verb = "would be stored once" if dry else "are stored once"
        text.append(f"    {slimmed.spare_bytes:,} bytes of the checkpoint {verb}, not twice\n")


@dataclass(frozen=True)
class Row:
    """What became of one artifact of many."""

    path: str
    changes: int = 0  # inputs of nodes, by which it is sound
    taken_out: int = 0  # nodes and attributes, for an older TensorFlow
    variables: int = 0  # that were restored twice
    spare_bytes: int = 0  # that were stored twice
    sound: bool = True
    worst: str = ""  # what is still wrong
    refused: str = ""  # why nothing was done

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.changes or self.taken_out or self.variables or self.spare_bytes)


def table(rows: Sequence[Row]) -> Table:
    """Return a row for each artifact of which something is to be said, the worst first."""
    said = sorted((row for row in rows if _rank(row) < _QUIET), key=_rank)
    grid = Table(box=None, pad_edge=False, show_header=False)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for row in said[:SCREEN]:
        symbol, style = _SYMBOLS[_rank(row)]
        what = row.refused or row.worst or _done(row)
        grid.add_row(Text(symbol, style), Text(one_line(row.path)), Text(one_line(what)))
    return grid


_QUIET = 3  # the rank of what was sound and stays as it was
_SYMBOLS = (("!", "bold red"), ("✗", "red"), ("✓", "green"))


def _rank(row: Row) -> int:
    if row.refused:
        return 0
    return 1 if not row.sound else 2 if row.changed else _QUIET


def _done(row: Row) -> str:
    parts = [f"{row.changes} inputs of nodes changed"] if row.changes else []
    parts += [f"{row.taken_out} nodes and attributes taken out"] if row.taken_out else []
    parts += [f"{row.variables} variables restored once"] if row.variables else []
    parts += [f"{row.spare_bytes:,} bytes less"] if row.spare_bytes else []
    return ", ".join(parts)


def ending(rows: Sequence[Row], *, dry: bool) -> Text:
    """Return how many were repaired, stay as they were, still have a defect, were refused."""
    ranks = [_rank(row) for row in rows]
    would = "would be " if dry else ""
    counts = (
        (ranks.count(2), f"{would}changed"),
        (ranks.count(_QUIET), "already right"),
        (ranks.count(1), "with a defect still"),
        (ranks.count(0), "not repaired"),
    )
    listed = ", ".join(f"{number:,} {word}" for number, word in counts if number)
    text = Text(f"{len(rows):,} SavedModels: {listed}", "bold")
    more = len(rows) - ranks.count(_QUIET) - SCREEN
    if more > 0:
        text.append(f"\n{more:,} more are not shown: --format json has all", "")
    return text

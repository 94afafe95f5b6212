"""A proof on a few lines: the answer first, then each loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.proof import Proof, Shown

_LONGEST = 300  # characters of a message


def proven(proof: Proof) -> Text:
    """Return what was run, whether it agrees, and by how much it differs."""
    text = Text()
    what = f"{len(proof.signatures)} signature{'s' if len(proof.signatures) != 1 else ''}"
    against = f"tf.saved_model.load of the original in {one_line(proof.reference)}"
    if not proof.complete:
        text.append("! not proven", "bold yellow").append(": not every loader could be run\n")
    elif proof.holds:
        text.append("✓ proven", "bold green").append(f": {what} give the numbers of {against}\n")
    else:
        text.append("✗ not proven", "bold red").append(f": {what}, against {against}\n")
    for one in proof.shown:
        text.append(f"    {one_line(one.loader)} in {one_line(one.environment)}: {_said(one)}\n")
    return text


def _said(one: Shown) -> str:
    if one.difference is not None:
        wrong = "" if one.status == "pass" else "wrong numbers, "
        return f"{wrong}largest difference {one.difference:.3g}"
    return one_line(f"{one.status}: {one.message}", _LONGEST)

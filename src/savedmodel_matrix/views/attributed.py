"""How attributions are told: for each step, how many differences go back to which release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_matrix.views.harmless import one_line

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.attribution import Step

LONGEST = 300  # characters of a reason
MOST = 12  # lines of a step


def step_lines(step: Step) -> list[str]:
    """Return what a person reads of a step, a line for each release, the most cells first."""
    known: dict[str, int] = {}
    for one in step.attributed:
        said = one.words if one.package else f"not attributed: {one.why}"
        known[said] = known.get(said, 0) + len(one.changed.cells)
    lines = [f"{step.before} → {step.after}: {step.differing} cells differ."]
    ordered = sorted(known.items(), key=lambda item: -item[1])
    lines += [one_line(f"  {number} {said}", LONGEST) for said, number in ordered[:MOST]]
    if rest := ordered[MOST:]:
        lines.append(f"  {sum(number for _, number in rest)} others, {len(rest)} ways")
    return lines

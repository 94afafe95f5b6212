"""What to type next: the commands that answer what this run leaves open."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.table import AS_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.summary import Summary

COMMAND, WITHOUT_NOX = "nox -s matrix --", "savedmodel-matrix matrix"
_BEST_KNOWN = "tflite"  # of the loaders that are not in the default selection
_KEPT = ("environment", "producer", "consumer", "cases", "results")


@dataclass(frozen=True)
class Step:
    """A command, and what it answers."""

    command: str
    says: str


def next_steps(
    summary: Summary,
    options: Mapping[str, Any],
    loaders: Sequence[str] = (),
    command: str = COMMAND,
    everything: int = 0,
) -> list[Step]:
    """Return what to run after this run: the remedies of what failed, other loaders, everything.

    ``options`` are those of the command line; ``loaders`` the names of all loaders that there are;
    ``everything`` is the number of all cells, 0 where this run had them.
    """
    kept = [
        word
        for name in _KEPT
        for value in _values(options.get(name))
        for word in (f"--{name}", str(value))
    ]
    steps = []
    untried = _untried(summary)
    if untried:
        steps.append((["--case", untried[0], *kept], "its remedies"))
    if other := _other_loader(summary, options, loaders):
        steps.append(([*other, *kept], "another loader"))
    if everything:
        steps.append((["--all"], f"everything: {everything:,} cells"))
    return [Step(f"{command} {shlex.join(words)}", says) for words, says in steps]


def _other_loader(
    summary: Summary, options: Mapping[str, Any], loaders: Sequence[str]
) -> list[str]:
    """Return the options that ask a loader which did not run, for the same cases."""
    others = [name for name in loaders if name not in dict(summary.loaders)]
    cases = [word for name in _values(options.get("case")) for word in ("--case", str(name))]
    if not others or options.get("all"):
        return []
    if _BEST_KNOWN in others:
        return ["--loader", _BEST_KNOWN, *(cases or ["--remedy", AS_WRITTEN])]
    # Whether another one reads what is saved as written is not known here: ask every remedy.
    return ["--loader", others[0], *cases] if cases else []


def _untried(summary: Summary) -> list[str]:
    """Return the cases that fail as written and ran with no other remedy, in the table's order."""
    remedies: dict[str, set[str]] = {}
    failed: dict[str, None] = {}
    for panel in summary.panels:
        rows = zip(panel.outcomes.index, panel.outcomes.to_numpy().tolist(), strict=True)
        for (case, remedy), ends in rows:
            remedies.setdefault(case, set()).add(remedy)
            if any(end.startswith(("fail", "crash", "timeout")) for end in ends):
                failed[case] = None
    return [case for case in failed if remedies[case] == {AS_WRITTEN}]


def _values(option: Any) -> list[Any]:
    if not option:
        return []
    return list(option) if isinstance(option, (list, tuple)) else [option]

"""What to type next: the commands that answer what this run leaves open."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.table import AS_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.analysis.summary import Summary

COMMAND = "nox -s matrix --"
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
) -> list[Step]:
    """Return what to run after this run: the remedies of what failed, other loaders, everything.

    ``options`` are those of the command line; ``loaders`` the names of all loaders that there are.
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
    others = [name for name in loaders if name not in dict(summary.loaders)]
    if others and not options.get("all"):
        cases = [word for name in _values(options.get("case")) for word in ("--case", str(name))]
        if not cases:
            cases = ["--remedy", AS_WRITTEN]
        asked = ["--loader", "tflite" if "tflite" in others else others[0]]
        steps.append(([*asked, *cases, *kept], "another loader"))
    if not options.get("all"):
        steps.append((["--all"], "everything: hours"))
    return [Step(f"{command} {shlex.join(words)}", says) for words, says in steps]


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

"""docs/loaders.md: what each loader reads of a SavedModel, told from how it ends.

Some artifacts tell the readers apart. A Keras 3 variable is saved twice: the object graph restores
the one that the functions read, the MetaGraph's restore op the other one
(https://github.com/keras-team/keras/issues/20095). A program that runs the restore op then says
FAILED_PRECONDITION at its first run; one that follows the object graph is right; one that freezes
what the restore op has left is wrong, fails or aborts.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.crossing import apart, heading, own_environments
from savedmodel_matrix.model.table import environment_order
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.wording import DASH, in_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.model.plugin import Loader

# How the reason begins, the second where XLA compiled the function.
LOST = tuple(f"FAILED_PRECONDITION: {w}" for w in ("Could not find variable", "Read variable"))
GRAPH, RESTORE, FROZEN = (
    "the object graph, or the checkpoint by it",
    "the MetaGraph's restore op",
    "the variables that the restore op left, frozen",
)

_HEAD = """\
# What each loader reads

This page is written by `nox -s report` from the accepted table, not from memory. It rests on the
artifacts in which some loader finds a variable that the restore op does not restore (`Could not
find variable` at the first run): the same variable is there for whoever follows the object graph.
How a loader ends on just these tells which of the two it reads. The last column says what else
there is to know: how it ends on the artifacts that `saved_model_cli` runs without trouble.
"""

_BY_PRODUCER = """\
## Who fails when

How each loader ends on these artifacts, by the environment that saved them.
"""


def loader_guide(cells: Sequence[Mapping[str, Any]], loaders: Iterable[Loader]) -> str:
    """Return the page as Markdown."""
    straight, _ = apart(cells)
    own, titles = own_environments(cells), {one.name: one.title for one in loaders}
    probes = {_artifact(cell) for cell in straight if _lost(cell)}
    sound = {
        _artifact(cell)
        for cell in straight
        if cell["loader"] == "saved_model_cli" and cell["status"] == "pass"
    }
    by_loader: dict[str, list[Mapping[str, Any]]] = {}
    for cell in straight:
        by_loader.setdefault(cell["loader"], []).append(cell)
    lines = [_HEAD, f"There are {len(probes)} such artifacts in the table.\n"]
    lines.append("| loader | reads | on them | where saved_model_cli passes |")
    lines.append("| --- | --- | --- | --- |")
    telling: dict[str, list[Mapping[str, Any]]] = {}
    for loader, known in sorted(by_loader.items()):
        told = [cell for cell in known if _artifact(cell) in probes]
        others = [cell for cell in known if _artifact(cell) in sound]
        name = f"`{heading(loader, own)}`"
        lines.append(f"| {name} | {reads(told)} | {_ends(told)} | {_ends(others)} |")
        if told:
            telling[name] = told
    told_of = (f"- `{name}`: {one_line(titles.get(name, name))}" for name in sorted(by_loader))
    return "\n".join([*lines, "", *told_of, "", *_by_producer(telling)])


def _by_producer(telling: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return who fails when: how each loader ends on the artifacts that tell, by producer."""
    met = {cell["producer"] for known in telling.values() for cell in known}
    if not met:
        return []
    producers = sorted(met, key=environment_order)
    lines = [_BY_PRODUCER, f"| loader | {' | '.join(producers)} |", "| --- " * (len(met) + 1) + "|"]
    for name, known in telling.items():
        each = (_ends([c for c in known if c["producer"] == one]) for one in producers)
        lines.append(f"| {name} | {' | '.join(each)} |")
    return [*lines, ""]


def reads(probes: Sequence[Mapping[str, Any]]) -> str:
    """Say what a loader reads, from its cells of the artifacts that tell."""
    if not probes:
        return "not told: it reads another format"
    if any(cell["status"] == "pass" for cell in probes):
        return GRAPH
    return RESTORE if any(map(_lost, probes)) else FROZEN


def _lost(cell: Mapping[str, Any]) -> bool:
    return bool(cell["stage"] == "run" and cell["reason"].startswith(LOST))


def _artifact(cell: Mapping[str, Any]) -> tuple[str, str, str]:
    return cell["case"], cell["remedy"], cell["producer"]


def _ends(cells: Sequence[Mapping[str, Any]]) -> str:
    ends = Counter(in_sentence(cell["status"], cell["stage"]) for cell in cells)
    return ", ".join(f"{number} {end}" for end, number in ends.most_common()) or DASH

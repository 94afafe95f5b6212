"""The published report in parts: one more for each group of environments beside the default one.

A part has a matrix and a comparison of its own, and shares the pages of cases and root causes and
the data with the whole report. It has the environments of the group and, beside them, those of the
default group with the same minor version of TensorFlow, in what was run in both: so that it shows
what the other packages did, or the other backend.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from savedmodel_matrix.model.table import environment_order, sort_key
from savedmodel_matrix.views.report.facts import Part
from savedmodel_matrix.workspace.project import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Collection

    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.views.report.facts import Facts
    from savedmodel_matrix.workspace.project import Project


def divided(facts: Facts, project: Project) -> Facts:
    """Return the facts of the default group, with those of every other group that ran as parts.

    Where nothing was saved by the default group, there is nothing to be a part of: all stays one.
    """
    ran = {cell["producer"] for cell in facts.every}
    usual = ran.intersection(project.groups.get(DEFAULT, ()))
    if not usual:
        return facts
    others = {name: ran.intersection(names) - usual for name, names in project.groups.items()}
    parts = [_part(facts, name, own, usual, project) for name, own in others.items() if own]
    return replace(_of(facts, ran.difference(*others.values())), parts=parts, of=facts)


def _part(facts: Facts, group: str, own: set[str], usual: set[str], project: Project) -> Facts:
    of_minor = {_minor(project.environments[name]): name for name in usual}
    minors = {name: _minor(project.environments[name]) for name in _ordered(own)}
    twins = {name: of_minor[minor] for name, minor in minors.items() if minor in of_minor}
    ways = {(cell["remedy"], cell["loader"]) for cell in facts.every if cell["producer"] in own}
    crossed = [cell for cell in facts.crossed if cell["producer"] in own]
    cells = [c for c in (*facts.cells, *crossed) if (c["remedy"], c["loader"]) in ways]
    every = sorted(cells, key=sort_key)
    shared = _of(replace(facts, every=every, selfcheck={}), own | set(twins.values()))
    return replace(shared, part=Part(group, _ordered(own), twins), of=facts)


def _of(facts: Facts, producers: set[str]) -> Facts:
    """Return the facts of what these environments saved and a loader of it loaded."""
    cells = [cell for cell in facts.every if cell["producer"] in producers]
    named = {cell[end] for cell in cells for end in ("producer", "consumer")}
    stated = facts.run.get("environments", {})
    known = {name: one for name, one in stated.items() if name in named}
    return replace(facts, every=cells, run={**facts.run, "environments": known})


def _ordered(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=environment_order))


def _minor(environment: Environment) -> str:
    """Return the minor version of the TensorFlow in an environment, "" if there is none."""
    return ".".join((environment.base or environment).tensorflow.split(".")[:2])

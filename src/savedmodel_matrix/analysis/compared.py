"""Two results compared: what differs between their cells, their machines and their packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.change_groups import ChangeGroup, grouped
from savedmodel_matrix.analysis.crossing import own_environments
from savedmodel_matrix.analysis.differences import (
    EVERYTHING,
    Coverage,
    Differences,
    compare_rows,
)
from savedmodel_matrix.analysis.machines import other_machine
from savedmodel_matrix.analysis.versions import ChangedPackage, changed_packages
from savedmodel_matrix.model.table import environment_order

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from savedmodel_matrix.analysis.change_class import ChangeClass
    from savedmodel_matrix.analysis.explanations import Explanations
    from savedmodel_matrix.model.table import Row


@dataclass(frozen=True)
class Result:
    """The table of a run that was made somewhere, and how it was made.

    ``named`` is what was asked for, ``what`` what it turned out to be. ``run`` is its run.json,
    empty where there is none.
    """

    named: str
    what: str
    rows: Sequence[Row]
    run: Mapping[str, Any] = field(default_factory=dict)
    coverage: Coverage = EVERYTHING


@dataclass(frozen=True)
class Compared:
    """Everything that is shown of two results.

    ``machines`` are sentences about what else differs between the two runs. ``groups`` are the
    changes by class and cause. ``packages`` are those that differ within one environment.
    """

    before: Result
    after: Result
    machines: tuple[str, ...]
    differences: Differences
    groups: Mapping[ChangeClass, tuple[ChangeGroup, ...]]
    packages: tuple[ChangedPackage, ...]
    shared: int  # environments of which both runs say what is installed
    environments: tuple[str, ...]  # the producers of both, by version
    own: Mapping[str, str]  # by loader, the environment of its own

    def has(self, kinds: Collection[ChangeClass]) -> bool:
        """Say whether a cell is of one of these classes."""
        return any(self.differences.counts[kind] for kind in kinds)


def compare_results(before: Result, after: Result, explained: Explanations) -> Compared:
    """Compare two results, cell by cell."""
    differences = compare_rows(
        before.rows,
        after.rows,
        covered_before=before.coverage,
        covered_after=after.coverage,
    )
    then = explained.of([one.before for one in differences.every if one.before], before.rows)
    now = explained.of([one.after for one in differences.every if one.after], after.rows)
    every = [*before.rows, *after.rows]
    installed = _environments(before), _environments(after)
    return Compared(
        before=before,
        after=after,
        machines=tuple(other_machine(before.run, after.run)),
        differences=differences,
        groups=grouped(differences, then, now),
        packages=changed_packages(*installed),
        shared=len(installed[0].keys() & installed[1].keys()),
        environments=tuple(sorted({row["producer"] for row in every}, key=environment_order)),
        own=own_environments(every),
    )


def _environments(result: Result) -> Mapping[str, Mapping[str, Any]]:
    stated = result.run.get("environments", {})
    known = stated if isinstance(stated, dict) else {}
    return {name: one for name, one in known.items() if isinstance(one.get("packages"), dict)}

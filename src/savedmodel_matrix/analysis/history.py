"""What is kept of an accepted full run for good: a small entry, whatever the run's size."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.change_class import ChangeClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.analysis.change_groups import ChangeGroup
    from savedmodel_matrix.model.table import Row

FORMAT = 1
AXES = {"environment": "producer", "remedy": "remedy", "loader": "loader"}  # and their columns
ALL = "all"  # the one name of the axis that has every cell
GROUPS = 20  # of a class: what is beyond is counted
Numbers = dict[str, int]  # by status


@dataclass(frozen=True)
class HistoryEntry:
    """One accepted full run.

    ``environments`` has for each its Python and the version of every package. ``counts`` has, for
    each axis ("all", "environment", "remedy", "loader") and name on it, the number of cells by
    status. ``changed`` has, by class, the number of cells and the largest groups of them.
    """

    finished: str  # UTC, ISO 8601
    commit: str
    dirty: bool
    platform: str
    cores: int
    seconds: int
    cells_run: int
    processor: Mapping[str, Any] | None
    environments: Mapping[str, Mapping[str, Any]]
    counts: Mapping[str, Mapping[str, Numbers]]
    changed: Mapping[str, Mapping[str, Any]]

    @property
    def numbers(self) -> Numbers:
        """The number of all cells by status."""
        return self.counts[ALL][ALL]

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON data, with its format."""
        return {"format": FORMAT, **dataclasses.asdict(self)}


def entry_of(
    rows: Iterable[Row],
    run: Mapping[str, Any],
    changes: Mapping[ChangeClass, Sequence[ChangeGroup]],
) -> HistoryEntry:
    """Return the entry of a run, from its cells, its run.json, and how it differs."""
    counts: dict[str, dict[str, Counter[str]]] = {axis: {} for axis in (ALL, *AXES)}
    every = counts[ALL][ALL] = Counter()
    for row in rows:
        every[row["status"]] += 1
        for axis, column in AXES.items():
            counts[axis].setdefault(row[column], Counter())[row["status"]] += 1
    return HistoryEntry(
        finished=str(run.get("finished", "")),
        commit=str(run.get("commit", "")),
        dirty=bool(run.get("dirty")),
        platform=str(run.get("platform", "")),
        cores=int(run.get("cores", 0)),
        seconds=int(run.get("seconds", 0)),
        cells_run=int(run.get("cells_run", 0)),
        processor=run.get("processor"),
        environments={
            name: {"python": one.get("python", ""), "packages": dict(one.get("packages", {}))}
            for name, one in run.get("environments", {}).items()
        },
        counts={
            axis: {name: dict(sorted(numbers.items())) for name, numbers in sorted(of.items())}
            for axis, of in counts.items()
        },
        changed={kind.value: _changed(groups) for kind, groups in changes.items()},
    )


def _changed(groups: Sequence[ChangeGroup]) -> dict[str, Any]:
    return {
        "cells": sum(len(group.changes) for group in groups),
        "groups_left_out": max(0, len(groups) - GROUPS),
        "groups": [
            {
                "before": group.then,
                "after": group.now,
                "cells": len(group.changes),
                "cases": group.cases,
                **{
                    f"{axis}s" if axis != "remedy" else "remedies": sorted(
                        {row[column] for row in group.rows}
                    )
                    for axis, column in AXES.items()
                },
                "fingerprint": group.changes[0].row["fingerprint"],
            }
            for group in groups[:GROUPS]
        ],
    }


def read_entry(stated: object) -> HistoryEntry:
    """Return the entry that JSON data states. Raises ValueError if it is not one."""
    if not isinstance(stated, dict) or stated.get("format") != FORMAT:
        raise ValueError(f"not an entry of format {FORMAT}")
    fields = {one.name for one in dataclasses.fields(HistoryEntry)}
    if stated.keys() - {"format"} != fields:
        raise ValueError("other members than those of an entry")
    entry = HistoryEntry(**{name: stated[name] for name in fields})
    _check(entry)
    return entry


def _check(entry: HistoryEntry) -> None:
    """Raise ValueError where a member that is shown is not what it should be."""
    texts = (entry.finished, entry.commit, entry.platform)
    numbers = (entry.cores, entry.seconds, entry.cells_run)
    if not all(isinstance(one, str) for one in texts):
        raise ValueError("a text that is none")
    if not all(isinstance(one, int) for one in numbers):
        raise ValueError("a number that is none")
    for axis in (ALL, *AXES):
        of = entry.counts.get(axis) if isinstance(entry.counts, dict) else None
        if not isinstance(of, dict) or (axis == ALL and ALL not in of):
            raise ValueError(f"no counts by {axis}")
        for by_status in of.values():
            if not isinstance(by_status, dict) or not all(
                isinstance(number, int) for number in by_status.values()
            ):
                raise ValueError(f"counts by {axis} that are none")
    _check_changes(entry.changed)


def _check_changes(changed: object) -> None:
    """Raise ValueError where changes are not what `entry_of` states of them."""
    known = {kind.value for kind in ChangeClass}
    if not isinstance(changed, dict) or not changed.keys() <= known:
        raise ValueError("changes of a class that there is not")
    for one in changed.values():
        stated = one if isinstance(one, dict) else {}
        numbers, groups = (stated.get("cells"), stated.get("groups_left_out")), stated.get("groups")
        whole = all(isinstance(number, int) for number in numbers) and isinstance(groups, list)
        if not whole or not all(map(_is_group, groups or ())):
            raise ValueError("changes without their number or their groups")


def _is_group(stated: object) -> bool:
    """Say whether JSON data is what `_changed` writes of a group."""
    if not isinstance(stated, dict):
        return False
    texts = (stated.get(name) for name in ("before", "after", "fingerprint"))
    lists = [stated.get(name) for name in ("remedies", "loaders", "environments")]
    cases = stated.get("cases")
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(one, list) and all(isinstance(n, str) for n in one) for one in lists)
        and isinstance(cases, dict)
        and all(isinstance(number, int) for number in (*cases.values(), stated.get("cells")))
    )

"""One table of several runs: every cell once, and an error where two of them disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import OUTCOME, key_of, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Cell = Mapping[str, Any]

NAMED = 10  # conflicts that an error names
PARTED = ("finished", "commit", "dirty", "platform", "processor", "cores", "cells_run", "seconds")
ALIKE = ("platform", "numerics")  # what two runs of one table must have in common
_UNKNOWN = "not-run"  # says nothing about the cell, so that it contradicts nothing


@dataclass(frozen=True)
class Part:
    """One of the runs: what to call it, its cells whole, and its ``run.json``."""

    named: str
    cells: Sequence[Cell]
    run: Mapping[str, Any]


def merge_cells(parts: Sequence[Part]) -> list[Cell]:
    """Return every cell once, in the table's order; the first part counts where several have one.

    A cell that was judged in one part and not run in another is as it was judged. Raises UserError,
    naming cells and both outcomes, where two parts judged one differently.
    """
    found: dict[tuple[str, ...], tuple[Cell, str]] = {}
    conflicts: list[str] = []
    for part in parts:
        for cell in part.cells:
            key = key_of(cell)
            before, named = found.get(key, (cell, part.named))
            if key not in found or _is_better(cell, before):
                found[key] = (cell, part.named)
            elif _differ(cell, before):
                conflicts.append(
                    f"{', '.join(key)}: {outcome(before)} in {named}, {outcome(cell)} in "
                    f"{part.named}"
                )
    refuse(conflicts, "cells")
    return [cell for cell, _ in sorted(found.values(), key=lambda one: sort_key(one[0]))]


def refuse(conflicts: Sequence[str], what: str) -> None:
    """Raise UserError if there are conflicts, naming the first of them."""
    if not conflicts:
        return
    more = len(conflicts) - NAMED
    lines = [*conflicts[:NAMED], *([f"and {more} more"] if more > 0 else [])]
    raise UserError(
        f"The runs disagree on {len(conflicts)} {what}, so nothing was written. Run these again in "
        "one directory with --fresh, or leave one of the directories out:\n  " + "\n  ".join(lines)
    )


def outcome(cell: Mapping[str, Any]) -> str:
    """Return an outcome in a few words: status, stage, reason."""
    stage = f" at {cell['stage']}" if cell.get("stage") else ""
    reason = f" ({cell['reason']})" if cell.get("reason") else ""
    return f"{cell['status']}{stage}{reason}"


def merge_runs(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the description of a table that was put together from several runs.

    ``seconds`` and ``cells_run`` are sums, ``parts`` says what each run was. It is ``dirty`` also
    where the runs were not all of one commit, and has no processor where they had several. Raises
    UserError where two runs cannot have made one table: on other platforms, or with an environment
    of one name that is not the same.
    """
    newest = max(parts, key=lambda part: str(part.run.get("finished", "")))
    for name in ALIKE:
        for part in parts:
            _same(name, (newest.named, newest.run.get(name)), (part.named, part.run.get(name)))
    environments: dict[str, tuple[str, Any]] = {}
    for part in parts:
        for name, stated in part.run.get("environments", {}).items():
            before = environments.setdefault(name, (part.named, stated))
            _same(f"the environment {name}", before, (part.named, stated))
    missing = missing_parts(parts)
    shards = [part.run["shard"] for part in parts if "shard" in part.run]
    whole = bool(shards) and not missing and all(shard["full"] for shard in shards)
    made = dict(newest.run) | {
        "dirty": any(part.run.get("dirty") for part in parts)
        or len({part.run.get("commit") for part in parts}) > 1,
        "cores": max(part.run.get("cores", 1) for part in parts),
        "cells_run": sum(part.run.get("cells_run", 0) for part in parts),
        "seconds": sum(part.run.get("seconds", 0) for part in parts),
        "environments": {name: environments[name][1] for name in sorted(environments)},
        "selections": [one for part in parts for one in part.run.get("selections", [])],
        "full": whole or any(part.run.get("full") is True for part in parts),
        "parts": [one for part in parts for one in _parts_of(part.run)],
    }
    made.pop("shard", None)
    if any(part.run.get("processor") != newest.run.get("processor") for part in parts):
        made.pop("processor", None)  # `parts` has them: no single one made the table
    if missing:
        there = sorted({number for shard in shards for number in shard["parts"]})
        made["shard"] = dict(shards[0]) | {"parts": there}
    return made


def missing_parts(parts: Iterable[Part]) -> list[int]:
    """Return which parts of a matrix are not there, none where no run is a part of one.

    Raises UserError where they are parts of two matrices.
    """
    first: Part | None = None
    there: set[int] = set()
    for part in parts:
        if not (shard := part.run.get("shard")):
            continue
        first = first or part
        if first.run["shard"]["plan"] != shard["plan"]:
            raise UserError(
                f"{first.named} and {part.named} are parts of two different matrices: shard one "
                "selection, at one commit, by one N."
            )
        there |= set(shard["parts"])
    return sorted(set(range(1, first.run["shard"]["of"] + 1)) - there) if first else []


def _is_better(cell: Cell, before: Cell) -> bool:
    return bool(before["status"] == _UNKNOWN and cell["status"] != _UNKNOWN)


def _differ(cell: Cell, before: Cell) -> bool:
    judged = cell["status"] != _UNKNOWN
    return bool(judged) and any(cell[name] != before[name] for name in OUTCOME)


def _same(what: str, one: tuple[str, Any], other: tuple[str, Any]) -> None:
    if one[1] != other[1]:
        raise UserError(
            f"{what[0].upper()}{what[1:]} is not the same in {one[0]} as in {other[0]}, so these "
            "runs make no table together: run both on one platform, from the same locks."
        )


def _parts_of(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "parts" in run:
        parts: list[Mapping[str, Any]] = run["parts"]
        return parts
    return [{name: run[name] for name in PARTED if name in run}]

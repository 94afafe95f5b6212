"""`matrix --shard I/N`: which cells the part has, and what is said and kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.commands.durations import estimated
from savedmodel_matrix.engine.planning import with_overlays
from savedmodel_matrix.engine.sharding import Plan, Shard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.steps import Save
    from savedmodel_matrix.workspace.project import Project

MERGE = "savedmodel-matrix merge DIR… --into DIR"


@dataclass(frozen=True)
class Sharded:
    """One part of the selected cells.

    ``whole`` is how many are selected, ``full`` whether these are a full run, ``plan`` tells the
    parts that belong together.
    """

    shard: Shard
    cells: list[Cell]
    whole: int
    plan: str
    full: bool

    @property
    def announced(self) -> str:
        """What is said before the cells: which part this is, and how many it has."""
        return f"Part {self.shard.part} of {self.shard.of}: {len(self.cells)} of {self.whole}"

    @property
    def stated(self) -> dict[str, Any]:
        """What ``run.json`` says of it, so that parts can be merged that belong together."""
        shard = {"parts": [self.shard.part], "of": self.shard.of, "cells": self.whole}
        return {"shard": shard | {"plan": self.plan, "full": self.full}}

    def said(self, results: str) -> list[str]:
        """Return what is said at the end: which part it was, and how to put them together."""
        if self.shard.of == 1:
            return [f"{self.announced} cells: all there are."]
        how = f"When all {self.shard.of} parts are there, put them together: {MERGE}"
        return [f"{self.announced} cells, in {results}. {how}"]


def share(project: Project, planned: Sequence[Cell], stated: str, *, full: bool) -> Sharded | None:
    """Return the part that ``--shard`` asks for, None if it is not given. Raises UserError.

    It is the same wherever the same commit is asked for the same cells: the durations that parts
    are balanced by are those of the accepted table, which is under version control.
    """
    if not stated:
        return None
    shard, estimate = Shard.parse(stated), estimated(project)

    def seconds(save: Save, sharing: int) -> float:
        return sharing * estimate.of_cell(save, sharing)

    environments = with_overlays(project, planned).environments
    over = {name: one.base.name for name, one in environments.items() if one.base}
    plan = Plan(planned, shard.of, seconds, over)
    cells = plan.cells(shard.part, planned)
    return Sharded(shard, cells, len(planned), plan.digest, full)

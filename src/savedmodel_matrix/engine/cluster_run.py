"""A run on a cluster: what is known is looked up here, the rest goes out in slices and comes back.

What a slice made is merged into the run directory as soon as it is there, so that whatever ends the
run, the same command goes on from there. An environment need not be installed here: what workers
found of it is noted beside the records.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tarfile
import time
import uuid
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.merging import Part, merge_runs
from savedmodel_matrix.engine.cluster import Order
from savedmodel_matrix.engine.followed import Followed
from savedmodel_matrix.engine.keys import Keys
from savedmodel_matrix.engine.planning import with_overlays
from savedmodel_matrix.engine.processes import VARIABLES, stated_numerics
from savedmodel_matrix.engine.recall import Recall
from savedmodel_matrix.engine.recording import Recording
from savedmodel_matrix.engine.resting import Resting
from savedmodel_matrix.engine.sharding import units_of
from savedmodel_matrix.engine.slicing import seconds_of_slice, slices
from savedmodel_matrix.environments.provenance import describe
from savedmodel_matrix.model.cell_record import whole_cell
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import key_of, sort_key
from savedmodel_matrix.model.verdict import not_run
from savedmodel_matrix.store import journal
from savedmodel_matrix.store.elsewhere import Elsewhere
from savedmodel_matrix.store.journal import Journal
from savedmodel_matrix.store.leftovers import remove
from savedmodel_matrix.store.merging import reading, take_over
from savedmodel_matrix.store.packing import unpack_run
from savedmodel_matrix.workspace.parcel import pack_project

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from savedmodel_matrix.engine.cluster import Cluster, Delivery
    from savedmodel_matrix.engine.estimate import Estimate
    from savedmodel_matrix.engine.events import Events
    from savedmodel_matrix.engine.measured import Measured
    from savedmodel_matrix.engine.run import Options
    from savedmodel_matrix.engine.slicing import Slice
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.model.steps import Save
    from savedmodel_matrix.store.memory import Store
    from savedmodel_matrix.workspace.project import Project

Names = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Sent:
    """How cells go to the cluster: directories of cases, seconds of a slice, an address."""

    cases: Sequence[Path]
    seconds: float | None = None  # None: as the cluster's size has it
    storage: str = ""


class ClusterRun:
    """Like ``Run``, with the steps elsewhere."""

    def __init__(
        self,
        project: Project,
        planned: Sequence[Cell],
        loaders: Sequence[Loader],
        store: Store,
        events: Events,
        options: Options,
        estimate: Callable[[], Estimate],
        cluster: Cluster,
        sent: Sent,
    ) -> None:
        self._project = project = with_overlays(project, planned)
        self._planned, self._loaders, self._store = planned, loaders, store
        self._events, self._options, self._estimate = events, options, estimate
        self._cluster, self._sent = cluster, sent
        self._names = list(dict.fromkeys(e for cell in planned for e in cell.environments))
        self._elsewhere = Elsewhere(store.directory)
        identities = self._elsewhere.identities(
            {name: project.environments[name] for name in self._names}
        )
        settings = {name: one.variables for name, one in project.environments.items()}
        keys, resting = Keys(identities, VARIABLES, settings), Resting(project.root)
        self._recall = Recall(store, keys, options.limits, resting, fresh=options.fresh)
        self._known = Recording(store, keys, options.limits)
        self._identities = identities
        self._arrived: dict[Names, dict[str, Any]] = {}
        self._parts: list[Part] = []
        self._journal: Journal | None = None
        self._first = {cell.key for cell in planned if cell.case.name == project.first}
        self.ran = 0

    @property
    def cells(self) -> dict[Names, dict[str, Any]]:
        """Each finished cell's whole record, by its names."""
        return {**self._known.cells, **self._arrived}

    @property
    def measured(self) -> Measured:
        """What the run has cost: its wall clock; what it cost elsewhere is not known."""
        return self._known.measured

    def read(self) -> None:
        """Read the records of all cells, which the store has to be open for."""
        self._known.read()

    def rests_on(self) -> str:
        """Return a hash of what the cells are made of."""
        if not self._arrived:
            return self._known.rests_on()
        return hashlib.sha256(journal.whole(self._sorted())).hexdigest()

    async def run(self) -> None:
        """Run everything not already known. Raises UserError, OSError."""
        began = time.monotonic()
        try:
            unknown = self._look_up()
            if unknown:
                await self._work(unknown)
            if self._arrived:
                directory = self._store.directory
                journal.replace(directory.cells, directory.unfinished, self._sorted())
            else:
                self._known.finish()
        finally:
            self._known.close()
            if self._journal:
                self._journal.close()
            self.measured.wall = time.monotonic() - began

    def describe(self) -> dict[str, Any]:
        """Return how this run was made. What workers said of themselves stands where it is known.

        Raises UserError where two of them cannot have made one table.
        """
        numerics = {one.name: one.numerics for one in self._loaders if one.numerics}
        stated = {"environment variables": stated_numerics(), **numerics}
        made = describe(
            self._project, [], {}, ran=self.ran, seconds=self.measured.wall, numerics=stated
        )
        environments = self._elsewhere.described(self._names)
        if self._parts:
            workers = merge_runs(self._parts)
            ours = ("finished", "commit", "dirty", "python", "cells_run", "seconds", "selections")
            if "processor" not in workers:
                made.pop("processor", None)  # they had several
            made |= {name: value for name, value in workers.items() if name not in ours}
        return made | {"environments": environments}

    def _sorted(self) -> list[dict[str, Any]]:
        return sorted(self.cells.values(), key=sort_key)

    def _look_up(self) -> list[Cell]:
        """Enter the cells that are known, and return the others."""
        able = [cell for cell in self._planned if self._identities.keys() >= set(cell.environments)]
        self._recall.look_up(able)
        found = [known for cell in able if (known := self._recall.outcome(cell))]
        for outcome in found:
            self._known.cell(outcome, identified=True)
        self._events.known(len(found))
        return [cell for cell in self._planned if not self._known.has(cell.key)]

    async def _work(self, cells: Sequence[Cell]) -> None:
        estimate = self._estimate()

        def seconds(save: Save, sharing: int) -> float:
            return sharing * estimate.of_cell(save, sharing)

        environments = self._project.environments
        over = {name: one.base.name for name, one in environments.items() if one.base}
        units = units_of(cells, seconds, over)
        needed = {name for unit in units for name in unit.environments}
        parcel = pack_project(
            self._project, self._sent.cases, [environments[name] for name in sorted(needed)]
        )
        async with self._cluster as cluster:
            wanted = self._sent.seconds or seconds_of_slice(units, await cluster.cores())
            pieces = slices(units, wanted, self._project.first)
            orders = self._orders(pieces, parcel.digest)
            self._events.expect(sum(piece.milliseconds for piece in pieces) / 1000)
            followed = {
                number: Followed(self._events, len(piece.cells), piece.milliseconds / 1000)
                for number, piece in enumerate(pieces)
            }
            deliveries = cluster.run(orders, parcel, lambda told: followed[told.number].tell(told))
            async for delivery in deliveries:
                self._take_in(delivery, pieces[delivery.number])
                followed[delivery.number].finish(self._failed(pieces[delivery.number]))
                self._show_first()

    def _orders(self, pieces: Sequence[Slice], files: str) -> list[Order]:
        options, run = self._options, uuid.uuid4().hex[:12]
        return [
            Order.of(
                number,
                piece.cells,
                run if options.fresh else "",
                files=files,
                jobs=options.jobs,
                seconds=options.limits.seconds,
                memory=options.limits.memory,
                forking=options.forking,
                topic=f"savedmodel-matrix-{run}",
                storage=self._sent.storage,
            )
            for number, piece in enumerate(pieces)
        ]

    def _take_in(self, delivery: Delivery, piece: Slice) -> None:
        """Put what came back where it belongs: all of it, or the run ends. Raises UserError."""
        if delivery.refused:
            raise UserError(delivery.failure)
        asked: dict[Names, Cell] = {cell.key: cell for cell in piece.cells}
        if delivery.failure:
            said = not_run("environment", delivery.failure).record
            found = {key: whole_cell(cell, said, None, "", "") for key, cell in asked.items()}
        else:
            found = self._merged(delivery)
            if found.keys() != asked.keys():
                raise UserError("A worker returned other cells than it was asked for: run again.")
        self.ran += len(found)
        self._arrived |= found
        if self._journal is None:
            directory = self._store.directory
            self._journal = Journal.new(directory.cells, directory.unfinished)
            self._journal.extend(self._known.cells.values())
        self._journal.extend(found.values())

    def _merged(self, delivery: Delivery) -> dict[Names, dict[str, Any]]:
        place = self._store.directory.unfinished / "delivered"
        remove(place)
        try:
            directory = unpack_run(delivery.content, place / "run")
            with reading(directory, "what a worker returned", place / "records") as source:
                part = Part("one worker", source.part.cells, source.part.run)
                self._check(part)
                self._elsewhere.note(source.part.run)
                take_over([source], self._store, replace=self._options.fresh)
        except tarfile.TarError as error:
            raise UserError(f"What a worker returned cannot be read ({error}).") from error
        finally:
            remove(place)
        self._parts.append(part)
        return {key_of(cell): dict(cell) for cell in part.cells}

    def _check(self, part: Part) -> None:
        """Raise UserError where a worker's environments are not those of the other cells."""
        used = {
            name
            for cell in self._planned
            if self._known.has(cell.key)
            for name in cell.environments
        }
        known = self._elsewhere.described(sorted(used))
        for name, stated in part.run["environments"].items():
            if known.get(name, stated) != stated:
                raise UserError(
                    f"The environment {name} is another one on the workers than that of cells that "
                    "are known here: run everything there with --fresh."
                )
        merge_runs([*(dataclasses.replace(one, named="another") for one in self._parts), part])

    def _failed(self, piece: Slice) -> int:
        return sum(
            self._arrived[cell.key]["status"] in ("fail", "crash", "timeout")
            for cell in piece.cells
        )

    def _show_first(self) -> None:
        """Tell how the first case came out, once, unless that is all there was to do."""
        cells = self.cells
        if self._first and len(cells) < len(self._planned) and self._first <= cells.keys():
            self._events.first([cells[key] for key in self._first])
            self._first = set()

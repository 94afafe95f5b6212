"""The main job: from selected cells to outcomes.

`recall` knows what need not be run, `agenda` what follows when a step ends, `schedule` which step
is next and where, `requests` what a host is asked, and `recording` what is kept. Here they meet.
"""

from __future__ import annotations

import asyncio
import functools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.engine import keys as keys_module
from savedmodel_matrix.engine.agenda import Agenda, Next, Outcome
from savedmodel_matrix.engine.estimate import Estimate
from savedmodel_matrix.engine.executor import Executor, Local
from savedmodel_matrix.engine.interpret import interpret
from savedmodel_matrix.engine.keys import Keys
from savedmodel_matrix.engine.per_step import chosen, seconds_alone
from savedmodel_matrix.engine.planning import with_overlays
from savedmodel_matrix.engine.processes import VARIABLES, forking_is_safe, stated_numerics
from savedmodel_matrix.engine.recall import Recall
from savedmodel_matrix.engine.recording import Recording
from savedmodel_matrix.engine.requests import request_for
from savedmodel_matrix.engine.resting import Resting
from savedmodel_matrix.engine.schedule import Schedule
from savedmodel_matrix.environments.locking import expected
from savedmodel_matrix.environments.provenance import describe
from savedmodel_matrix.environments.readiness import Readiness
from savedmodel_matrix.model.cell import Cell, save_of
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.steps import Load, Made, Save, Step, case_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from savedmodel_matrix.engine.events import Events
    from savedmodel_matrix.engine.measured import Measured
    from savedmodel_matrix.engine.processes import Ended
    from savedmodel_matrix.host.protocol import Request
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.model.steps import Artifact
    from savedmodel_matrix.model.verdict import Prevented
    from savedmodel_matrix.store.memory import Store
    from savedmodel_matrix.workspace.project import Project

GIB = 1 << 30


@dataclass(frozen=True)
class Options:
    """How to run, apart from what."""

    jobs: int
    limits: Limits = field(default_factory=lambda: Limits(seconds=120.0, memory=4 * GIB))
    fresh: bool = False
    forking: bool = field(default_factory=forking_is_safe)
    sample: bool = False  # whether to measure what a process per load would take


class Run:
    """One run over selected cells."""

    def __init__(
        self,
        project: Project,
        planned: Sequence[Cell],
        loaders: Sequence[Loader],
        store: Store,
        events: Events,
        options: Options,
        estimate: Callable[[], Estimate] = lambda: Estimate([]),
        executor: Executor | None = None,
    ) -> None:
        self._project = project = with_overlays(project, planned)
        self._planned, self._loaders = planned, loaders
        self._store, self._events, self._options = store, events, options
        self._environments = Readiness(project, store.logs, events.say)
        self._identities = self._environments.identities
        settings = {name: one.variables for name, one in project.environments.items()}
        self._keys = Keys(self._identities, VARIABLES, settings)
        self._resting = Resting(project.root)
        self._recall = Recall(store, self._keys, options.limits, self._resting, fresh=options.fresh)
        self._agenda = Agenda(self._recall.made)
        self._recording = Recording(store, self._keys, options.limits)
        self._executor = executor or self._local(forking=options.forking)
        self._taken: set[Cell] = set()  # those that wait for no environment any more
        self._each: dict[Save, float] = {}  # seconds expected of each cell
        self._total = len(planned)
        self._first = {cell.key for cell in planned if cell.case.name == project.first}
        self._read_estimate = estimate  # only where something has to be run
        self.ran = 0

    @property
    def cells(self) -> dict[tuple[str, ...], dict[str, Any]]:
        """Each finished cell's whole record, by its names."""
        return self._recording.cells

    @property
    def measured(self) -> Measured:
        """What the run has cost so far."""
        return self._recording.measured

    def read(self) -> None:
        """Read the records of all cells, which the store has to be open for."""
        self._recording.read()

    def rests_on(self) -> str:
        """Return a hash of what the cells are made of; cells that rest on the same are the same."""
        return self._recording.rests_on()

    async def run(self) -> None:
        """Run everything not already known; append each cell to ``cells.jsonl`` as it finishes."""
        began = time.monotonic()
        try:
            await self._run()
            self._recording.finish()
        finally:
            self._recording.close()
            self.measured.wall = time.monotonic() - began
        if self._options.sample and self._recording.ran_well:
            self._events.say("A few of the loads once more, each in a process of its own.")
            self.measured.alone = await seconds_alone(
                chosen(self._recording.ran_well),
                self.request,
                self._local(forking=False),
                self._store.work,
                self._options.jobs,
            )

    def describe(self) -> dict[str, Any]:
        """Return how this run was made, for whoever reads its table later."""
        wall = self.measured.wall
        numerics = {one.name: one.numerics for one in self._loaders if one.numerics}
        return describe(
            self._project,
            self._names,
            self._identities,
            ran=self.ran,
            seconds=wall,
            numerics={"environment variables": stated_numerics(), **numerics},
        )

    def _local(self, *, forking: bool) -> Local:
        return Local(self._loaders, self._project.environments, forking=forking)

    @functools.cached_property
    def _names(self) -> list[str]:
        """Every environment that is needed, those that save first."""
        saving = dict.fromkeys(save_of(cell).producer for cell in self._planned)
        return list(saving | dict.fromkeys(e for cell in self._planned for e in cell.environments))

    async def _run(self) -> None:
        absent = self._environments.look(self._names)
        schedule = Schedule(
            self,
            self._executor,
            self._store.work,
            jobs=self._options.jobs,
            urgent=self._is_urgent,
        )
        schedule.expect(len(self._names))
        for name in [name for name in self._names if name not in absent]:
            self._settle(name)
            self._add(schedule, name)
        self._show_first()
        filling = asyncio.create_task(self._fill(absent, schedule))
        filling.add_done_callback(
            lambda done: None if done.cancelled() else schedule.fail(done.exception())
        )
        try:
            await schedule.run()
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)
            await schedule.closed()
            self.measured.host_cpu = schedule.host_cpu
            self.measured.host_starts = schedule.host_starts
            self.measured.host_seconds = schedule.host_seconds

    async def _fill(self, absent: list[str], schedule: Schedule) -> None:
        if not absent:
            return
        # It takes seconds, and so does installing.
        estimate = asyncio.create_task(asyncio.to_thread(self._read_estimate))
        for name in absent:
            await self._environments.fill(name)
            self._estimate = await estimate
            self._settle(name)
            self._add(schedule, name)
            self._show_first()

    def _is_urgent(self, step: Step) -> bool:
        """Say whether cells of the case that comes first wait for a step."""
        return case_of(step) == self._project.first and kind_of(step) != "show"

    def _show_first(self) -> None:
        """Tell how the first case came out, once, unless that is all there was to do."""
        if not self._first or self._recording.number >= self._total:
            return
        if all(map(self._recording.has, self._first)):
            self._events.first([self._recording.whole(key) for key in self._first])
            self._first = set()

    def _settle(self, name: str) -> None:
        """Say of an environment's cells what needs no host: those of one that was given up."""
        if broken := self._environments.broken.get(name):
            for cell in self._planned:
                if name in cell.environments and not self._recording.has(cell.key):
                    self._enter(Outcome(cell, broken))

    def _add(self, schedule: Schedule, name: str) -> None:
        """Announce the cells that need no other environment than those that are ready."""
        ready = [
            cell
            for cell in self._planned
            if name in cell.environments and self._identified(cell) and cell not in self._taken
        ]
        self._taken.update(ready)
        self._recall.look_up(ready)
        unknown = []
        for cell in ready:
            if known := self._recall.outcome(cell):
                self._enter(known)
            else:
                unknown.append(cell)
        self._events.known(len(ready) - len(unknown))
        found = self._agenda.begin(unknown, self.cost)
        self._events.expect(sum(self._seconds(save_of(cell)) for cell in unknown))
        self._come_out(found)
        schedule.add(name, found.steps)

    def _identified(self, cell: Cell) -> bool:
        return all(needed in self._identities for needed in cell.environments)

    def _enter(self, outcome: Outcome) -> None:
        self._recording.cell(outcome, identified=self._identified(outcome.cell))

    def _come_out(self, found: Next) -> None:
        """Enter the cells that this run has finished, and say so."""
        for outcome in found.outcomes:
            self.ran += 1
            self._enter(outcome)
            cell = outcome.cell
            doing = f"{cell.producer} {cell.case.name}"
            self._events.cell(outcome.last.status, doing, self._seconds(save_of(cell)))
        self._show_first()

    @functools.cached_property
    def _estimate(self) -> Estimate:
        return self._read_estimate()

    def _seconds(self, save: Save) -> float:
        """Return about how long one cell of this save takes, as it was first announced."""
        if save not in self._each:
            made = self._agenda.made(save) is not None
            sharing = self._agenda.sharing(save)
            self._each[save] = self._estimate.of_cell(save, sharing, made=made)
        return self._each[save]

    # What the schedule asks (`schedule.Work`).

    def base(self, environment: str) -> str:
        """Return the environment that one lies over, itself if none."""
        one = self._project.environments[environment]
        return (one.base or one).name

    async def ready(self, environment: str) -> dict[str, str]:
        """Make sure that hosts can start in an environment; return the versions it must have.

        Raises EnvironmentBroken, or OSError if its lock is gone.
        """
        await self._environments.check(environment)
        return expected(self._project.environments[environment])

    async def started(self, environment: str) -> None:
        """Keep the bytecode of the first import in an environment, before any step runs there."""
        await self._environments.started(environment)

    def cost(self, step: Step) -> float:
        """Return about how many seconds a step will take, compared with others."""
        return self._estimate.of_save(step) if isinstance(step, Save) else 0.0

    def request(self, step: Step) -> Request:
        """Return what the host is asked to do for one step."""
        makes = None if isinstance(step, Load) else self._recording.room_for(step)
        return request_for(step, self._options.limits, self._place_of, makes)

    def _place_of(self, artifact: Artifact) -> Path:
        """Return where an artifact is; that of a conversion is what was converted."""
        last = self._agenda.made(artifact.last) if isinstance(artifact, Made) else None
        return self._recording.place_of(artifact, last)

    def done(self, step: Step, ended: Ended, mailbox: Path) -> list[Step]:
        """Remember how a step ended; return what can run because of it."""
        verdict = interpret(kind_of(step), ended, mailbox)
        self._resting.note(step, verdict, mailbox, self._agenda.made)
        if isinstance(step, Load) and step.loader is None:
            self._recording.show(step, verdict, mailbox, self._place_of(step.artifact))
        else:
            self._recording.step(step, verdict, mailbox)
        found = self._agenda.ended(step, verdict)
        self._come_out(found)
        return found.steps

    def prevented(self, step: Step, verdict: Prevented) -> None:
        """Make the cells of a step that cannot be run not-run."""
        self._come_out(self._agenda.ended(step, verdict))


def clear_file_caches() -> None:
    """Forget file hashes: for tests and long-lived processes that change files between runs."""
    hashed = (keys_module.host_hash, keys_module.case_hash, keys_module.plugin_hash)
    for cached in (*hashed, keys_module._file_hash):  # noqa: SLF001
        cached.cache_clear()

"""The main job, from selected cells to outcomes: fill, save, load, remember."""

from __future__ import annotations

import asyncio
import functools
import json
import shutil
import signal
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from savedmodel_matrix import keys as keys_module
from savedmodel_matrix.cells import whole_cell
from savedmodel_matrix.estimate import Estimate
from savedmodel_matrix.hosts import VARIABLES, forking_is_safe
from savedmodel_matrix.interpret import interpret
from savedmodel_matrix.journal import Journal
from savedmodel_matrix.keys import SEED, Keys
from savedmodel_matrix.plan import Cell, Load, Save, load_of, save_of
from savedmodel_matrix.provenance import describe
from savedmodel_matrix.readiness import Readiness
from savedmodel_matrix.schedule import Schedule, Step
from savedmodel_matrix.store import Limits, Store
from savedmodel_matrix.verdict import Judged, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from savedmodel_matrix.catalogue import Loader
    from savedmodel_matrix.hosts import Ended
    from savedmodel_matrix.progress import Reporter
    from savedmodel_matrix.project import Project
    from savedmodel_matrix.verdict import Prevented

GIB = 1 << 30


@dataclass(frozen=True)
class Options:
    """How to run, apart from what."""

    jobs: int
    limits: Limits = field(default_factory=lambda: Limits(seconds=120.0, memory=4 * GIB))
    fresh: bool = False
    forking: bool = field(default_factory=forking_is_safe)


@dataclass(frozen=True)
class StepCost:
    """What one step cost, in seconds; ``inside`` is first to last instruction, 0.0 if unknown.

    ``kind`` is that of its host: what has to be imported before it can begin.
    """

    case: str
    kind: str
    wall: float
    inside: float
    cpu: float


@dataclass
class Measured:
    """What the run cost: seconds of wall clock, of CPU in host starts, and each step."""

    wall: float = 0.0
    host_cpu: float = 0.0
    host_starts: int = 0
    host_seconds: dict[str, list[float]] = field(default_factory=dict)  # of each import, by kind
    steps: list[StepCost] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """CPU seconds of all children and host starts."""
        return self.host_cpu + sum(step.cpu for step in self.steps)

    def overhead(self, cores: int) -> float:
        """Return wall x cores / CPU: 1 if every core did nothing but steps and host starts."""
        return self.wall * cores / self.cpu if self.cpu else 0.0


class Run:
    """One run over selected cells; ``cells`` maps each finished cell to its whole record."""

    def __init__(
        self,
        project: Project,
        planned: Sequence[Cell],
        loaders: Sequence[Loader],
        store: Store,
        reporter: Reporter,
        options: Options,
        estimate: Callable[[], Estimate] = lambda: Estimate([]),
    ) -> None:
        self._project, self._planned, self._loaders = project, planned, loaders
        self._store, self.reporter, self._options = store, reporter, options
        self._environments = Readiness(project, store.logs, reporter.say)
        self._identities = self._environments.identities
        self._keys = Keys(self._identities, VARIABLES)
        self._loads: dict[Save, list[Cell]] = defaultdict(list)
        self._cell_of: dict[Load, Cell] = {}
        self._saves: dict[Save, Verdict] = {}
        self._read_estimate = estimate  # only where something has to be run
        self.cells: dict[tuple[str, ...], dict[str, Any]] = {}
        self.measured = Measured()
        self.ran = 0

    async def run(self, out: Path) -> None:
        """Run everything not already known; append each cell to ``out`` as it finishes."""
        began = time.monotonic()
        self._finished_cells = Journal.anew(out)
        try:
            await self._run()
        finally:
            self._finished_cells.close()
            self.measured.wall = time.monotonic() - began

    def describe(self) -> dict[str, Any]:
        """Return how this run was made, for whoever reads its table later."""
        names = dict.fromkeys(e for c in self._planned for e in (c.producer, c.consumer))
        wall = self.measured.wall
        return describe(self._project, list(names), self._identities, ran=self.ran, seconds=wall)

    async def _run(self) -> None:
        names = list(dict.fromkeys(e for c in self._planned for e in (c.producer, c.consumer)))
        absent = self._environments.look(names)
        schedule = Schedule(
            self,
            self._loaders,
            {name: self._project.environments[name].executable for name in names},
            self._store.work,
            jobs=self._options.jobs,
            forking=self._options.forking,
        )
        by_producer: dict[str, list[Cell]] = defaultdict(list)
        for cell in self._planned:
            by_producer[cell.producer].append(cell)
        schedule.expect(len(names))
        for name in [name for name in names if name not in absent]:
            self._settle(name)
            self._add(schedule, name, by_producer)
        filling = asyncio.create_task(self._fill(absent, schedule, by_producer))
        filling.add_done_callback(
            lambda done: None if done.cancelled() else schedule.fail(done.exception())
        )
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, task.cancel if task else lambda: None)
            except (NotImplementedError, RuntimeError, ValueError):
                break
        try:
            await schedule.run()
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)
            await schedule.closed()
            self.measured.host_cpu = schedule.host_cpu
            self.measured.host_starts = schedule.host_starts
            self.measured.host_seconds = schedule.host_seconds

    async def _fill(
        self, absent: list[str], schedule: Schedule, by_producer: dict[str, list[Cell]]
    ) -> None:
        for name in absent:
            await self._environments.fill(name)
            self._settle(name)
            self._add(schedule, name, by_producer)

    async def ready(self, environment: str) -> None:
        """Make sure that hosts can start in an environment. Raises EnvironmentBroken."""
        await self._environments.check(environment)

    def _settle(self, name: str) -> None:
        """Say of an environment's cells what needs no host: those of a broken environment."""
        if broken := self._environments.broken.get(name):
            for cell in self._planned:
                if name in (cell.producer, cell.consumer) and cell.key not in self.cells:
                    self._record(cell, broken, None, "", "")

    def _add(self, schedule: Schedule, name: str, by_producer: dict[str, list[Cell]]) -> None:
        ready = [
            cell
            for producer, cells in by_producer.items()
            for cell in cells
            if name in (producer, cell.consumer)
            and cell.producer in self._identities
            and cell.consumer in self._identities
            and cell.key not in self.cells
        ]
        before = len(self.cells)
        steps: list[Step] = []
        for cell in ready:
            save, load = save_of(cell), load_of(cell)
            known = self._known(save, load)
            if known:
                self._record(cell, known[0], known[1], *self._names(save, load))
                continue
            self._cell_of[load] = cell
            if save not in self._loads:
                steps.append(save)
            self._loads[save].append(cell)
        self.reporter.known(len(self.cells) - before)
        for save in {save_of(cell): None for cell in ready if cell.key not in self.cells}:
            cells = self._loads[save]
            self.reporter.expect(sum(self._seconds(save) for _ in cells))
        queued: list[Step] = []
        for step in sorted(steps, key=self.cost, reverse=True):
            queued += self._begin(step) if isinstance(step, Save) else [step]
        schedule.add(name, queued)

    def _known(self, save: Save, load: Load) -> tuple[Judged, Judged | None] | None:
        if self._options.fresh:
            return None
        made = self._store.known_save(self._keys.of_save(save), self._options.limits)
        if made is None or made.status != "pass":
            return (made, None) if made else None
        judged = self._store.known_load(self._keys.of_load(load), self._options.limits)
        return (made, judged) if judged else None

    def _begin(self, save: Save) -> list[Step]:
        """Return the steps to begin with: the loads alone where the artifact is there already."""
        key = self._keys.of_save(save)
        made = None if self._options.fresh else self._store.known_save(key, self._options.limits)
        if made is None or made.status != "pass":
            return [save]
        self._saves[save] = made
        return [load_of(cell) for cell in self._loads[save]]

    def _names(self, save: Save, load: Load) -> tuple[str, str]:
        return self._keys.of_load(load), self._keys.of_save(save)

    @functools.cached_property
    def _estimate(self) -> Estimate:
        return self._read_estimate()

    def _seconds(self, save: Save) -> float:
        """Return about how long one cell of this save takes."""
        return self._estimate.of_cell(save, len(self._loads[save]))

    def cost(self, step: Step) -> float:
        """Return about how many seconds a step will take, compared with others."""
        return self._estimate.of_save(step) if isinstance(step, Save) else 0.0

    def request(self, step: Step) -> dict[str, object]:
        """Return what the host is asked to do for one step."""
        common: dict[str, object] = {"limits": asdict(self._options.limits)}
        if isinstance(step, Save):
            made = self._store.work / f"making-{self._keys.of_save(step)}"
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
            return {
                "kind": "save",
                "case": str(step.case.path),
                "remedy": str(step.remedy.path),
                "directory": str(made),
                "seed": SEED,
                **common,
            }
        directory = str(self._store.artifact(self._keys.of_save(step.save)))
        if step.loader is None:
            return {"kind": "show", "directory": directory, **common}
        loader = str(step.loader.path)
        return {"kind": "load", "directory": directory, "loader": loader, **common}

    def done(self, step: Step, ended: Ended, mailbox: Path) -> list[Step]:
        """Remember how a step ended; an artifact's loads can then begin."""
        kind = "save" if isinstance(step, Save) else "load" if step.loader else "show"
        verdict = interpret(kind, ended, mailbox)
        self._measure(step, verdict)
        if isinstance(step, Save):
            return self._saved(step, verdict, mailbox)
        if step.loader is None:
            self._showed(step, verdict, mailbox)
            return []
        self._remember(self._keys.of_load(step), verdict, mailbox)
        cell = self._cell_of[step]
        self.ran += 1
        self._record(cell, self._saves[step.save], verdict, *self._names(step.save, step))
        self._finished(cell, verdict.status)
        return []

    def _finished(self, cell: Cell, status: str) -> None:
        doing = f"{cell.producer} {cell.case.name}"
        self.reporter.cell(status, doing, self._seconds(save_of(cell)))

    def _saved(self, save: Save, verdict: Verdict, mailbox: Path) -> list[Step]:
        key = self._keys.of_save(save)
        made, kept = self._store.work / f"making-{key}", self._store.artifact(key)
        if verdict.status == "pass":
            shutil.rmtree(kept, ignore_errors=True)
            made.replace(kept)
        else:
            shutil.rmtree(made, ignore_errors=True)
        self._remember(key, verdict, mailbox)
        self._saves[save] = verdict
        if verdict.status == "pass":
            loads: list[Step] = [load_of(cell) for cell in self._loads[save]]
            return [*loads, Load(save, None, save.producer)]
        for cell in self._loads[save]:
            self.ran += 1
            self._record(cell, verdict, None, *self._names(save, load_of(cell)))
            self._finished(cell, verdict.status)
        return []

    def _showed(self, step: Load, verdict: Verdict, mailbox: Path) -> None:
        """Keep what saved_model_cli show said beside the artifact; its failure fails no cell."""
        directory = self._store.artifact(self._keys.of_save(step.save))
        said = mailbox / "log"
        if said.is_file() and directory.is_dir():
            shutil.copyfile(said, directory / "show.txt")
        (directory / "show.json").write_text(json.dumps(verdict.record, sort_keys=True))

    def prevented(self, step: Step, verdict: Prevented) -> None:
        """Make the cells of a step that cannot be run not-run."""
        if isinstance(step, Save):
            affected = self._loads[step]
        else:
            affected = [self._cell_of[step]] if step.loader else []
        for cell in affected:
            made = verdict if isinstance(step, Save) else self._saves[step.save]
            load = None if isinstance(step, Save) else verdict
            self._record(cell, made, load, *self._names(save_of(cell), load_of(cell)))
            self._finished(cell, verdict.status)

    def _remember(self, key: str, verdict: Verdict, mailbox: Path) -> None:
        """Keep the log of what did not pass, and what was judged for the runs to come."""
        log = mailbox / "log"
        if verdict.status != "pass" and log.is_file() and log.stat().st_size:
            kept = self._store.logs / f"{key[:16]}.log"
            log.replace(kept)
            verdict.record["log"] = str(kept.relative_to(self._store.results))
        if isinstance(verdict, Judged):
            self._store.put(key, verdict, self._options.limits)

    def _measure(self, step: Step, verdict: Verdict) -> None:
        save, record = step if isinstance(step, Save) else step.save, verdict.record
        inside = record.get("inside", 0.0)
        cost = StepCost(save.case.name, step.host.kind, record["wall"], inside, record["cpu"])
        self.measured.steps.append(cost)

    def _record(
        self, cell: Cell, save: Verdict, load: Verdict | None, key: str, artifact: str
    ) -> None:
        judged = None if load is None else load.record
        whole = whole_cell(cell, save.record, judged, key, artifact)
        self.cells[cell.key] = whole
        self._finished_cells.append(whole)


def clear_file_caches() -> None:
    """Forget file hashes: for tests and long-lived processes that change files between runs."""
    for cached in (keys_module.host_hash, keys_module.case_hash, keys_module._file_hash):  # noqa: SLF001
        cached.cache_clear()

"""The main job, from selected cells to outcomes: fill, save, convert, load, remember."""

from __future__ import annotations

import asyncio
import functools
import json
import shutil
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, cast

from savedmodel_matrix.engine import keys as keys_module
from savedmodel_matrix.engine.estimate import Estimate
from savedmodel_matrix.engine.hosts import VARIABLES, forking_is_safe
from savedmodel_matrix.engine.interpret import interpret
from savedmodel_matrix.engine.keys import SEED, Keys
from savedmodel_matrix.engine.measured import Measured, StepCost
from savedmodel_matrix.engine.per_step import chosen, seconds_alone
from savedmodel_matrix.engine.schedule import Schedule, Step
from savedmodel_matrix.environments.locking import expected
from savedmodel_matrix.environments.provenance import describe
from savedmodel_matrix.environments.readiness import Readiness
from savedmodel_matrix.host.artifact import SAVED_MODEL
from savedmodel_matrix.model.cells import whole_cell
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.plan import Cell, Convert, Load, Save, convert_of, load_of, save_of
from savedmodel_matrix.model.verdict import Judged, Verdict
from savedmodel_matrix.store.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from savedmodel_matrix.engine.events import Events
    from savedmodel_matrix.engine.hosts import Ended
    from savedmodel_matrix.model.plugin import Loader
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
    """One run over selected cells; ``cells`` maps each finished cell to its whole record."""

    def __init__(
        self,
        project: Project,
        planned: Sequence[Cell],
        loaders: Sequence[Loader],
        store: Store,
        events: Events,
        options: Options,
        estimate: Callable[[], Estimate] = lambda: Estimate([]),
    ) -> None:
        self._project, self._planned, self._loaders = project, planned, loaders
        self._store, self._events, self._options = store, events, options
        self._environments = Readiness(project, store.logs, events.say)
        self._identities = self._environments.identities
        settings = {name: one.variables for name, one in project.environments.items()}
        self._keys = Keys(self._identities, VARIABLES, settings)
        self._loads: dict[Save, list[Cell]] = defaultdict(list)
        self._converted: dict[Convert, list[Cell]] = defaultdict(list)
        self._taken: set[Cell] = set()  # those that wait for no environment any more
        self._cell_of: dict[Load, Cell] = {}
        self._made: dict[Save | Convert, Verdict] = {}
        self._each: dict[Save, float] = {}  # seconds expected of each cell
        self._read_estimate = estimate  # only where something has to be run
        self.cells: dict[tuple[str, ...], dict[str, Any]] = {}
        self.measured = Measured()
        self._ran_well: list[Load] = []
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
        if self._options.sample and self._ran_well:
            self._events.say("A few of the loads once more, each in a process of its own.")
            self.measured.alone = await seconds_alone(
                chosen(self._ran_well),
                self.request,
                self._project.environments,
                self._store.work,
                self._options.jobs,
            )

    def describe(self) -> dict[str, Any]:
        """Return how this run was made, for whoever reads its table later."""
        wall = self.measured.wall
        return describe(self._project, self._names, self._identities, ran=self.ran, seconds=wall)

    @functools.cached_property
    def _names(self) -> list[str]:
        """Every environment that is needed, those that save first."""
        saving = dict.fromkeys(cell.producer for cell in self._planned)
        return list(saving | dict.fromkeys(e for cell in self._planned for e in cell.environments))

    async def _run(self) -> None:
        names = self._names
        absent = self._environments.look(names)
        schedule = Schedule(
            self,
            self._loaders,
            {name: self._project.environments[name] for name in names},
            self._store.work,
            jobs=self._options.jobs,
            forking=self._options.forking,
        )
        schedule.expect(len(names))
        for name in [name for name in names if name not in absent]:
            self._settle(name)
            self._add(schedule, name)
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
        for name in absent:
            await self._environments.fill(name)
            self._settle(name)
            self._add(schedule, name)

    async def ready(self, environment: str) -> dict[str, str]:
        """Make sure that hosts can start in an environment; return the versions it must have.

        Raises EnvironmentBroken, or OSError if its lock is gone.
        """
        await self._environments.check(environment)
        return expected(self._project.environments[environment])

    def _settle(self, name: str) -> None:
        """Say of an environment's cells what needs no host: those of a broken environment."""
        if broken := self._environments.broken.get(name):
            for cell in self._planned:
                if name in cell.environments and cell.key not in self.cells:
                    self._record(cell, broken, None)

    def _add(self, schedule: Schedule, name: str) -> None:
        ready = [
            cell
            for cell in self._planned
            if name in cell.environments
            and all(needed in self._identities for needed in cell.environments)
            and cell not in self._taken
        ]
        self._taken.update(ready)
        before = len(self.cells)
        saves: list[Save] = []
        late: list[Cell] = []  # whose artifact was made while this environment was being filled
        for cell in ready:
            save = save_of(cell)
            known = self._known(cell)
            if known:
                self._record(cell, *known)
                continue
            self._cell_of[load_of(cell)] = cell
            if save in self._made:
                late.append(cell)
            elif save not in self._loads:
                saves.append(save)
            self._loads[save].append(cell)
        self._events.known(len(self.cells) - before)
        announced = [cell for cell in ready if cell.key not in self.cells]
        queued = self._follow(late)
        for save in sorted(saves, key=self.cost, reverse=True):
            queued += self._begin(save)
        self._events.expect(sum(self._seconds(save_of(cell)) for cell in announced))
        schedule.add(name, queued)

    def _known(self, cell: Cell) -> tuple[Judged, Judged | None] | None:
        """Return what is known of the cell's save and of what judged it, if that is all there is.

        A conversion that failed is the end of the cells that need it.
        """
        made = self._known_made(save_of(cell))
        if made is None or made.status != "pass":
            return (made, None) if made else None
        if convert := convert_of(cell):
            converted = self._known_made(convert)
            if converted is None or converted.status != "pass":
                return (made, converted) if converted else None
        key = self._keys.of(load_of(cell))
        judged = None if self._options.fresh else self._store.known_load(key, self._options.limits)
        return (made, judged) if judged else None

    def _known_made(self, step: Save | Convert) -> Judged | None:
        if self._options.fresh:
            return None
        return self._store.known_made(self._keys.of(step), self._options.limits)

    def _begin(self, save: Save) -> list[Step]:
        """Return the steps to begin with: what follows the artifact where it is there already."""
        made = self._known_made(save)
        if made is None or made.status != "pass":
            return [save]
        self._made[save] = made
        return self._follow(self._loads[save])

    def _follow(self, cells: Iterable[Cell]) -> list[Step]:
        """Return the loads that can begin now, and the conversions that others wait for.

        Where a save or a conversion has come to nothing, so have the cells.
        """
        steps: list[Step] = []
        for cell in cells:
            made, convert = self._made[save_of(cell)], convert_of(cell)
            converted = self._converted_already(convert) if convert else None
            if made.status != "pass":
                self._end(cell, made, None)
            elif convert is None or (converted and converted.status == "pass"):
                steps.append(load_of(cell))
            elif converted:
                self._end(cell, made, converted)
            else:
                if convert not in self._converted:
                    steps.append(convert)
                self._converted[convert].append(cell)
        return steps

    def _converted_already(self, convert: Convert) -> Verdict | None:
        if convert not in self._made and (known := self._known_made(convert)):
            self._made[convert] = known
        return self._made.get(convert)

    @functools.cached_property
    def _estimate(self) -> Estimate:
        return self._read_estimate()

    def _seconds(self, save: Save) -> float:
        """Return about how long one cell of this save takes, as it was first announced."""
        if save not in self._each:
            made = save in self._made
            self._each[save] = self._estimate.of_cell(save, len(self._loads[save]), made=made)
        return self._each[save]

    def cost(self, step: Step) -> float:
        """Return about how many seconds a step will take, compared with others."""
        return self._estimate.of_save(step) if isinstance(step, Save) else 0.0

    def request(self, step: Step) -> dict[str, object]:
        """Return what the host is asked to do for one step."""
        common: dict[str, object] = {"limits": asdict(self._options.limits)}
        if isinstance(step, Save):
            case, remedy = str(step.case.path), str(step.remedy.path)
            makes = str(self._room_for(step))
            more = {"case": case, "remedy": remedy, "makes": makes, "seed": SEED}
            return {"kind": "save", **more, **common}
        common["directory"] = str(self._artifact(step.save))
        if isinstance(step, Convert):
            makes = str(self._room_for(step))
            converter = str(step.converter.path)
            return {"kind": "convert", "converter": converter, "makes": makes, **common}
        if step.loader is None:
            return {"kind": "show", **common}
        if step.convert is not None:
            common["converted"] = str(self._artifact(step.convert))
        more = {"loader": str(step.loader.path), "case": str(step.save.case.path), "seed": SEED}
        return {"kind": "load", **more, **common}

    def _room_for(self, step: Save | Convert) -> Path:
        """Return an empty directory for the step to write in."""
        place = self._making(step)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return place

    def _making(self, step: Save | Convert) -> Path:
        return self._store.work / f"making-{self._keys.of(step)}"

    def _artifact(self, step: Save | Convert) -> Path:
        return self._store.artifact(self._made[step].record["content"])

    def done(self, step: Step, ended: Ended, mailbox: Path) -> list[Step]:
        """Remember how a step ended; what was made can then be loaded."""
        verdict = interpret(kind_of(step), ended, mailbox)
        self._measure(step, verdict)
        if not isinstance(step, Load):
            return self._ended_making(step, verdict, mailbox)
        if step.loader is None:
            self._showed(step, verdict, mailbox)
            return []
        self._remember(self._keys.of(step), verdict, mailbox)
        self._end(self._cell_of[step], self._made[step.save], verdict)
        return []

    def _end(self, cell: Cell, save: Verdict, load: Verdict | None) -> None:
        """Enter a cell that this run has come to the end of."""
        self.ran += 1
        self._record(cell, save, load)
        doing = f"{cell.producer} {cell.case.name}"
        status = (load or save).status
        self._events.cell(status, doing, self._seconds(save_of(cell)))

    def _ended_making(self, step: Save | Convert, verdict: Verdict, mailbox: Path) -> list[Step]:
        made = self._making(step)
        if verdict.status == "pass":
            verdict.record["content"] = self._store.keep(made)
        else:
            shutil.rmtree(made, ignore_errors=True)
        self._remember(self._keys.of(step), verdict, mailbox)
        self._made[step] = verdict
        if verdict.status != "pass":
            self._judge_by(step, verdict)
            return []
        if isinstance(step, Convert):
            return [load_of(cell) for cell in self._converted[step]]
        shown = [Load(step, None, step.producer)] if step.remedy.writes == SAVED_MODEL else []
        return [*self._follow(self._loads[step]), *shown]

    def _judge_by(self, step: Save | Convert, verdict: Verdict) -> None:
        """Enter the cells that come to nothing because this step did."""
        for cell in self._loads[step] if isinstance(step, Save) else self._converted[step]:
            if isinstance(step, Save):
                self._end(cell, verdict, None)
            else:
                self._end(cell, self._made[step.save], verdict)

    def _showed(self, step: Load, verdict: Verdict, mailbox: Path) -> None:
        """Keep what saved_model_cli show said beside the artifact; its failure fails no cell."""
        directory = self._artifact(step.save)
        said = mailbox / "log"
        if said.is_file() and directory.is_dir():
            shutil.copyfile(said, directory / "show.txt")
        (directory / "show.json").write_text(json.dumps(verdict.record, sort_keys=True))

    def prevented(self, step: Step, verdict: Prevented) -> None:
        """Make the cells of a step that cannot be run not-run."""
        if not isinstance(step, Load):
            self._judge_by(step, verdict)
        elif step.loader:
            self._end(self._cell_of[step], self._made[step.save], verdict)

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
        names = (save.case.name, kind_of(step), step.host.kind)
        costs = (record["wall"], record.get("inside", 0.0), record["cpu"])
        loader = step.loader.name if isinstance(step, Load) and step.loader else ""
        self.measured.steps.append(StepCost(*names, *costs, loader))
        if loader and verdict.status in ("pass", "fail"):
            self._ran_well.append(cast("Load", step))

    def _record(self, cell: Cell, save: Verdict, load: Verdict | None) -> None:
        content = save.record.get("content", "")
        judged = load.record if load else None
        whole = whole_cell(cell, save.record, judged, self._load_key(cell), content)
        self.cells[cell.key] = whole
        self._finished_cells.append(whole)

    def _load_key(self, cell: Cell) -> str:
        """Return the key of the cell's load, "" while an environment of it is not known."""
        known = all(needed in self._identities for needed in cell.environments)
        return self._keys.of(load_of(cell)) if known else ""


def kind_of(step: Step) -> str:
    """Return what a step does: save, convert, load or show."""
    if isinstance(step, Load):
        return "load" if step.loader else "show"
    return "save" if isinstance(step, Save) else "convert"


def clear_file_caches() -> None:
    """Forget file hashes: for tests and long-lived processes that change files between runs."""
    for cached in (keys_module.host_hash, keys_module.case_hash, keys_module._file_hash):  # noqa: SLF001
        cached.cache_clear()

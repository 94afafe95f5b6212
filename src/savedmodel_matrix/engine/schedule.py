"""Keeping every core busy with steps; hosts start when there is work and end after it.

One slot per core. A slot holds a step or the start of a host, both of which keep one core busy;
installing is waiting for disk and network and takes none. Environments are worked off in order,
and the next is begun only where the one before has nothing for a free slot, so that few hosts
live at once. Within one, loads go before saves, and the longest saves go first, so that what is
left at the end is short. A load in another environment than the one that saved waits until all is
saved, so that no host is started twice.

Steps that are ``urgent`` go before all others, in every environment: their cells are known early,
whatever else the run has to do. The hosts that they start stay for the others, if there is memory.

A host that dies is started once more; a second death makes its steps not-run. A step that dies of
SIGKILL is run once more too: that signal comes from outside (memory that ran out, a person), or
from the step itself, which will then send it again. So is, with more time, a step whose time was up
while others kept it from a core: it says nothing of the case.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import re
import signal
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from savedmodel_matrix.engine import pressure
from savedmodel_matrix.engine.pressure import crowded_out, oom_kills, short_of_memory
from savedmodel_matrix.engine.processes import Ended, HostDied
from savedmodel_matrix.engine.waiting import Waiting
from savedmodel_matrix.environments.filling import EnvironmentBroken
from savedmodel_matrix.model.steps import HostKey, Load, Step
from savedmodel_matrix.model.verdict import Prevented, not_run
from savedmodel_matrix.store.leftovers import end_processes, remove

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.engine.executor import Executor, Host
    from savedmodel_matrix.host.protocol import Request

MOST_DEATHS = 2
PATIENCE = 4  # times the limit, for a step that did not get a core


class Work(Protocol):
    """What the schedule asks of the run."""

    def base(self, environment: str) -> str:
        """Return the environment that one lies over, itself if none: they share bytecode."""

    async def ready(self, environment: str) -> Mapping[str, str]:
        """Make sure that hosts can start in an environment; return what they must find there.

        Versions by distribution. Raises EnvironmentBroken.
        """

    async def started(self, environment: str) -> None:
        """Take in that a first host has started over a base; no step begins before this returns."""

    def request(self, step: Step) -> Request:
        """Return what the host is asked."""

    def done(self, step: Step, ended: Ended, mailbox: Path) -> Sequence[Step]:
        """Take in a step's end; return the steps that can run now because of it."""

    def cost(self, step: Step) -> float:
        """Return about how many seconds a step will take, compared with others."""

    def prevented(self, step: Step, verdict: Prevented) -> None:
        """Take in that a step could not run, because its host cannot."""


class Schedule:
    """Runs steps in hosts. Steps of an environment are added as soon as it is ready."""

    def __init__(
        self,
        work: Work,
        executor: Executor,
        directory: Path,
        *,
        jobs: int,
        urgent: Callable[[Step], bool] = lambda _: False,
    ) -> None:
        self._work, self._executor, self._urgent = work, executor, urgent
        self._directory, self._jobs = directory, jobs
        self._order: list[str] = []
        self._waiting: dict[HostKey, Waiting] = defaultdict(Waiting)
        self._hosts: dict[HostKey, Host] = {}
        self._starting: set[HostKey] = set()
        self._taken_in: dict[str, asyncio.Task[None]] = {}  # by base in which a host has started
        self._deaths: dict[HostKey, int] = defaultdict(int)
        self._busy: dict[HostKey, int] = defaultdict(int)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()
        self._more_to_come = 0
        self._unmade: set[Step] = set()  # saves and conversions that have not ended
        self._crossing: list[Load] = []  # loads that wait for them
        self._killed: set[Step] = set()
        self._patient: set[Step] = set()
        self._failure: BaseException | None = None  # a fault of the harness itself ends the run
        self.host_cpu = 0.0
        self.host_starts = 0
        self.host_seconds: dict[str, list[float]] = defaultdict(list)  # of each import, by kind

    def expect(self, environments: int) -> None:
        """Do not end before so many environments have been added or given up."""
        self._more_to_come = environments

    def add(self, environment: str, steps: Sequence[Step]) -> None:
        """Queue the steps of an environment that is ready (none, if it will not be)."""
        if environment not in self._order:
            self._order.append(environment)
        self._queue(steps)
        self._more_to_come -= 1
        self._changed.set()

    def _queue(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if not isinstance(step, Load):
                self._unmade.add(step)
            elif step.crosses and step.loader is not None and not self._urgent(step):
                self._crossing.append(step)
                continue
            self._wait(step, ahead=ends_a_cell(step))  # a save only begins some

    def _wait(self, step: Step, *, ahead: bool = False) -> None:
        self._waiting[step.host].put(step, urgent=self._urgent(step), ahead=ahead)

    def _let_cross(self) -> None:
        """Queue the loads that waited until there was nothing left to make."""
        if self._crossing and not self._unmade and not self._more_to_come:
            for step in self._crossing:
                self._wait(step)
            self._crossing.clear()

    async def run(self) -> None:
        """Run until nothing is left; on cancellation every process is ended first."""
        try:
            while (
                self._more_to_come or self._tasks or self._crossing or any(self._waiting.values())
            ):
                self._changed.clear()
                self._let_cross()
                while len(self._tasks) < self._jobs and (action := self._next()):
                    task = asyncio.create_task(action())
                    self._tasks.add(task)
                    task.add_done_callback(self._finished)
                self._retire()
                await self._changed.wait()
                if self._failure is not None:
                    raise self._failure
        finally:
            for task in (*self._tasks, *self._taken_in.values()):
                task.cancel()
            hosts = list(self._hosts.values())
            await asyncio.gather(*(host.close() for host in hosts), return_exceptions=True)
            left = (*self._tasks, *self._taken_in.values(), *self._closing)
            await asyncio.gather(*left, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()
        if not task.cancelled() and task.exception() is not None:
            self.fail(task.exception())

    def fail(self, error: BaseException | None) -> None:
        """End the run with this error: the harness itself is at fault."""
        self._failure = self._failure or error
        self._changed.set()

    def _next(self) -> Callable[[], Coroutine[None, None, None]] | None:
        for urgent, environment in itertools.product((True, False), self._order):
            waiting = {
                key: step
                for key, queue in self._waiting.items()
                if key.environment == environment and (step := queue.next(urgent=urgent))
            }
            if host := self._host_to_start(environment, waiting):
                self._starting.add(host)
                return functools.partial(self._start, host)
            for key in sorted(waiting, key=lambda key: self._eagerness(waiting[key])):
                if key in self._hosts and key not in self._starting and self._may_step(environment):
                    self._busy[key] += 1
                    step = self._waiting[key].take(urgent=urgent)
                    return functools.partial(self._run_step, key, step)
        return None

    def _host_to_start(self, environment: str, keys: Iterable[HostKey]) -> HostKey | None:
        """Return a host that is missing; one at a time, since the first writes the bytecode.

        It writes it for all that share it: until it has, no other host starts over the same base.
        """
        base = self._work.base(environment)
        if any(
            key.environment == environment
            or (base not in self._taken_in and self._work.base(key.environment) == base)
            for key in self._starting
        ):
            return None
        missing = [key for key in keys if key not in self._hosts]
        return max(missing, key=lambda key: len(self._waiting[key]), default=None)

    def _eagerness(self, step: Step) -> tuple[bool, float]:
        return (not ends_a_cell(step), -self._work.cost(step))

    async def _start(self, key: HostKey) -> None:
        host = self._executor.host(key, self._directory / f"host-{next(self._numbers)}")
        try:
            self._hosts[key] = host
            await host.start(await self._work.ready(key.environment))
            self._take_in(key.environment)
            self.host_cpu += host.start_cpu
            self.host_starts += 1
            self.host_seconds[key.kind].append(host.start_seconds)
        except EnvironmentBroken as error:
            del self._hosts[key]
            for other in [k for k in self._waiting if k.environment == key.environment]:
                self._give_up(other, not_run("environment", error.reason, str(error)))
        except (HostDied, OSError) as error:
            del self._hosts[key]
            await host.close()
            self._bury(key, str(error))
        finally:
            self._starting.discard(key)

    def _take_in(self, environment: str) -> None:
        """Have the first start over a base taken in: steps wait for it, but no core does."""
        base = self._work.base(environment)
        if base not in self._taken_in:
            self._taken_in[base] = asyncio.create_task(self._work.started(environment))
            self._taken_in[base].add_done_callback(self._finished)

    def _may_step(self, environment: str) -> bool:
        taken_in = self._taken_in.get(self._work.base(environment))
        return taken_in is None or taken_in.done()

    def _bury(self, key: HostKey, words: str) -> None:
        self._deaths[key] += 1
        if self._deaths[key] >= MOST_DEATHS:
            self._give_up(key, no_host(key.environment, words))

    def _give_up(self, key: HostKey, verdict: Prevented) -> None:
        for step in self._waiting.pop(key, ()):
            self._unmade.discard(step)
            self._work.prevented(step, verdict)

    async def _run_step(self, key: HostKey, step: Step) -> None:
        host = self._hosts[key]
        mailbox = self._directory / f"step-{next(self._numbers)}"
        starved, waited = oom_kills(), pressure.waited()
        try:
            ended = await host.run(self._request(step), mailbox)
        except HostDied as error:
            if self._hosts.get(key) is host:
                del self._hosts[key]
                self._bury(key, str(error))
                await host.close()
                end_processes(host.home)  # its steps died with it, what they had started did not
            if self._deaths[key] >= MOST_DEATHS:
                self._unmade.discard(step)
                self._work.prevented(step, no_host(key.environment, str(error)))
            else:
                self._wait(step)
        else:
            if _killed(ended) and step not in self._killed:
                self._killed.add(step)
                self._wait(step)
            elif step not in self._patient and crowded_out(ended, waited, pressure.waited()):
                self._patient.add(step)
                self._wait(step)
            else:
                if _killed(ended):
                    ended = replace(ended, starved=oom_kills() > starved)
                self._unmade.discard(step)
                self._queue(self._work.done(step, ended, mailbox))
        finally:
            self._busy[key] -= 1
            remove(mailbox)

    def _request(self, step: Step) -> Request:
        request = self._work.request(step)
        if step in self._patient:
            limits = replace(request.limits, seconds=request.limits.seconds * PATIENCE)
            return replace(request, limits=limits)
        return request

    def _retire(self) -> None:
        """End hosts that no step can need any more, and where memory is short, those that wait."""
        pending = {
            key: bool(queue or self._busy[key] or key in self._starting)
            for key, queue in list(self._waiting.items())
        }
        at_work = {key.environment for key, is_pending in pending.items() if is_pending}
        early = self._too_early() if len(self._hosts) > self._jobs else set()
        for key, host in list(self._hosts.items()):
            # Only saves run with settings, and all of an environment's are there from the start.
            done = key.settings and not self._more_to_come and not pending[key]
            if (key.environment not in at_work or done or key in early) and not (
                self._busy[key] or key in self._starting
            ):
                del self._hosts[key]
                task = asyncio.create_task(host.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def _too_early(self) -> set[HostKey]:
        """Return the hosts that wait for their turn, if memory is short: they start again then."""
        if not short_of_memory():
            return set()
        left = {key.environment for key, queue in self._waiting.items() if queue}
        turn = next((name for name in self._order if name in left), "")
        urgent = {key for key, queue in self._waiting.items() if queue.has(urgent=True)}
        return {key for key in self._hosts if key.environment != turn and key not in urgent}

    async def closed(self) -> None:
        """Wait until hosts that were ended are gone."""
        await asyncio.gather(*self._closing, return_exceptions=True)


def ends_a_cell(step: Step) -> bool:
    """Say whether a cell comes out when the step ends, whatever its verdict."""
    return isinstance(step, Load) and step.loader is not None


_BARE = re.compile(r"[\w.]+:?")  # an exception without a message


def no_host(environment: str, words: str) -> Prevented:
    """Return the verdict on a step whose host cannot be had; ``words`` are the host's last."""
    told = [line for line in words.splitlines() if any(map(str.isalnum, line))]
    *ahead, last = told or ["it said nothing"]
    last = last.strip()
    if _BARE.fullmatch(last):  # then the statement that raised it says more
        code = next((line.strip() for line in reversed(ahead) if line.startswith("    ")), "")
        last = f"{last.rstrip(':')} at `{code}`" if code else last
    return not_run("environment", f"no host could be had in {environment}: {last}", words)


def _killed(ended: Ended) -> bool:
    return ended.signal == signal.SIGKILL and not ended.timed_out

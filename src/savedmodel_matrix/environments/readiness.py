"""Which environments of a run can be used: known whole, filled when missing, or given up.

An environment that is given up stays so for the run, and its cells are not-run with the reason.
One in which what a case requires cannot be had is given up too, but that is an answer: its cells
are not-applicable.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING

from savedmodel_matrix.environments.bytecode import SHARED, SharedBytecode
from savedmodel_matrix.environments.filling import (
    EnvironmentBroken,
    NotResolvable,
    fill,
    is_resolved,
    look,
    mend,
)
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.model.verdict import not_applicable, not_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from savedmodel_matrix.environments.filling import Identity
    from savedmodel_matrix.model.verdict import Verdict
    from savedmodel_matrix.workspace.project import Project


AHEAD = 2  # environments that get their bytecode while hosts of others are at work


class Readiness:
    """The environments of one run; ``say`` tells a person what is being done, a line at a time."""

    def __init__(self, project: Project, logs: Path, say: Callable[[str], None]) -> None:
        self._project, self._logs, self._say = project, logs, say
        self.identities: dict[str, Identity] = {}
        self.broken: dict[str, Verdict] = {}
        self._checked: set[str] = set()  # those in which every file is whole
        # Several that are over one environment would mend it at once.
        self._checking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._giving: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._new: dict[Path, None] = {}  # venvs that were filled and have no bytecode yet
        self._cold: set[Path] = set()  # those in which nothing was imported before
        self._early: set[asyncio.Task[None]] = set()
        self._shared: dict[Path, SharedBytecode] = {}

    def look(self, names: Iterable[str]) -> list[str]:
        """Return the environments that have to be filled; the others are identified or broken."""
        absent = []
        for name in names:
            try:
                filled = look(self._project.environments[name])
            except EnvironmentBroken as error:
                self._give_up(name, error)
                continue
            if filled is None:
                absent.append(name)
            else:
                self.identities[name] = filled.identity
        return absent

    async def fill(self, name: str) -> None:
        """Fill an environment: then it is identified or broken."""
        environment = self._project.environments[name]
        try:
            if environment.on_demand and not is_resolved(environment):
                wanted = " and ".join(environment.requires)
                self._say(f"resolving {wanted} over {environment.over}: no lock is kept of it")
            self._say(f"installing {name} ({environment.contents})")
            filled = await fill(environment, find_uv(), self._log(name))
        except EnvironmentBroken as error:
            self._give_up(name, error)
            return
        self.identities[name] = filled.identity
        self._checked.add(name)
        self._new[self._bytecode(name)[0]] = None
        self._say(f"installed {name} in {filled.seconds:.0f} s")

    async def check(self, name: str) -> None:
        """Make sure that every file of an environment is whole, before its first host starts.

        One over another environment needs that one whole too. One without bytecode gets what
        others have of it. Raises EnvironmentBroken, each time it is asked.
        """
        async with self._checking[name]:
            await self._check(name)
        await self._give(*self._bytecode(name))

    async def started(self, name: str) -> None:
        """Keep for others what the first import in an environment compiled.

        To be called when a host has started, before any step runs there. Those that come next are
        given theirs meanwhile.
        """
        venv, shared = self._bytecode(name)
        if venv not in self._cold:
            return
        self._cold.discard(venv)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(shared.keep, venv)
        for other in list(self._new)[:AHEAD]:
            task = asyncio.create_task(self._give(other, shared))
            self._early.add(task)
            task.add_done_callback(self._early.discard)

    async def _give(self, venv: Path, shared: SharedBytecode) -> None:
        self._new.pop(venv, None)
        async with self._giving[venv]:
            with contextlib.suppress(OSError):  # then the import compiles
                if await asyncio.to_thread(shared.fill, venv):
                    self._cold.add(venv)

    def _bytecode(self, name: str) -> tuple[Path, SharedBytecode]:
        venv = self._project.environments[name].executable.parent.parent
        place = venv.parent / SHARED
        return venv, self._shared.setdefault(place, SharedBytecode(place))

    async def _check(self, name: str) -> None:
        if name in self._checked:
            return
        if name in self.broken:
            raise EnvironmentBroken(self.broken[name].record["reason"])
        environment = self._project.environments[name]
        try:
            if environment.base:
                await self.check(environment.base.name)
            damaged = await mend(environment, find_uv, self._log(name))
            filled = look(environment)
            if filled is None or filled.identity != self.identities.get(name, filled.identity):
                said = f"The environment {name} changed while this run was at work: run it again."
                raise EnvironmentBroken(said, damaged)  # noqa: TRY301 - one end for all of them
        except EnvironmentBroken as error:
            self._give_up(name, error)
            raise
        if damaged:
            self._say(f"{name} was damaged ({damaged}), so it was installed again")
        self._checked.add(name)

    def _log(self, name: str) -> Path:
        return self._logs / f"install-{name}.log"

    def _give_up(self, name: str, error: EnvironmentBroken) -> None:
        if isinstance(error, NotResolvable):
            self.broken[name] = not_applicable(error.reason, error.last_words)
            self._say(f"{name}: {error.reason}")
            return
        words = error.last_words.strip().splitlines()
        said = f"{error.reason} {words[-1].strip()}" if words else error.reason
        self.broken[name] = not_run("environment", said, str(error))
        self._say(f"{name}: {said}")

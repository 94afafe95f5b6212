"""What a worker of a cluster does with an order, whichever engine brought it.

A machine has one directory of ours: `projects/` as they came, `environments/` by their locks,
`runs/` under way, `hosts/` that wait. Environments are installed there once and shared by all
workers of the machine; hosts stay warm for as long as the worker's process lives. An order whose
worker died goes on from its records if it comes back to the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix import __version__
from savedmodel_matrix.engine.cluster import CODE, Order
from savedmodel_matrix.engine.executor import Local
from savedmodel_matrix.engine.planning import with_overlays
from savedmodel_matrix.engine.run import Options, Run
from savedmodel_matrix.engine.warm import WarmHosts
from savedmodel_matrix.model.cell import Cell
from savedmodel_matrix.model.code import code_hash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.leftovers import end_processes, remove
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.packing import pack_run
from savedmodel_matrix.store.run_directory import RunDirectory
from savedmodel_matrix.workspace.catalogue import (
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
)
from savedmodel_matrix.workspace.parcel import unpack_project

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.workspace.parcel import Unpacked

ENVIRONMENTS = "SAVEDMODEL_MATRIX_ENVIRONMENTS"  # a directory in which they may be already
OLD = 7 * 24 * 3600.0  # seconds after which a run that nobody came back for is removed
POLL = 0.2  # seconds between two looks at whether an order is still wanted
TELL = 1.0  # seconds between two words on how far it is


class Unwanted(Exception):
    """Nobody waits for what an order makes any more."""


def refusal(order: Mapping[str, Any]) -> str:
    """Return why this worker's package can do nothing for an order, "" where it can."""
    if order.get("version") != __version__:
        return (
            f"has savedmodel-matrix {__version__}, and the run has {order.get('version')}: install "
            "the same version on every worker."
        )
    if order.get("code") != code_hash(*CODE):
        return (
            f"has savedmodel-matrix {__version__} with other code than the run: install it on "
            "every worker from the same wheel or commit."
        )
    return ""


class Bench:
    """A worker's place on its machine, and the hosts that it keeps; one for each process."""

    def __init__(self, directory: Path) -> None:
        """Take a directory of ours. Raises UserError if it is somebody else's, OSError."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if directory.is_symlink() or directory.stat().st_uid != os.getuid():
            raise UserError(
                f"{directory} is not this worker's own: give it another --local-directory."
            )
        self._directory = directory
        self._lock, home = _own_place(directory / "hosts")
        self._hosts = WarmHosts(home)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hosts", daemon=True)
        self._thread.start()
        _remove_old(directory / "runs")

    def close(self) -> None:
        """End the hosts that wait. A process that ends without this ends them too."""
        asyncio.run_coroutine_threadsafe(self._hosts.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._lock.close()

    def work(
        self,
        order: Order,
        parcel: bytes,
        *,
        wanted: Callable[[], bool],
        told: Callable[[dict[str, Any]], None],
    ) -> bytes:
        """Run an order's cells and return the packed run directory.

        Raises Unwanted as soon as ``wanted`` says no. ``told`` learns of progress.
        """
        unpacked = unpack_project(
            parcel, self._directory / "projects" / order.files, self._place_of
        )
        with _run_directory(self._directory / "runs", order.name) as directory:
            self._follow(self._run(order, unpacked, directory, told), wanted)
            content = pack_run(directory)
            remove(directory.place)  # the lock's file goes with it: nobody comes back for this
        return content

    def _follow(self, run: Coroutine[Any, Any, None], wanted: Callable[[], bool]) -> None:
        """Wait for a run; where nobody wants it, end it and all of its processes.

        Raises what it raises, or Unwanted.
        """

        async def begun() -> asyncio.Task[None]:
            return asyncio.create_task(run)

        async def ended() -> None:
            await asyncio.wait([task])

        task = asyncio.run_coroutine_threadsafe(begun(), self._loop).result()
        while not task.done():
            if not wanted():
                self._loop.call_soon_threadsafe(task.cancel)
                asyncio.run_coroutine_threadsafe(ended(), self._loop).result()
                raise Unwanted
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(ended(), self._loop).result(POLL)
        task.result()

    def _place_of(self, environment: Environment) -> Path:
        """Return where an environment is: by its lock and patches, which two projects may share."""
        if stated := os.environ.get(ENVIRONMENTS):
            return Path(stated).absolute() / environment.name
        files = [one for one in (environment.lock, *environment.patches) if one.is_file()]
        digest = hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:16]
        return self._directory / "environments" / digest / environment.name

    async def _run(
        self,
        order: Order,
        unpacked: Unpacked,
        directory: RunDirectory,
        told: Callable[[dict[str, Any]], None],
    ) -> None:
        project = unpacked.project
        loaders = find_loaders(project.plugins.loaders)
        cells = _cells(order, unpacked, {one.name: one for one in loaders})
        environments = with_overlays(project, cells).environments
        local = Local(loaders, environments, forking=order.forking)
        limits = Limits(seconds=order.seconds, memory=order.memory)
        store = Store(directory)
        store.open()
        try:
            run = Run(
                project,
                cells,
                loaders,
                store,
                _Telling(told),
                Options(jobs=order.jobs, limits=limits, forking=order.forking),
                executor=self._hosts.executor(local, order.files),
            )
            await run.run()
            run.read()
        finally:
            store.close()
        made = run.describe()
        (directory.place / "run.json").write_text(json.dumps(made))
        (directory.place / "matrix.csv").write_bytes(csv_bytes(from_cells(run.cells.values())))


def _cells(order: Order, unpacked: Unpacked, loaders: Mapping[str, Any]) -> list[Cell]:
    """Return the cells of an order, of this machine's files."""
    plugins = unpacked.project.plugins
    cases = {one.name: one for one in find_cases(unpacked.cases)}
    remedies = {one.name: one for one in find_remedies(plugins.remedies)}
    converters = {one.name: one for one in find_converters(plugins.converters)}
    return [
        Cell(
            cases[case],
            remedies[remedy],
            producer,
            loaders[loader],
            consumer,
            converters[converter] if converter else None,
            converts_in,
        )
        for case, remedy, producer, loader, consumer, converter, converts_in in order.cells
    ]


@contextlib.contextmanager
def _run_directory(runs: Path, name: str) -> Iterator[RunDirectory]:
    """Yield a run directory that nobody else has: that of the same order before, if it is free.

    A worker that was given up as lost may still be at it.
    """
    for number in range(100):
        directory = RunDirectory(runs / f"{name}.{number}")
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(directory.locked())
            except UserError:
                if number < 99:
                    continue
                raise
            yield directory
            return


def _own_place(hosts: Path) -> tuple[Any, Path]:
    """Return a lock that this process holds until it ends, and a directory that goes with it.

    Those of processes that are gone are removed, with what still runs there.
    """
    import fcntl  # noqa: PLC0415 - not on Windows, where a worker of ours is not started

    hosts.mkdir(exist_ok=True)
    for file in hosts.glob("*.lock"):
        with contextlib.suppress(OSError), file.open("ab") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end_processes(file.with_suffix(""))
            remove(file.with_suffix(""))
            file.unlink()
    place = hosts / f"{os.getpid()}-{time.time_ns()}"
    held = place.with_name(f"{place.name}.lock").open("ab")
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    place.mkdir()
    return held, place


def _remove_old(runs: Path) -> None:
    runs.mkdir(exist_ok=True)
    for place in runs.iterdir():
        with contextlib.suppress(OSError, UserError):
            if time.time() - place.stat().st_mtime > OLD:
                with RunDirectory(place).locked():
                    remove(place)


class _Telling:
    """The listener of a worker's run: passes on sentences, and a count now and then."""

    def __init__(self, told: Callable[[dict[str, Any]], None]) -> None:
        self._told = told
        self._done = self._failed = 0
        self._last = 0.0

    def say(self, line: str) -> None:
        self._told({"said": line})

    def known(self, cells: int) -> None:
        self._done += cells

    def expect(self, seconds: float) -> None:
        """Do nothing: the run at home knows."""

    def first(self, cells: Sequence[Mapping[str, Any]]) -> None:
        """Do nothing: the run at home shows them."""

    def cell(self, status: str, doing: str, seconds: float) -> None:  # noqa: ARG002 - a listener's
        self._done += 1
        self._failed += status in ("fail", "crash", "timeout")
        if time.monotonic() - self._last >= TELL:
            self._last = time.monotonic()
            self._told({"done": self._done, "failed": self._failed, "doing": doing})

"""Dask as the engine of a cluster: an order is a task, and its scheduler does the rest.

It gives a task to a worker that is free, to another one where that dies, and to workers that join
late; an adaptive cluster grows with the tasks that wait. Only here `distributed` is imported, and
only functions of Dask's or of the standard library go through the scheduler, so that it needs
nothing of ours. https://distributed.dask.org/en/stable/
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from savedmodel_matrix.engine import leaving
from savedmodel_matrix.engine.cluster import Delivery, Order, Progress
from savedmodel_matrix.engine.slicing import SHORTEST
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from distributed import Client, Future, WorkerPlugin

    from savedmodel_matrix.engine.worker import Bench
    from savedmodel_matrix.workspace.parcel import Parcel

CONNECTING = 10.0  # seconds within which the scheduler has to answer
LOOK = 5.0  # seconds between two looks at whether there are workers
SAY, GIVE_UP = 10.0, 900.0  # seconds without a worker until that is said, and until the run ends
LEAVING = 10.0  # seconds that the scheduler gets to cancel tasks when a run is interrupted


class DaskCluster:
    """A Dask scheduler, by its address. ``say`` tells a person what is waited for."""

    def __init__(self, address: str, say: Callable[[str], None]) -> None:
        self._address, self._say = address, say
        self._connected: Client | None = None
        self._futures: dict[Future, int] = {}  # those that have not ended
        self._files = ""  # the plugin that has them on the workers

    async def __aenter__(self) -> Self:
        """Connect to the scheduler. Raises UserError if it does not answer."""
        from distributed import Client  # noqa: PLC0415 - the extra `dask`

        for name in ("distributed", "distributed.client"):  # what matters is said in a sentence
            logging.getLogger(name).setLevel(logging.CRITICAL)

        try:
            self._connected = Client(
                self._address, asynchronous=True, timeout=CONNECTING, name="savedmodel-matrix"
            )
            await self._connected
            await self._check_pythons()
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            await self.__aexit__()
            said = str(error).strip().splitlines() or [type(error).__name__]
            raise UserError(
                f"No Dask scheduler answers at {self._address} ({said[0].rstrip('.')}): start one "
                "with `dask scheduler`, and give the address that it prints with --dask."
            ) from error
        except BaseException:  # interrupted, or refused
            await self.__aexit__()
            raise
        return self

    async def _check_pythons(self) -> None:
        """Raise UserError where a worker has another Python: a task is pickled for one."""
        ours = ".".join(map(str, sys.version_info[:2]))
        # A function by its name, so that any Python can read it. Dask's own get_versions() has the
        # scheduler and then the workers import pandas, for more than a second.
        versions: dict[str, str] = await self._client.run(platform.python_version)
        for address, version in versions.items():
            theirs = ".".join(version.split(".")[:2])
            if theirs != ours:
                raise UserError(
                    f"The worker {address} has Python {theirs}, and this is {ours}: start workers "
                    f"with Python {ours}, or this command with {theirs}."
                )

    async def __aexit__(self, *_: object) -> None:
        """Cancel the tasks that have not ended, and disconnect."""
        with contextlib.suppress(Exception):  # the scheduler may be gone, and the run ends anyway
            async with asyncio.timeout(LEAVING):
                if self._futures:
                    await self._client.cancel(list(self._futures), force=True)
                if self._files:
                    await self._client.unregister_worker_plugin(self._files)
                await self._client.close()

    @property
    def _client(self) -> Client:
        if self._connected is None:
            raise ValueError("the cluster is not connected")
        return self._connected

    async def cores(self) -> int:
        """Return how many tasks run at once on the workers that are there."""
        threads: dict[str, int] = await self._client.nthreads()
        return sum(threads.values())

    async def run(
        self, orders: Sequence[Order], parcel: Parcel, told: Callable[[Progress], None]
    ) -> AsyncIterator[Delivery]:
        """Run the orders and yield what each made, as they end. Raises UserError."""
        from distributed import as_completed  # noqa: PLC0415 - the extra `dask`

        client, topic = self._client, orders[0].topic
        if orders[0].storage:
            await asyncio.to_thread(leaving.check, orders[0].storage)

        def heard(event: tuple[float, Mapping[str, Any]]) -> None:
            told(Progress(**event[1]))

        client.subscribe_topic(topic, heard)
        self._files = topic
        # Not an argument of each task, of which the scheduler would keep as many copies, nor a
        # task that they depend on, since they would stay with the worker that has its result.
        await client.register_plugin(_files(parcel.content), name=topic)
        await client.run_on_scheduler(_expectation(), SHORTEST)
        for order in orders:
            key = (topic, order.number)
            future = client.submit(
                _task(), order.as_data(), key=key, pure=False, priority=-order.number
            )
            self._futures[future] = order.number
        watching = asyncio.create_task(self._watch())
        try:
            ended = as_completed(list(self._futures))
            while self._futures:
                next_one = asyncio.ensure_future(anext(ended))
                await asyncio.wait({next_one, watching}, return_when=asyncio.FIRST_COMPLETED)
                if not next_one.done():
                    next_one.cancel()
                    watching.result()  # raises
                future = next_one.result()
                number = self._futures[future]
                delivery = await self._delivery(number, future)
                del self._futures[future]
                yield delivery
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError, UserError):
                await watching

    async def _delivery(self, number: int, future: Future) -> Delivery:
        """Return what a task has ended with. Raises UserError if the scheduler was lost."""
        try:
            made = await future
        except Exception as error:
            if future.status == "cancelled" or self._client.status != "running":
                raise UserError(
                    f"The Dask scheduler at {self._address} was lost. What was finished is kept; "
                    "the same command goes on from there."
                ) from error
            return _undelivered(number, error)
        if "refused" in made:
            return Delivery(number, failure=f"The worker {made['refused']}", refused=True)
        if "failed" in made:
            return Delivery(number, failure=made["failed"])
        if "address" in made:
            return Delivery(number, await asyncio.to_thread(leaving.fetch, made["address"]))
        return Delivery(number, made["content"])

    async def _watch(self) -> None:
        """Say when there is no worker. Raises UserError when there was none for a while."""
        since, said = time.monotonic(), False
        while True:
            await asyncio.sleep(LOOK)
            with contextlib.suppress(OSError):  # a scheduler that is lost shows in its tasks
                if await self.cores():
                    since, said = time.monotonic(), False
                    continue
            waited = time.monotonic() - since
            if waited >= SAY and not said:
                said = True
                self._say(
                    f"Waiting for workers: {self._address} has none. Start one, anywhere, with "
                    f"`dask worker {self._address} --nthreads 1`."
                )
            if waited >= GIVE_UP:
                raise UserError(
                    f"{self._address} had no worker for {GIVE_UP / 60:.0f} minutes: start some "
                    f"with `dask worker {self._address}`. What was finished is kept; the same "
                    "command goes on from there."
                )


def _undelivered(number: int, error: Exception) -> Delivery:
    """Return what a task's error means: for its cells, or for the whole run."""
    if isinstance(error, ModuleNotFoundError):
        said = (
            f"A worker has not all of savedmodel-matrix, or not this version ({error}): install "
            '"savedmodel-matrix[dask]" where it runs, the same as here.'
        )
        return Delivery(number, failure=said, refused=True)
    if type(error).__name__ == "KilledWorker":
        return Delivery(number, failure="every worker died that was given these cells")
    words = str(error).strip().splitlines()
    return Delivery(number, failure=f"a worker failed: {words[0] if words else type(error)}")


def _files(parcel: bytes) -> WorkerPlugin:
    """Return a plugin that brings the project's files to every worker, also to one that joins late.

    As with a task, what is local is pickled with its code.
    """
    from distributed import WorkerPlugin  # noqa: PLC0415 - the extra `dask`

    class SavedmodelMatrixFiles(WorkerPlugin):  # type: ignore[misc]
        content = parcel

    return SavedmodelMatrixFiles()


def _expectation() -> Callable[[float], None]:
    """Return a function that tells the scheduler how long a task takes at least, in seconds.

    An adaptive cluster grows by that. Until a first task has ended Dask assumes half a second, so
    that twenty tasks of a minute would begin on two workers. As with a task, it is local, and
    pickled with its code.
    """

    def savedmodel_matrix_takes(seconds: float) -> None:
        import dask  # noqa: PLC0415 - on the scheduler

        name = "distributed.scheduler.default-task-durations"
        dask.config.set({name: {**dask.config.get(name), "savedmodel-matrix": f"{seconds}s"}})

    return savedmodel_matrix_takes


def _task() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return the function of a task: one that is pickled with its code, since it is local.

    So the scheduler, which reads every task, needs nothing of ours.
    """

    def savedmodel_matrix_cells(order: dict[str, Any]) -> dict[str, Any]:
        from savedmodel_matrix.engine.dask_cluster import work  # noqa: PLC0415 - on the worker

        return work(order)

    return savedmodel_matrix_cells


_bench: list[Bench] = []
_making = threading.Lock()


def work(order: dict[str, Any]) -> dict[str, Any]:
    """Run an order on the Dask worker that calls this; return what it made, as plain data."""
    from distributed import Reschedule, get_worker  # noqa: PLC0415 - the extra `dask`

    from savedmodel_matrix.engine import worker as working  # noqa: PLC0415 - on a worker only

    worker = get_worker()
    if said := working.refusal(order) or leaving.refusal(order["storage"]):
        return {"refused": f"{worker.address} {said}"}
    asked, key = Order(**order), (order["topic"], order["number"])

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state not in ("cancelled", "released", "forgotten")

    def told(progress: dict[str, Any]) -> None:
        about = {"number": asked.number, "worker": str(worker.name)}
        worker.log_event(asked.topic, about | progress)

    try:
        with _making:
            if not _bench:
                # .../dask-scratch-space/worker-xyz goes when the worker does; what it is in stays.
                place = Path(worker.local_directory).parents[1]
                _bench.append(working.Bench(place / "savedmodel-matrix-worker"))
        parcel: bytes = worker.plugins[asked.topic].content
        content = _bench[0].work(asked, parcel, wanted=wanted, told=told)
        if asked.storage:
            return {"address": leaving.leave(asked.storage, f"{asked.name}.tar", content)}
    except working.Unwanted:
        raise Reschedule from None  # nobody listens
    except (UserError, OSError) as error:
        return {"failed": f"{worker.address}: {error}"}
    return {"content": content}

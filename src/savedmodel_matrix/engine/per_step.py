"""What the loads of a run would take with a process for each, measured on a few of them.

The few are run again, each in a process of its own, as many at a time as the run had: what an
engine saves has to be measured on the same loads, on the same machine, in the same hour.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import TYPE_CHECKING

from savedmodel_matrix.engine.processes import HostDied
from savedmodel_matrix.store.leftovers import remove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from savedmodel_matrix.engine.executor import Executor
    from savedmodel_matrix.host.protocol import Request
    from savedmodel_matrix.model.steps import Load

EACH = 6  # loads of each loader


def chosen(loads: Iterable[Load], each: int = EACH) -> list[Load]:
    """Return a few loads of each loader, drawn at random, the same ones for the same loads."""
    by_loader: dict[str, list[Load]] = defaultdict(list)
    for load in loads:
        if load.loader is not None:
            by_loader[load.loader.name].append(load)
    lot = random.Random(0)  # noqa: S311 - a sample, no secret
    return [
        load
        for _, known in sorted(by_loader.items())
        for load in lot.sample(known, min(each, len(known)))
    ]


async def seconds_alone(
    loads: Iterable[Load],
    request: Callable[[Load], Request],
    executor: Executor,
    directory: Path,
    jobs: int,
) -> dict[str, list[float]]:
    """Run each load in a host of its own; return their seconds of wall clock by loader.

    ``executor`` makes hosts that take a process for each step. What was found is not looked at. A
    load that cannot be run is left out.
    """
    found: dict[str, list[float]] = defaultdict(list)
    free = asyncio.Semaphore(jobs)

    async def alone(number: int, load: Load) -> None:
        home = directory / f"alone-{number}"
        async with free:
            host = executor.host(load.host, home)
            await host.start({})
            try:
                ended = await host.run(request(load), home / "step")
            except (HostDied, OSError):
                return
            finally:
                await host.close()
                remove(home)
        if load.loader is not None:
            found[load.loader.name].append(ended.received - ended.sent)

    await asyncio.gather(*(alone(number, load) for number, load in enumerate(loads)))
    return dict(found)

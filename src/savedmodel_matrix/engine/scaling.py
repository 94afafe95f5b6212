"""How long a matrix takes on so many machines: a schedule worked out, nothing run.

A machine does what a run does: it fills its environments one after the other, and its cores take
the longest step whose environment is there; the loads of a save follow it.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.cell import save_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from savedmodel_matrix.engine.sharding import Part, Plan
    from savedmodel_matrix.model.steps import Save


@dataclass(frozen=True)
class Machine:
    """What a machine is and what it costs to begin, in seconds."""

    cores: int = 2
    begins: float = 0.0  # until the run starts: a job that is queued, a checkout
    fills: float = 0.0  # an environment that has to be fetched and installed
    imports: float = 0.0  # of a core, for each environment: hosts that import TensorFlow


@dataclass(frozen=True)
class Step:
    """A save and what it brings: seconds of each, and the environments that have to be there."""

    save: float
    loads: tuple[float, ...]
    environments: Collection[str]


def machine_seconds(steps: Iterable[Step], machine: Machine) -> float:
    """Return when one machine has done all of these steps, 0.0 if there are none."""
    steps = list(steps)
    if not steps:
        return 0.0
    ready: dict[str, float] = {}
    for step in steps:  # in the order in which they are needed
        for name in sorted(set(step.environments) - ready.keys()):
            ready[name] = machine.begins + (len(ready) + 1) * machine.fills
    first = -math.inf  # before any save, of which the longest goes first
    ahead: list[tuple[float, float, float, tuple[float, ...]]] = [
        (when, first, machine.imports, ()) for when in ready.values()
    ]
    ahead += [
        (imported, -step.save, step.save, step.loads)
        for step in steps
        for imported in [max(ready[name] for name in step.environments) + machine.imports]
    ]
    heapq.heapify(ahead)
    cores = [machine.begins] * machine.cores
    able: list[tuple[float, float, tuple[float, ...]]] = []
    now = machine.begins
    while ahead or able:
        now = max(now, heapq.heappop(cores))  # a core that was idle until now had nothing to do
        if not able:
            now = max(now, ahead[0][0])
        while ahead and ahead[0][0] <= now:
            heapq.heappush(able, heapq.heappop(ahead)[1:])
        _, seconds, follow = heapq.heappop(able)
        heapq.heappush(cores, now + seconds)
        for load in follow:
            heapq.heappush(ahead, (now + seconds, first, load, ()))
    return max(cores)


def schedule(
    plan: Plan,
    machine: Machine,
    saving: Callable[[Save], float],
    loading: Callable[[Save, int], float],
) -> list[float]:
    """Return when each part of a plan is done, by the seconds of a save and of one of its loads."""

    def steps(part: Part) -> Iterable[Step]:
        for unit in part.units:
            save, number = save_of(unit.cells[0]), len(unit.cells)
            loads = (loading(save, number),) * number
            yield Step(saving(save), loads, unit.environments)

    return [machine_seconds(steps(part), machine) for part in plan.parts]

"""What the kernel says of a machine under pressure: too little memory, too few cores (Linux).

https://docs.kernel.org/accounting/psi.html
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from savedmodel_matrix.engine.processes import Ended

CROWDED = 0.4  # of the time somebody waited for a core; two steps on two cores make it 0.1
LITTLE = 2 << 30  # bytes of memory: what two environments at work take
IDLE, BUSY = 0.05, 0.8  # a step's CPU time by its wall time: below it sleeps, above it had a core


def oom_kills() -> int:
    """Return how many processes the kernel has ended for want of memory since it started.

    Two SIGKILLs of one step say nothing of the case if the kernel was at it meanwhile.
    """
    try:
        counters = Path("/proc/vmstat").read_text().split()
        return int(counters[counters.index("oom_kill") + 1])
    except (OSError, ValueError, LookupError):
        return 0


def waited() -> float | None:
    """Return for how many seconds somebody has waited for a core, None where that is unknown."""
    try:
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
        return int(some.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError, LookupError):
        return None


def short_of_memory() -> bool:
    """Say whether little memory is left for new processes; no where that is unknown."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        return int(available) * 1024 < LITTLE
    except (OSError, ValueError, LookupError, StopIteration):
        return False


def gives_way() -> bool:
    """Say whether other processes take precedence over this one: whether it was made nice."""
    return os.nice(0) > 0


def crowded_out(ended: Ended, before: float | None, after: float | None) -> bool:
    """Whether a step whose time was up had been at work without getting a core of its own.

    ``before`` and ``after`` are `waited` at its start and end; where they are unknown, what CPU
    time the step got has to tell. A step that inherits a nice value gets next to nothing beside
    others, which looks like sleep: there no share is too small.
    """
    wall = ended.received - ended.sent
    least = 0.0 if gives_way() else IDLE
    if not ended.timed_out or wall <= 0 or not least <= ended.cpu / wall <= BUSY:
        return False
    return before is None or after is None or (after - before) / wall >= CROWDED

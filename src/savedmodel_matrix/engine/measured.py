"""What a run cost: its wall clock, its imports, and every step."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StepCost:
    """What one step cost, in seconds; ``inside`` is first to last instruction, 0.0 if unknown.

    ``host`` is the kind of its host: what has to be imported before it can begin.
    """

    case: str
    kind: str  # save, convert, load or show
    host: str
    wall: float
    inside: float
    cpu: float
    loader: str = ""  # of a load


@dataclass
class Measured:
    """What the run cost: seconds of wall clock, of CPU in host starts, and each step."""

    wall: float = 0.0
    host_cpu: float = 0.0
    host_starts: int = 0
    host_seconds: dict[str, list[float]] = field(default_factory=dict)  # of each import, by host
    steps: list[StepCost] = field(default_factory=list)
    alone: dict[str, list[float]] = field(default_factory=dict)  # of a few loads, by loader

    @property
    def cpu(self) -> float:
        """CPU seconds of all children and host starts."""
        return self.host_cpu + sum(step.cpu for step in self.steps)

    @property
    def loads(self) -> int:
        """How many loads ran."""
        return sum(step.kind == "load" for step in self.steps)

    @property
    def loads_a_second(self) -> float:
        """Loads that ran, by the seconds of the whole run, whatever else it did."""
        return self.loads / self.wall if self.wall else 0.0

    @property
    def hours_alone(self) -> float:
        """Hours that the loads would take in a process each, one after the other, by a sample."""
        ran = Counter(step.loader for step in self.steps if step.kind == "load")
        known = {loader: statistics.fmean(seconds) for loader, seconds in self.alone.items()}
        return sum(ran[loader] * seconds for loader, seconds in known.items()) / 3600

    def overhead(self, cores: int) -> float:
        """Return wall x cores / CPU: 1 if every core did nothing but steps and host starts."""
        return self.wall * cores / self.cpu if self.cpu else 0.0

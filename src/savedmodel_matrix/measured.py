"""What a run cost: its wall clock, its imports, and every step."""

from __future__ import annotations

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


@dataclass
class Measured:
    """What the run cost: seconds of wall clock, of CPU in host starts, and each step."""

    wall: float = 0.0
    host_cpu: float = 0.0
    host_starts: int = 0
    host_seconds: dict[str, list[float]] = field(default_factory=dict)  # of each import, by host
    steps: list[StepCost] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """CPU seconds of all children and host starts."""
        return self.host_cpu + sum(step.cpu for step in self.steps)

    def overhead(self, cores: int) -> float:
        """Return wall x cores / CPU: 1 if every core did nothing but steps and host starts."""
        return self.wall * cores / self.cpu if self.cpu else 0.0

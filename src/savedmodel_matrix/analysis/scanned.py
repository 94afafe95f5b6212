"""What scanners said of artifacts, healthy and hostile: false alarms, misses, time and memory."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FLAGGED, PASSED, NOT_READ, NO_VERDICT = "flagged", "passed", "not read", "no verdict"


@dataclass(frozen=True)
class Artifact:
    """An artifact that is scanned; `what` says what a hostile one does, "" for a healthy one."""

    name: str
    path: str
    format: str
    what: str = ""

    @property
    def hostile(self) -> bool:
        """Whether it does what a scanner has to find."""
        return bool(self.what)


@dataclass(frozen=True)
class Scan:
    """What one scanner said of one artifact, in CPU seconds and bytes of memory."""

    artifact: Artifact
    verdict: str
    cpu: float
    memory: int


@dataclass(frozen=True)
class Scanner:
    """A scanner, the CPU seconds of its imports, and its scans; else why there are none."""

    name: str
    version: str = ""
    imports: float = 0.0
    scans: tuple[Scan, ...] = field(default=())
    missing: str = ""

    def count(self, verdict: str, *, hostile: bool) -> int:
        """Return how many artifacts got a verdict."""
        return sum(s.verdict == verdict and s.artifact.hostile == hostile for s in self.scans)

    def total(self, *, hostile: bool) -> int:
        """Return how many artifacts were given to it."""
        return sum(s.artifact.hostile == hostile for s in self.scans)

    @property
    def misses(self) -> list[Scan]:
        """The hostile artifacts that it did not flag, those among them that it did not read."""
        return [s for s in self.scans if s.artifact.hostile and s.verdict != FLAGGED]

    @property
    def false_alarms(self) -> list[Scan]:
        """The healthy artifacts that it flagged."""
        return [s for s in self.scans if not s.artifact.hostile and s.verdict == FLAGGED]

    @property
    def judges(self) -> bool:
        """Whether it has a verdict at all."""
        return any(scan.verdict in {FLAGGED, PASSED} for scan in self.scans)

    @property
    def cpu(self) -> float:
        """The median CPU seconds of one artifact that it read, without imports."""
        return _median(s.cpu for s in self.scans if s.verdict != NOT_READ)

    @property
    def memory(self) -> int:
        """The largest memory that a scan took, in bytes."""
        return max((scan.memory for scan in self.scans), default=0)


@dataclass(frozen=True)
class Speed:
    """CPU seconds per healthy SavedModel: of ours in one process, of `saved_model_cli show`."""

    ours: float
    show: float

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.show / self.ours if self.ours else 0.0


@dataclass(frozen=True)
class Comparison:
    """One run of all scanners over the same artifacts."""

    date: str
    machine: str
    scanners: Sequence[Scanner]
    artifacts: Sequence[Artifact]
    speed: Speed | None
    set_aside: int = 0  # artifacts that hold a Lambda layer, neither healthy nor made to be hostile

    def verdicts(self, artifact: Artifact) -> dict[str, str]:
        """Return the verdict of each scanner on an artifact."""
        return {
            scanner.name: next((s.verdict for s in scanner.scans if s.artifact == artifact), "")
            for scanner in self.scanners
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "date": self.date,
            "machine": self.machine,
            "set_aside": self.set_aside,
            "speed": vars(self.speed) | {"ratio": self.speed.ratio} if self.speed else None,
            "scanners": [_plain(scanner) for scanner in self.scanners],
            "artifacts": [
                {
                    "name": one.name,
                    "format": one.format,
                    "hostile": one.hostile,
                    "what": one.what,
                    "verdicts": self.verdicts(one),
                }
                for one in self.artifacts
            ],
        }


def _plain(scanner: Scanner) -> dict[str, Any]:
    return {
        "name": scanner.name,
        "version": scanner.version,
        "missing": scanner.missing,
        "import_cpu_seconds": round(scanner.imports, 4),
        "median_cpu_seconds": round(scanner.cpu, 5),
        "peak_memory_bytes": scanner.memory,
        "healthy": _counts(scanner, hostile=False),
        "hostile": _counts(scanner, hostile=True),
    }


def _counts(scanner: Scanner, *, hostile: bool) -> Mapping[str, int]:
    return Counter(s.verdict for s in scanner.scans if s.artifact.hostile == hostile)


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return statistics.median(found) if found else 0.0

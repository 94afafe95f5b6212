"""What is said of an artifact: findings, verdicts per loader, and the JSON that holds them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from savedmodel_matrix.savedmodel.provenance import About

SOUND, DEFECT, UNREADABLE = "sound", "defect", "unreadable"
RUNS, FAILS, UNKNOWN = "runs", "fails", "unknown"
SEVERITIES = ("low", "medium", "high", "critical")

# What runs signatures as a V1 session does, and what of it is predicted here.
V1_LOADERS = ("libtensorflow", "saved_model_cli")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, where, why, and what to do about it."""

    rule: str
    severity: str  # one of SEVERITIES
    where: str  # "load", "signature:NAME", "python", "save" or "dead"
    message: str
    evidence: dict[str, Any] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True)
class LoaderVerdict:
    """Whether a loader can run every signature; the versions between which, None if any."""

    verdict: str  # RUNS, FAILS or UNKNOWN
    because: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Value:
    """An input or output of a signature; the shape is None where the rank is not known."""

    dtype: str
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Signature:
    """What a client of a signature sees, and whether it runs in a V1 session."""

    name: str
    inputs: dict[str, Value]
    outputs: dict[str, Value]
    sound: bool
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Weight:
    """A stored tensor: its path or key in the artifact, and what it takes in bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class Diagnosis:
    """What was found in an artifact. `verdict` is about soundness alone."""

    path: str
    format: str
    verdict: str  # SOUND, DEFECT or UNREADABLE
    loaders: dict[str, LoaderVerdict] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    tensorflow: str = ""  # the version that wrote it, "" if it does not say
    signatures: tuple[Signature, ...] = ()
    unchecked_bytes: int = 0  # of tensors too large for their sums to be computed
    about: About | None = None  # what it is, None if it cannot be read
    keras: str = ""  # the version that wrote it, "" if it does not say
    saved: str = ""  # when, as the artifact says it
    weights: tuple[Weight, ...] = ()
    operators: dict[str, int] = field(default_factory=dict)  # of a .tflite: version by name
    spare_bytes: int = 0  # of tensors that are stored more than once, as their sums say
    converter: str = ""  # of a .tflite: the least TensorFlow that its converter names

    @property
    def sound(self) -> bool:
        """Whether nothing was found that keeps a signature from running."""
        return self.verdict == SOUND

    def at_least(self, severity: str) -> list[Finding]:
        """Return the findings of a severity or a higher one."""
        floor = SEVERITIES.index(severity)
        return [f for f in self.findings if SEVERITIES.index(f.severity) >= floor]

    def to_json(self) -> dict[str, Any]:
        """Return the diagnosis as plain data, as `--format json` prints it."""
        loaders = {
            name: {
                "verdict": loader.verdict,
                "from": loader.since,
                "until": loader.until,
                "because": loader.because,
            }
            for name, loader in self.loaders.items()
        }
        return {
            "path": self.path,
            "format": self.format,
            "verdict": self.verdict,
            "loaders": loaders,
            "findings": [asdict(finding) for finding in self.findings],
            "tensorflow": self.tensorflow,
            "signatures": [asdict(signature) for signature in self.signatures],
            "unchecked_bytes": self.unchecked_bytes,
            "spare_bytes": self.spare_bytes,
            "about": asdict(self.about) if self.about else None,
            "keras": self.keras,
            "saved": self.saved,
            "weights": [asdict(weight) for weight in self.weights],
            "operators": self.operators,
            "converter": self.converter,
        }

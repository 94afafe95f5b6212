"""The two ends that a step can have, as two types, so that neither can pass for the other.

A ``Judged`` step says what the case, TensorFlow or Keras did. Only that is remembered, accepted and
published. A ``Prevented`` step says what the harness, the platform or the environment kept from
being judged: it is `not-run`, whatever else is known of it, and the next run tries again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from savedmodel_matrix.model.fingerprint import fingerprint, of_failure

Record = dict[str, Any]
Status = Literal["pass", "fail", "crash", "timeout", "not-applicable"]


@dataclass(frozen=True)
class Judged:
    """What the code under test did; ``record`` has stage, reason, fingerprint and more."""

    status: Status
    record: Record = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.status not in get_args(Status):
            raise ValueError(f"{self.status} is no judgement")
        self.record["status"] = self.status

    @property
    def content(self) -> str:
        """The content of the artifact that was made, "" if none was."""
        return str(self.record.get("content") or "")

    @property
    def limits(self) -> tuple[float, float]:
        """The seconds and the memory that it was made under."""
        limits = self.record.get("limits", {})
        return limits.get("seconds", 0), limits.get("memory", 0)

    @property
    def rests_on(self) -> Any:
        """What it rests on beside its key, None if that was not noted."""
        return self.record.get("rests_on")


@dataclass(frozen=True)
class Prevented:
    """What the harness, the platform or the environment is to blame for."""

    record: Record = field(default_factory=dict)
    status: ClassVar[Literal["not-run"]] = "not-run"

    def __post_init__(self) -> None:
        self.record["status"] = self.status


Verdict = Judged | Prevented


def dead(status: Literal["fail", "crash", "timeout"], stage: str, said: str) -> Judged:
    """Return the verdict on a step that ended without saying anything itself."""
    return Judged(status, _described(f"{said} (stage {stage})", stage, said))


def not_applicable(said: str, message: str = "") -> Judged:
    """Return the verdict on a step for which there is nothing to be run, and why in a sentence."""
    record = {"stage": "", "reason": " ".join(said.split()), "fingerprint": "", "identity": ""}
    return Judged("not-applicable", record | {"message": message or said})


def not_run(stage: str, said: str, message: str = "") -> Prevented:
    """Return the verdict on a step that was prevented, and ``said`` by what, in one sentence."""
    identity = of_failure("", said).removeprefix(": ")
    return Prevented(_described(identity, stage, " ".join(said.split()), message))


def _described(identity: str, stage: str, said: str, message: str = "") -> Record:
    return {
        "stage": stage,
        "reason": said,
        "fingerprint": fingerprint(identity),
        "identity": identity,
        "message": message or said,
    }

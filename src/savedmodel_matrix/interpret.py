"""From a step's end to its record: what tells fail, crash, timeout and not-run apart."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.fingerprint import fingerprint, of_failure, reason
from savedmodel_matrix.host.outcome import read_stage
from savedmodel_matrix.hosts import STAGE

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.hosts import Ended

BROKEN = 117  # host.server.BROKEN: a child that could not begin
FIRST_STAGE = {"save": "build", "load": "load", "show": "load"}


def interpret(kind: str, ended: Ended, mailbox: Path, limit: float) -> dict[str, Any]:
    """Return the record of a step that has ended: status, stage, reason, fingerprint and more."""
    stage = ended.stage or read_stage(mailbox / STAGE) or FIRST_STAGE[kind]
    if ended.timed_out:
        record = _dead("timeout", stage, "no end within the time limit") | {"limit": limit}
    elif ended.signal is not None:
        name = _signal_name(ended.signal)
        record = _dead("crash", stage, f"the process died of {name}")
    elif ended.code == BROKEN:
        record = not_run(stage, "the step's process could not begin")
    else:
        record = _returned(stage, ended, mailbox)
    record["cpu"] = round(ended.cpu, 6)
    record["memory"] = ended.memory
    record["wall"] = round(ended.received - ended.sent, 6)
    return record


def _returned(stage: str, ended: Ended, mailbox: Path) -> dict[str, Any]:
    try:
        result = json.loads((mailbox / "result.json").read_text())
    except (OSError, ValueError):
        said = f"the process ended with exit status {ended.code} before the step was done"
        return _dead("fail", stage, said)
    failure = result.pop("failure", None)
    own = result["reason"]
    if failure and not own:
        identity = of_failure(failure["code"] or failure["type"], failure["message"])
    else:
        identity = of_failure("", own).removeprefix(": ") if own else ""
    record = result | {
        "reason": own if result["status"] == "not-applicable" else reason(identity),
        "fingerprint": "" if result["status"] == "not-applicable" else fingerprint(identity),
        "identity": identity,
        "inside": round(result["last"] - result["first"], 6),
    }
    if failure:
        record |= {k: failure[k] for k in ("message", "traceback", "where")}
    elif own:
        record["message"] = own
    return {k: v for k, v in record.items() if k not in ("first", "last")}


def _dead(status: str, stage: str, said: str) -> dict[str, Any]:
    identity = f"{said} (stage {stage})"
    return {
        "status": status,
        "stage": stage,
        "reason": said,
        "fingerprint": fingerprint(identity),
        "identity": identity,
        "message": said,
    }


def not_run(stage: str, said: str, message: str = "") -> dict[str, Any]:
    """Return the record of a step that the harness, the platform or the environment prevented."""
    identity = of_failure("", said).removeprefix(": ")
    return {
        "status": "not-run",
        "stage": stage,
        "reason": " ".join(said.split()),
        "fingerprint": fingerprint(identity),
        "identity": identity,
        "message": message or said,
    }


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

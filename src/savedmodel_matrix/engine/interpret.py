"""From a step's end to its verdict: what tells fail, crash, timeout and not-run apart."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

from savedmodel_matrix.engine.hosts import STAGE
from savedmodel_matrix.host.outcome import read_stage
from savedmodel_matrix.model.fingerprint import fingerprint, of_failure, reason
from savedmodel_matrix.model.verdict import Judged, Prevented, Verdict, dead, not_run

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.engine.hosts import Ended

# As host.steps has them: the harness's own code in a step's process came to grief.
BROKEN, NO_ROOM_LEFT = 117, 118
FIRST_STAGE = {"save": "build", "convert": "load", "load": "load", "show": "load"}


def interpret(kind: str, ended: Ended, mailbox: Path) -> Verdict:
    """Return the verdict on a step that has ended: status, stage, reason, fingerprint and more."""
    stage = ended.stage or read_stage(mailbox / STAGE) or FIRST_STAGE[kind]
    verdict = _verdict(stage, ended, mailbox)
    verdict.record["cpu"] = round(ended.cpu, 6)
    verdict.record["memory"] = ended.memory
    verdict.record["wall"] = round(ended.received - ended.sent, 6)
    return verdict


def _verdict(stage: str, ended: Ended, mailbox: Path) -> Verdict:
    if ended.timed_out:
        return dead("timeout", stage, "no end within the time limit")
    if ended.starved:
        said = "this machine ran out of memory, and its kernel ended the step: free some, or "
        return not_run(stage, f"{said}run fewer steps at a time with --jobs")
    if ended.signal is not None:
        return dead("crash", stage, f"the process died of {_signal_name(ended.signal)}")
    if ended.code == NO_ROOM_LEFT:
        return not_run(stage, "no room is left where the results go: make some, and run again")
    if ended.code == BROKEN:
        return not_run(stage, "the step's process could not do its work")
    return _returned(stage, ended, mailbox)


def _returned(stage: str, ended: Ended, mailbox: Path) -> Verdict:
    try:
        result = json.loads((mailbox / "result.json").read_text())
    except (OSError, ValueError):
        said = f"the process ended with exit status {ended.code} before the step was done"
        return dead("fail", stage, said)
    failure = result.pop("failure", None)
    own = result["reason"]
    kind = {}
    if failure and not own:
        kind = {"kind": failure["code"] or failure["type"]}
        identity = of_failure(kind["kind"], failure["message"])
    else:
        identity = of_failure("", own).removeprefix(": ") if own else ""
    record = (
        result
        | kind
        | {
            "reason": own if result["status"] == "not-applicable" else reason(identity),
            "fingerprint": "" if result["status"] == "not-applicable" else fingerprint(identity),
            "identity": identity,
            "inside": round(result["last"] - result["first"], 6),
        }
    )
    if failure:
        record |= {k: failure[k] for k in ("message", "traceback", "where")}
    elif own:
        record["message"] = own
    record = {k: v for k, v in record.items() if k not in ("first", "last", "status")}
    if result["status"] == "not-run":
        return Prevented(record)
    return Judged(result["status"], record)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

"""From a step's end to its verdict: what tells fail, crash, timeout and not-run apart."""

from __future__ import annotations

import json
import os
import re
import signal
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from savedmodel_matrix.host.protocol import (
    ARTIFACT,
    BROKE,
    BROKEN,
    NO_ROOM_LEFT,
    RESULT,
    STAGE,
    Result,
    Usage,
    read_stage,
)
from savedmodel_matrix.host.room import is_full
from savedmodel_matrix.model.fingerprint import fingerprint, of_failure, reason
from savedmodel_matrix.model.verdict import Judged, Prevented, Verdict, dead, not_run

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.engine.processes import Ended
    from savedmodel_matrix.model.verdict import Status

FIRST_STAGE = {"save": "build", "convert": "load", "load": "load", "show": "load"}
_DENIED = re.compile("permission denied", re.IGNORECASE)
NO_ROOM_SAID = "no room is left where the results go: make some, and run again"


def interpret(kind: str, ended: Ended, mailbox: Path) -> Verdict:
    """Return the verdict on a step that has ended: status, stage, reason, fingerprint and more.

    What the step used is its own figure, or the kernel's where it could not write a result.
    """
    stage = ended.stage or read_stage(mailbox / STAGE) or FIRST_STAGE[kind]
    used = Usage(ended.cpu, ended.memory)
    verdict = _without_result(stage, ended, mailbox)
    if verdict is None:
        result = _result(stage, ended, mailbox)
        if isinstance(result, Result):
            verdict, used = _refused(kind, result) or _told(result), result.usage or used
        else:
            verdict = result
    verdict.record["cpu"] = round(used.cpu, 6)
    verdict.record["memory"] = used.memory
    verdict.record["wall"] = round(ended.received - ended.sent, 6)
    return verdict


def _without_result(stage: str, ended: Ended, mailbox: Path) -> Verdict | None:
    """Return the verdict on a step that did not end by itself, None if it did."""
    if ended.timed_out:
        return dead("timeout", stage, "no end within the time limit")
    if ended.starved:
        said = "this machine ran out of memory, and its kernel ended the step: free some, or "
        return not_run(stage, f"{said}run fewer steps at a time with --jobs")
    # A mapped file on a full file system has no page to give: SIGBUS.
    if ended.signal == signal.SIGBUS and is_full(os.fspath(mailbox)):
        return not_run(stage, NO_ROOM_SAID)
    if ended.signal is not None:
        return dead("crash", stage, f"the process died of {_signal_name(ended.signal)}")
    return _broken(stage, ended, mailbox)


def _broken(stage: str, ended: Ended, mailbox: Path) -> Prevented | None:
    """Return the verdict on a step in which the harness's own code failed, None on any other."""
    if ended.code in (BROKEN, NO_ROOM_LEFT):
        # A case can end its process with these numbers too: the harness leaves a note, unless
        # there is no room for one.
        noted, full = (mailbox / BROKE).exists(), is_full(os.fspath(mailbox))
        if full or (noted and ended.code == NO_ROOM_LEFT):
            return not_run(stage, NO_ROOM_SAID)
        if noted:
            return not_run(stage, "the step's process could not do its work", _note(mailbox))
    return None


def _result(stage: str, ended: Ended, mailbox: Path) -> Result | Verdict:
    """Return what the step said of itself, or the verdict if it said nothing.

    Only that there is no result, or none that the harness wrote, is the case's doing.
    """
    try:
        return Result.from_json(json.loads((mailbox / RESULT).read_text()))
    except (FileNotFoundError, ValueError, RecursionError):
        said = f"the process ended with exit status {ended.code} before the step was done"
        return dead("fail", stage, said)
    except OSError as error:
        return not_run(stage, f"the result of the step cannot be read: {error.strerror}")


def _refused(kind: str, result: Result) -> Prevented | None:
    """Return the verdict on what this harness kept from writing into the artifact that it reads.

    Where a program serves, it may: Keras 3.0 opens its file for writing too, only to read it.
    """
    said = result.failure.message if result.failure and kind != "save" else ""
    if _DENIED.search(said) and f"/{ARTIFACT}/" in said:
        return not_run(
            result.stage,
            "the loader would write into the artifact, which it may only read here: let it load a "
            "copy, in its current directory",
            said,
        )
    return None


def _told(result: Result) -> Verdict:
    failure, own = result.failure, result.reason
    kind = (failure.code or failure.type) if failure and not own else ""
    if failure and not own:
        identity = of_failure(kind, failure.message)
    else:
        identity = of_failure("", own).removeprefix(": ") if own else ""
    applicable = result.status != "not-applicable"
    record: dict[str, Any] = {
        "stage": result.stage,
        "reason": reason(identity) if applicable else own,
        "fingerprint": fingerprint(identity) if applicable else "",
        "identity": identity,
        "seconds": result.seconds,
        "facts": result.facts,
        "inside": round(result.last - result.first, 6),
    }
    if kind:
        record["kind"] = kind
    if result.record is not None:
        record["record"] = result.record
    if failure:
        told = asdict(failure)
        record |= {name: told[name] for name in ("message", "traceback", "where", "missing")}
    elif own:
        record["message"] = own
    if result.status == "not-run":
        return Prevented(record)
    return Judged(cast("Status", result.status), record)


def _note(mailbox: Path) -> str:
    try:
        return (mailbox / BROKE).read_text(errors="replace")
    except OSError:
        return ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

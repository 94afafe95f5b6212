"""One step from request to result: the same code in a forked child and in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.confinement import confine
from savedmodel_matrix.host.convert import convert_step
from savedmodel_matrix.host.failure import describe
from savedmodel_matrix.host.files import Notes, notes_of
from savedmodel_matrix.host.load import load_step
from savedmodel_matrix.host.outcome import (
    NO_ROOM,
    CaseError,
    Failed,
    NotApplicable,
    NotRun,
    Stages,
    Wrong,
)
from savedmodel_matrix.host.save import save_step
from savedmodel_matrix.host.show import show_step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

STEPS = {"save": save_step, "convert": convert_step, "load": load_step, "show": show_step}

# Files of a step's mailbox, which lies outside its scratch directory.
RESULT = "result.json"
STAGE = "stage"
LOG = "log"

# Exit statuses of a process in which the harness's own code came to grief.
BROKEN = 117
NO_ROOM_LEFT = 118  # because the machine had no room for it


def exit_status(grief: BaseException) -> int:
    """Return the exit status of a process that ends because of this exception."""
    return NO_ROOM_LEFT if isinstance(grief, OSError) and grief.errno in NO_ROOM else BROKEN


def run_step(
    request: Mapping[str, Any],
    mailbox: Path,
    first: float,
    prepare: Callable[[], None] = lambda: None,
) -> None:
    """Run the step, confined, and leave its result in the mailbox, whole or not at all.

    ``first`` is the monotonic time of the process's first instruction; ``prepare`` is what a host
    has done before its steps begin.
    """
    stages = Stages(os.fspath(mailbox / STAGE))
    notes: list[Notes] = []
    result = _result(request, mailbox, stages, prepare, notes)
    stages("")
    with contextlib.suppress(Exception):  # without an end, notes count as those of a dead step
        for one in notes:
            one.end()
    result["seconds"] = {k: round(v, 6) for k, v in stages.seconds.items()}
    result["facts"] = stages.facts
    result["first"], result["last"] = first, time.monotonic()
    whole = mailbox / f"{RESULT}.part"
    whole.write_text(json.dumps(result))
    whole.replace(mailbox / RESULT)


def _result(
    request: Mapping[str, Any],
    mailbox: Path,
    stages: Stages,
    prepare: Callable[[], None],
    notes: list[Notes],
) -> dict[str, Any]:
    try:
        confine(mailbox, request)
        notes.append(notes_of(request, mailbox))
        notes[0].begin()
        prepare()
        record = STEPS[request["kind"]](request, stages)
    except NotApplicable as reason:
        return {"status": "not-applicable", "stage": "", "reason": str(reason)}
    except NotRun as reason:
        return {"status": "not-run", "stage": reason.stage, "reason": str(reason)}
    except Failed as failed:
        own = isinstance(failed.cause, (CaseError, Wrong))
        return {
            "status": "fail",
            "stage": "build" if isinstance(failed.cause, CaseError) else failed.stage,
            "reason": str(failed.cause) if own else "",
            "failure": describe(failed.cause, str(request.get("case", ""))),
        }
    except BaseException as error:
        return {
            "status": "not-run",
            "stage": stages.current or request["kind"],
            "reason": "the harness itself failed",
            "failure": describe(error),
        }
    if record.get("difference"):
        return {
            "status": "fail",
            "stage": "values",
            "reason": f"wrong values: {record['difference']}",
            "record": record,
        }
    return {"status": "pass", "stage": "values", "reason": "", "record": record}

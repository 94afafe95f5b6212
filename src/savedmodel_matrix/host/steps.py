"""One step from request to result: the same code in a forked child and in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.confinement import confine, written_in
from savedmodel_matrix.host.convert import convert_step
from savedmodel_matrix.host.failure import describe
from savedmodel_matrix.host.files import Notes, notes_of
from savedmodel_matrix.host.load import load_step
from savedmodel_matrix.host.outcome import (
    CaseError,
    Failed,
    NotApplicable,
    NotRun,
    Stages,
    Wrong,
)
from savedmodel_matrix.host.protocol import (
    BROKE,
    BROKEN,
    NO_ROOM_LEFT,
    RESULT,
    SHORT,
    STAGE,
    ConvertRequest,
    LoadRequest,
    Request,
    Result,
    SaveRequest,
    Usage,
)
from savedmodel_matrix.host.save import save_step
from savedmodel_matrix.host.show import show_step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Linux counts the largest memory in KiB, macOS in bytes.
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024


def run_and_exit(
    request: Request, mailbox: Path, first: float, prepare: Callable[[], None] = lambda: None
) -> None:
    """Run the step in this process, leave its result in the mailbox, and end the process.

    ``first`` is the monotonic time of the process's first instruction; ``prepare`` does what a host
    does before its steps begin.
    """
    status = BROKEN
    try:
        run_step(request, mailbox, first, prepare)
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        status = 0
    except BaseException as error:
        status = own_failure(error, mailbox)
    finally:
        os._exit(status)  # whatever went wrong, a forked child must not go on as a second host


def own_failure(error: BaseException, mailbox: Path) -> int:
    """Note that the harness's own code failed in this process; return its exit status."""
    with contextlib.suppress(OSError):
        (mailbox / BROKE).write_text("".join(traceback.format_exception(error)))
    with contextlib.suppress(OSError, ValueError):
        traceback.print_exception(error)
    return NO_ROOM_LEFT if isinstance(error, OSError) and error.errno in SHORT else BROKEN


def run_step(
    request: Request, mailbox: Path, first: float, prepare: Callable[[], None] = lambda: None
) -> None:
    """Run the step, confined, and leave its result in the mailbox, whole or not at all."""
    stages = Stages(os.fspath(mailbox / STAGE), written_in(mailbox, request))
    notes: list[Notes] = []
    result = _result(request, mailbox, stages, prepare, notes)
    stages("")
    with contextlib.suppress(Exception):  # without an end, notes count as those of a dead step
        for one in notes:
            one.end()
    result.seconds = {k: round(v, 6) for k, v in stages.seconds.items()}
    result.facts = stages.facts
    result.first, result.last, result.usage = first, time.monotonic(), used()
    whole = mailbox / f"{RESULT}.part"
    whole.write_text(json.dumps(result.to_json()))
    whole.replace(mailbox / RESULT)


def used() -> Usage:
    """Return what this process and its children have used so far."""
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(one.ru_utime + one.ru_stime for one in (own, children))
    return Usage(cpu, max(own.ru_maxrss, children.ru_maxrss) * MEMORY_UNIT)


def _step(request: Request, stages: Stages) -> dict[str, Any]:
    if isinstance(request, SaveRequest):
        return save_step(request, stages)
    if isinstance(request, ConvertRequest):
        return convert_step(request, stages)
    if isinstance(request, LoadRequest):
        return load_step(request, stages)
    return show_step(request, stages)


def _result(
    request: Request,
    mailbox: Path,
    stages: Stages,
    prepare: Callable[[], None],
    notes: list[Notes],
) -> Result:
    try:
        confine(mailbox, request)
        notes.append(notes_of(request, mailbox))
        notes[0].begin()
        prepare()
        record = _step(request, stages)
    except BaseException as error:
        return _ended_by(error, request, stages)
    if record.get("difference"):
        said = f"wrong values: {record['difference']}"
        return Result("fail", "values", said, record=record)
    return Result("pass", "values", record=record)


def _ended_by(error: BaseException, request: Request, stages: Stages) -> Result:
    """Return the result of a step that an exception ended: whose fault it is, says its type."""
    case = str(getattr(request, "case", ""))
    if isinstance(error, NotApplicable):
        return Result("not-applicable", "", str(error))
    if isinstance(error, NotRun):
        return Result("not-run", error.stage, str(error))
    if isinstance(error, CaseError):  # found where the harness reads what the case states
        return Result("fail", "build", str(error), describe(error, case))
    if isinstance(error, Failed):
        cause = error.cause
        stage = "build" if isinstance(cause, CaseError) else error.stage
        own = str(cause) if isinstance(cause, (CaseError, Wrong)) else ""
        return Result("fail", stage, own, describe(cause, case))
    said = "the harness itself failed"
    if isinstance(error, MemoryError):
        said = "the harness itself needs more memory than a step may use: allow more, --memory"
    return Result("not-run", stages.current or request.kind, said, describe(error))

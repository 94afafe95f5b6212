"""A process per step: where forking is not safe, and to compare the engine against."""

import functools
import json
import os
import time
import traceback
from pathlib import Path
from typing import Any

FIRST = time.monotonic()


def main(request_file: str, mailbox: str) -> None:
    """Run the step described in ``request_file`` in this process."""
    from savedmodel_matrix.host.steps import exit_status, run_step

    try:
        request = json.loads(Path(request_file).read_text())
        run_step(request, Path(mailbox), FIRST, functools.partial(_prepare, request))
    except BaseException as error:
        traceback.print_exc()
        os._exit(exit_status(error))
    os._exit(0)


def _prepare(request: dict[str, Any]) -> None:
    """Do for the one loader what a host does for all: nothing is imported that it does not ask.

    Raises RuntimeError if the environment has other versions than it must have.
    """
    from savedmodel_matrix.host.surroundings import check

    check(request["expected"])
    if request["kind"] == "load":
        from savedmodel_matrix.host.modules import load_plain

        loader = load_plain(Path(str(request["loader"])))
        prepare = getattr(loader, "prepare", None)
        if prepare is not None:
            prepare()

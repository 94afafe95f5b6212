"""A process per step: where forking is not safe, and to compare the engine against."""

import functools
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from savedmodel_matrix.host.protocol import Request

FIRST = time.monotonic()


def main(request_file: str, mailbox: str) -> None:
    """Run the step described in ``request_file`` in this process, and end it."""
    from savedmodel_matrix.host.protocol import request_from_json
    from savedmodel_matrix.host.steps import own_failure, run_and_exit

    try:
        asked: dict[str, Any] = json.loads(Path(request_file).read_text())
        request = request_from_json(asked["request"])
    except BaseException as error:
        os._exit(own_failure(error, Path(mailbox)))
    prepare = functools.partial(_prepare, request, asked["expected"])
    run_and_exit(request, Path(mailbox), FIRST, prepare)


def _prepare(request: "Request", expected: dict[str, str]) -> None:
    """Do for the one loader what a host does for all: nothing is imported that it does not ask.

    Raises RuntimeError if the environment has other versions than it must have.
    """
    from savedmodel_matrix.host.protocol import LoadRequest
    from savedmodel_matrix.host.surroundings import check

    check(expected)
    if isinstance(request, LoadRequest):
        from savedmodel_matrix.host.modules import load_plain

        prepare = getattr(load_plain(Path(request.loader)), "prepare", None)
        if prepare is not None:
            prepare()

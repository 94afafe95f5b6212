"""Runs a command many times, each in a process of its own that has its imports already.

A script of its own, for the Python of any environment, of the standard library alone. Its argument
is a JSON file: `program`, its function `entry` ("module:function"), `imports`, `packages` whose
versions are asked for, `seconds` that a run may take, and `runs`, each with its `arguments` and
`output`.
It prints a line of JSON for the imports, and one for each run: exit status (None if it was ended),
CPU seconds, and the largest resident size in bytes, that of the imports included.
"""

import importlib
import importlib.metadata
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_KIB = 1024  # the unit of ru_maxrss, on Linux


def main() -> None:
    """Import, and run what the file says."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for name in asked["imports"]:
        importlib.import_module(name)
    module, _, function = asked["entry"].partition(":")
    entry = getattr(importlib.import_module(module), function)
    used = resource.getrusage(resource.RUSAGE_SELF)
    imports = used.ru_maxrss * _KIB  # of which a forked process counts a part
    _say(
        {
            "cpu": used.ru_utime + used.ru_stime,
            "memory": imports,
            "versions": {name: _version(name) for name in asked["packages"]},
        }
    )
    for one in asked["runs"]:
        process = os.fork()
        if not process:
            _run(entry, [asked["program"], *one["arguments"]], one["output"], asked["seconds"])
        _, status, used = os.wait4(process, 0)
        code = os.waitstatus_to_exitcode(status)
        _say(
            {
                "status": None if code < 0 else code,
                "cpu": used.ru_utime + used.ru_stime,
                "memory": max(used.ru_maxrss * _KIB, imports),
            }
        )


def _version(name: str) -> str:
    """Return the version of a package, by what it calls itself where it has another name."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return str(importlib.import_module(name).__version__)


def _run(entry: Callable[[], object], arguments: list[str], output: str, seconds: int) -> NoReturn:
    """Run the command in this process, and end it."""
    signal.alarm(seconds)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = arguments
    status: object = 0
    try:
        status = entry()
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001 - this process is the command's
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


def _say(value: dict[str, object]) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()

"""What a step may use: its own directories, memory, no core dumps. Accidents, not attackers.

Where the operating system lacks a means (macOS, Windows), the step runs with what there is.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.host.landlock import protect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
SIGKILL = 9
SCRATCH = "scratch"


def confine(mailbox: Path, request: Mapping[str, Any]) -> None:
    """Confine this process as ``request`` says, with a scratch directory in its mailbox.

    ``limits["memory"]``: further bytes of address space. ``protected``: directories that it may
    not write in, but for its mailbox, the ``directory`` it is to make, and its own environment,
    where Python keeps bytecode. On a crash, or a second before ``limits["seconds"]`` run out, the
    Python stack goes to stderr and so into the step's log.
    """
    scratch, limits = mailbox / SCRATCH, request["limits"]
    scratch.mkdir(parents=True, exist_ok=True)
    os.chdir(scratch)
    for name in ("HOME", "TMPDIR", "TEMP", "TMP"):
        os.environ[name] = os.fspath(scratch)
    os.environ["KERAS_HOME"] = os.fspath(scratch / ".keras")
    limit_memory(int(limits["memory"]))
    die_with_parent()
    adopt_orphans()  # what it leaves behind then goes to its host when it ends, and not before
    makes = [Path(request["directory"])] if request["kind"] == "save" else []
    protect(map(Path, request["protected"]), [mailbox, Path(sys.prefix), *makes])
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        faulthandler.enable()
        faulthandler.dump_traceback_later(max(limits["seconds"] - 1, 0.5), exit=False)


def limit_memory(more: int) -> None:
    """Let the address space grow by ``more`` bytes over what is mapped now; no core dumps."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mapped = mapped_bytes()
    if mapped:
        limit = mapped + more
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def mapped_bytes() -> int:
    """Return the size of this process's address space, or 0 where that is not to be had."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)


def adopt_orphans() -> None:
    """Ask Linux to hand this process the orphans of its descendants, so that it can end them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)

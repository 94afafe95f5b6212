"""What a step may use: its own directories, memory, no core dumps. Accidents, not attackers.

Where the kernel lacks one of these, the step runs without it.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.host.landlock import write_only_in
from savedmodel_matrix.host.outcome import NotRun

if TYPE_CHECKING:
    from savedmodel_matrix.host.protocol import Request

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
SCRATCH = "scratch"
SHARED = ("/dev/shm",)
DEVICES = ("/dev", "/proc")  # written, not made: /dev/null, /proc/self/oom_score_adj


def confine(mailbox: Path, request: Request) -> None:
    """Confine this process as ``request`` says, with a scratch directory in its mailbox.

    It may write in its mailbox, in the directory that it makes, in its host's home, which imports
    may have remembered, and where Python keeps bytecode; not in its environment. On a crash, or
    when sent SIGUSR2, the Python stack goes to stderr and so into the step's log. Raises NotRun or
    OSError.
    """
    home, scratch = os.environ["HOME"], mailbox / SCRATCH
    scratch.mkdir(parents=True, exist_ok=True)
    os.chdir(scratch)
    for name in ("HOME", "TMPDIR", "TEMP", "TMP"):
        os.environ[name] = os.fspath(scratch)
    os.environ["KERAS_HOME"] = os.fspath(scratch / ".keras")
    tempfile.tempdir = None  # AutoGraph writes the code it makes there, or silently makes none
    limit_memory(request.limits.memory)
    die_with_parent()
    adopt_orphans()  # what it leaves behind then goes to its host when it ends, and not before
    bytecode = [sys.pycache_prefix] if sys.pycache_prefix else []
    write_only_in([*written_in(mailbox, request), home, *bytecode], DEVICES)
    with contextlib.suppress(OSError, RuntimeError, ValueError, AttributeError):
        faulthandler.enable()
        # Not dump_traceback_later: it reads frames that are running, and may crash the process.
        faulthandler.register(signal.SIGUSR2)


def written_in(mailbox: Path, request: Request) -> list[str]:
    """Return the directories that code under test may write in."""
    makes = getattr(request, "makes", "")
    return [os.fspath(mailbox), *([makes] if makes else []), *SHARED]


def limit_memory(more: int) -> None:
    """Let the address space grow by ``more`` bytes over what is mapped now; no core dumps.

    Raises NotRun where the process may not have as much: what then fails is not the case's fault.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mapped = mapped_bytes()
    if mapped:
        limit = mapped + more
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        if most not in (resource.RLIM_INFINITY, -1) and most < limit:
            raise NotRun(
                "environment",
                "a process may have less memory here (ulimit -v) than a step may use: allow more, "
                "or let steps use less with --memory",
            )
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def mapped_bytes() -> int:
    """Return the size of this process's address space, or 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Ask Linux to hand this process the orphans of its descendants, so that it can end them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)

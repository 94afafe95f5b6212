"""What a run that was killed left behind: its processes and its scratch.

Every process under test starts with its host's directory as HOME, and what it forks keeps that. Who
holds the lock of a results directory may therefore end whatever has its HOME there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def end_processes(home: Path) -> int:
    """End all processes that were started with a HOME at or beneath this one; return how many.

    On Linux only: elsewhere a host's end is the end of its process group.
    """
    ended = 0
    while found := list(_processes(os.fsencode(home.absolute()))):
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        ended += len(found)
        if ended > 100_000:  # something forks faster than it can be ended
            break
    return ended


def remove(directory: Path) -> None:
    """Remove a directory of ours, whatever modes a step left on it; of a link, the link alone."""
    if directory.is_symlink():
        directory.unlink(missing_ok=True)
    else:
        shutil.rmtree(directory, ignore_errors=True)


def is_running(pid: int) -> bool:
    """Say whether there is a process of that number, which on Windows there may always be."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True


def _processes(home: bytes) -> Iterator[int]:
    if sys.platform != "linux":
        return
    starts = (b"HOME=" + home + b"\0", b"HOME=" + home + b"/")
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            variables = b"\0" + (entry / "environ").read_bytes() + b"\0"
            state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
        except (OSError, IndexError):
            continue  # gone, or another user's
        if state != b"Z" and any(b"\0" + start in variables for start in starts):
            yield int(entry.name)

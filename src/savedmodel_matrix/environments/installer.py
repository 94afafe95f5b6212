"""uv, the installer: finding it, running it alone, and ending it with everything it started.

Its output goes to a log as it comes; where it fails, the error carries the last lines of it.
"""

import asyncio
import contextlib
import importlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from savedmodel_matrix.model.errors import UserError

LAST_LINES = 5
POLL = 0.2  # seconds between two attempts at a lock that another process has
GRACE = 5.0  # seconds between asking uv to end and ending it

# The paths of some other Python: uv is always told which one is meant, and these could only
# send it, or the interpreter that it questions, to another.
_FOREIGN = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_SYSTEM_PYTHON")


class InstallerFailed(Exception):
    """uv ended with another status than 0, or could not be started.

    `last_words` is what it said last: at most five lines, empty ones left out.
    """

    def __init__(self, last_words: str) -> None:
        super().__init__(last_words)
        self.last_words = last_words


def find_uv() -> Path:
    """Find uv: the one installed beside this package, else the one on PATH.

    Raises UserError if there is neither.
    """
    with contextlib.suppress(ImportError, FileNotFoundError):
        return Path(importlib.import_module("uv").find_uv_bin())
    if found := shutil.which("uv"):
        return Path(found)
    raise UserError("uv, which fills the environments, is not to be found: run `pip install uv`.")


async def run_uv(
    uv: Path,
    arguments: Sequence[str | Path],
    *,
    log: Path,
    directory: Path | None = None,
    inherited: int | None = None,
) -> None:
    """Run uv with `arguments` to its end, its output appended to the file `log`.

    `directory` is its working directory. `inherited` is a file descriptor that it gets too: a
    lock held through it stays held while uv runs, even if this process is killed meanwhile.
    Raises InstallerFailed. If the task is cancelled, uv's process group is ended before
    the cancellation goes on.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"$ uv {' '.join(map(str, arguments))}\n".encode())
        output.flush()
        start = output.tell()
        try:
            process = await asyncio.create_subprocess_exec(
                uv,
                "--color=never",
                "--no-progress",
                *arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env={key: value for key, value in os.environ.items() if key not in _FOREIGN},
                start_new_session=True,
                pass_fds=[] if inherited is None else [inherited],
            )
        except OSError as error:
            raise InstallerFailed(f"{uv} does not start: {error.strerror}") from error
        try:
            status = await process.wait()
        except BaseException:
            await _end(process)
            raise
    if status != 0:
        raise InstallerFailed(_last_words(log, start) or f"uv ended with status {status}")


@contextlib.asynccontextmanager
async def alone(file: Path) -> AsyncIterator[int | None]:
    """Hold a lock on `file` for as long as the body runs, and wait for it if another has it.

    Yields its descriptor, to hand to `run_uv`: the lock lasts as long as any process has it open.
    On Windows nothing is held, and None is yielded.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield None
        return
    import fcntl  # noqa: PLC0415 (not to be had on Windows)

    with file.open("ab") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(POLL)
        yield held.fileno()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process group of `process`, first by asking and then by force."""
    try:
        _signal_group(process, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE)
    finally:
        # Also when uv ended by itself: what it started may not have.
        _signal_group(process, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        await process.wait()


def _signal_group(process: asyncio.subprocess.Process, number: int) -> None:
    """Send a signal to the process group, which has the process's own id."""
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, number)


def _last_words(log: Path, start: int) -> str:
    """Return the last lines written to `log` from the offset `start` on, but for mere markers."""
    with log.open("rb") as output:
        output.seek(start)
        lines = output.read().decode(errors="replace").splitlines()
    return "\n".join([line.strip() for line in lines if line.strip(" \t^")][-LAST_LINES:])

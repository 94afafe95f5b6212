"""The driver's end of a host, and a process per step where forking is not safe.

Both run the same code on the same request and answer with the same ``Ended``. A host that dies
answers every step under way with HostDied.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from savedmodel_matrix.environments.bytecode import BYTECODE
from savedmodel_matrix.host.log import BoundedLog
from savedmodel_matrix.host.protocol import (
    LOG,
    REQUEST,
    STAGE,
    HostSettings,
    Order,
    Ready,
    Reply,
    line_from_json,
    read_stage,
    request_to_json,
)

if TYPE_CHECKING:
    import resource
    from collections.abc import Iterator, Mapping, Sequence

    from savedmodel_matrix.host.protocol import Request
    from savedmodel_matrix.model.environment import Environment

_Line = TypeVar("_Line", Ready, Reply)
BOOTSTRAP = Path(__file__).parents[1] / "host" / "bootstrap.py"
LONGEST_LINE = 1 << 20
LAST_WORDS = 4000
STACK_SECONDS = 0.3
# ru_maxrss counts KiB on Linux, bytes on macOS.
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024
PATIENCE = 10.0  # seconds that a host gets to end by itself
SLOWEST_START = 300.0  # seconds that a host gets to import TensorFlow
SLACK = 60.0  # seconds that a host gets to end a step beyond the time that the step has

# What every process under test starts with; nothing of the user's environment variables leaks in.
VARIABLES = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONHASHSEED": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    # oneDNN's default, stated: float32 is computed as float32 whatever the processor could do
    # (https://uxlfoundation.github.io/oneDNN/dev_guide_attributes_fpmath_mode.html).
    "ONEDNN_DEFAULT_FPMATH_MODE": "STRICT",
}


def stated_numerics() -> dict[str, str]:
    """Return those of the variables that say how to compute."""
    return {name: value for name, value in VARIABLES.items() if name.startswith("ONEDNN_")}


class HostDied(Exception):
    """The host ended, or never got ready; the message is its last words."""


@dataclass(frozen=True)
class Ended:
    """How a step's process ended. Times are monotonic seconds, ``memory`` bytes.

    ``cpu`` and ``memory`` are the kernel's figures, for a step that could not tell its own.
    """

    code: int | None
    signal: int | None
    timed_out: bool
    cpu: float
    memory: int
    sent: float
    received: float
    stage: str = ""  # where it was when its time was up
    starved: bool = False  # whether the kernel ended it for want of memory


def surroundings(
    environment: Environment, home: Path, settings: Mapping[str, str]
) -> dict[str, str]:
    """Return all environment variables of a process under test.

    Bytecode goes into a directory of its own, so that steps can write it and nothing else there.
    """
    home.mkdir(parents=True, exist_ok=True)
    bytecode = environment.executable.parent.parent / BYTECODE
    with contextlib.suppress(OSError):
        bytecode.mkdir(exist_ok=True)
    own = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "KERAS_HOME": str(home / ".keras"),
        "PYTHONPYCACHEPREFIX": str(bytecode),
    }
    if environment.path is not None:
        own["PYTHONPATH"] = str(environment.path)
    return VARIABLES | own | dict(environment.variables) | dict(settings)


class ForkingHost:
    """One import, a forked child per step. Runs several steps at once."""

    def __init__(
        self,
        python: Path,
        variables: Mapping[str, str],
        preload: Sequence[str],
        prepare: Sequence[str],
        home: Path,
    ) -> None:
        self._python, self._variables, self.home = python, dict(variables), home
        self._preload, self._prepare = list(preload), list(prepare)
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._number = 0
        self._reader: asyncio.Task[None] | None = None
        self.start_seconds = 0.0
        self.start_cpu = 0.0

    async def start(self, expected: Mapping[str, str]) -> None:
        """Start the host and wait until it has imported.

        ``expected`` are the versions that it must find there. Raises HostDied.
        """
        self._log = self.home / "host.log"
        settings = HostSettings(self._preload, self._prepare, dict(expected))
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(self._python),
                str(BOOTSTRAP),
                "serve",
                json.dumps(asdict(settings)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=self._variables,
                cwd=self.home,
                limit=LONGEST_LINE,
                start_new_session=True,
            )
        try:
            ready = await asyncio.wait_for(self._line(Ready), SLOWEST_START)
        except TimeoutError:
            kill_group(self._process.pid)
            raise HostDied(f"it was not ready after {SLOWEST_START:.0f} s") from None
        if ready is None:
            raise HostDied(await self._last_words())
        self.start_seconds, self.start_cpu = ready.seconds, ready.cpu
        self._reader = asyncio.create_task(self._read())

    async def run(self, request: Request, mailbox: Path) -> Ended:
        """Run one step in a forked child. Raises HostDied."""
        process = self._process
        if process is None or process.stdin is None or self._reader is None or self._reader.done():
            raise HostDied(await self._last_words())
        self._number += 1
        order = Order(self._number, request_to_json(request), str(mailbox))
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = future
        sent = time.monotonic()
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        try:
            end = await asyncio.wait_for(future, request.limits.seconds + SLACK)
        except TimeoutError:  # stopped, or stuck: it answers nothing any more
            kill_group(process.pid)
            raise HostDied("it did not answer in time") from None
        received = time.monotonic()
        return Ended(
            end.code,
            end.signal,
            end.timed_out,
            end.cpu,
            end.memory,
            sent,
            received,
            end.stage,
        )

    async def close(self) -> None:
        """End the host and whatever it runs; returns when it is gone."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(asyncio.shield(process.wait()), PATIENCE)
        except TimeoutError:
            kill_group(process.pid)
            await process.wait()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _line(self, kind: type[_Line]) -> _Line | None:
        if self._process is None or self._process.stdout is None:
            return None
        try:
            line = await self._process.stdout.readline()
            return line_from_json(kind, json.loads(line)) if line.endswith(b"\n") else None
        except (ValueError, OSError):
            return None

    async def _read(self) -> None:
        while (message := await self._line(Reply)) is not None:
            future = self._waiting.pop(message.id, None)
            if future is not None and not future.done():
                future.set_result(message)
        words = await self._last_words()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(HostDied(words))
        self._waiting.clear()

    async def _last_words(self) -> str:
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), 2)
        try:
            text = self._log.read_bytes()[-LAST_WORDS:].decode(errors="replace")
        except OSError:
            text = ""
        lines = [line for line in text.splitlines() if line.strip()]
        return "\n".join(lines[-5:]) or "it said nothing"


class SingleHost:
    """A process per step: what one would write by hand. Nothing is imported ahead."""

    def __init__(self, python: Path, variables: Mapping[str, str], home: Path) -> None:
        self._python, self._variables, self.home = python, dict(variables), home
        self._expected: dict[str, str] = {}
        self._running: set[int] = set()
        self.start_seconds = 0.0
        self.start_cpu = 0.0

    async def start(self, expected: Mapping[str, str]) -> None:
        """Remember the environment's versions; there is nothing to start."""
        self._expected = dict(expected)

    async def run(self, request: Request, mailbox: Path) -> Ended:
        """Run one step in a process of its own. Raises HostDied where none can be started."""
        mailbox.mkdir(parents=True, exist_ok=True)
        file = mailbox / REQUEST
        asked = {"request": request_to_json(request), "expected": self._expected}
        file.write_text(json.dumps(asked))
        sent = time.monotonic()
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        log = BoundedLog(reader)
        try:
            process = self._begin(["step", str(file), str(mailbox)], writer)
        except OSError as error:
            os.close(reader)
            raise HostDied(str(error)) from error
        finally:
            os.close(writer)
        self._running.add(process.pid)
        with _collected(log):
            waiting = asyncio.create_task(asyncio.to_thread(_wait, process))
            timed_out, stage = False, ""
            try:
                await asyncio.wait_for(asyncio.shield(waiting), request.limits.seconds)
            except TimeoutError:
                timed_out, stage = True, read_stage(mailbox / STAGE)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process.pid, signal.SIGUSR2)  # it writes its Python stack into its log
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(waiting), STACK_SECONDS)
            finally:
                kill_group(process.pid)
                usage = await waiting
                self._running.discard(process.pid)
        log.write(mailbox / LOG)
        code = process.returncode
        return Ended(
            code if code >= 0 else None,
            -code if code < 0 else None,
            timed_out,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * MEMORY_UNIT,
            sent,
            time.monotonic(),
            stage,
        )

    def _begin(self, arguments: list[str], output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._python), str(BOOTSTRAP), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=self._variables,
            cwd=self.home,
            start_new_session=True,
        )

    async def close(self) -> None:
        """End what still runs."""
        for pid in self._running:
            kill_group(pid)


def _wait(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """Wait until a process has ended; return what it and its children used, as the kernel says."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


@contextlib.contextmanager
def _collected(log: BoundedLog) -> Iterator[None]:
    """Read a log whenever there is something, so that who writes it never waits."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not log.read():
            loop.remove_reader(log.descriptor)

    loop.add_reader(log.descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(log.descriptor)


def kill_group(pid: int) -> None:
    """End a process and its whole group at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def forking_is_safe() -> bool:
    """Say whether a host may fork after importing TensorFlow: on Linux only."""
    return sys.platform == "linux"

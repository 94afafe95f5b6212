"""A host: imports TensorFlow once, runs no op, and forks a child for every step it is asked for.

Requests come as JSON lines on standard input; one reply line goes out when a child has ended,
whatever its end. A child has its own session, process group, mailbox, scratch directory and log,
and no descriptor of the protocol. End of input ends the host and every child.

Forking after ``import tensorflow`` is safe as long as no op has run, which ``warm_up`` checks.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.host.confinement import adopt_orphans
from savedmodel_matrix.host.log import CHUNK, BoundedLog
from savedmodel_matrix.host.modules import load_plain
from savedmodel_matrix.host.protocol import (
    BROKEN,
    LOG,
    STAGE,
    HostSettings,
    Order,
    Ready,
    Reply,
    Request,
    line_from_json,
    read_stage,
    request_from_json,
)
from savedmodel_matrix.host.steps import MEMORY_UNIT, own_failure, run_and_exit
from savedmodel_matrix.host.surroundings import warm_up

if TYPE_CHECKING:
    from collections.abc import Container

STACK_SECONDS = 0.3  # that an overdue step gets to write its Python stack into its log


def main(settings: str) -> None:
    """Serve until standard input ends; ``settings`` is a HostSettings as JSON."""
    replies = os.dup(1)
    os.dup2(2, 1)  # what imports print goes to the host's log, never into the protocol
    asked = line_from_json(HostSettings, json.loads(settings))
    adopt_orphans()
    began = time.monotonic()
    warm_up(asked.preload, asked.expected)
    for loader in asked.prepare:
        load_plain(Path(loader)).prepare()
    gc.collect()
    gc.freeze()  # a child's collector then leaves shared pages alone
    Server(replies).serve(Ready(time.monotonic() - began, time.process_time()))


class Child:
    """A running step as its host sees it."""

    def __init__(self, number: int, pid: int, log: int, mailbox: Path, seconds: float) -> None:
        self.number, self.pid, self.mailbox = number, pid, mailbox
        self.log = BoundedLog(log)
        self.deadline = time.monotonic() + seconds
        self.timed_out = False
        self.stage = ""  # where it was when its time was up


class Server:
    """The single-threaded loop of a host."""

    def __init__(self, replies: int) -> None:
        self._replies = replies
        self._children: dict[int, Child] = {}
        self._pending = b""
        self._selector = selectors.DefaultSelector()
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(0, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._selector.register(0, selectors.EVENT_READ, "requests")
        self._selector.register(self._woken, selectors.EVENT_READ, "woken")

    def serve(self, ready: Ready) -> None:
        """Reply ``ready`` and run steps until input ends."""
        self._reply(ready)
        open_for_requests = True
        while open_for_requests or self._children:
            for key, _ in self._selector.select(self._patience()):
                if key.data == "requests":
                    open_for_requests = self._read_requests()
                elif key.data == "woken":
                    os.read(self._woken, CHUNK)
                elif not key.data.log.read():
                    self._selector.unregister(key.fd)
            self._end_overdue(everyone=not open_for_requests)
            self._reap()

    def _patience(self) -> float | None:
        deadlines = [child.deadline for child in self._children.values()]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _read_requests(self) -> bool:
        data = os.read(0, CHUNK)
        if not data:
            self._selector.unregister(0)
            return False
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._fork(line_from_json(Order, json.loads(line)))
        return True

    def _fork(self, order: Order) -> None:
        mailbox, request = Path(order.mailbox), request_from_json(order.request)
        mailbox.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        pid = os.fork()
        if pid == 0:
            code = BROKEN
            try:
                os.close(reader)
                self._become_child(request, mailbox, writer)
            except BaseException as error:
                code = own_failure(error, mailbox)
            finally:
                os._exit(code)  # whatever went wrong, never go on as a second host
        os.close(writer)
        child = Child(order.id, pid, reader, mailbox, request.limits.seconds)
        self._children[pid] = child
        self._selector.register(reader, selectors.EVENT_READ, child)

    def _become_child(self, request: Request, mailbox: Path, log: int) -> None:
        first = time.monotonic()
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.set_blocking(log, True)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        self._selector.close()
        os.closerange(3, max(self._replies, nothing, log, self._woken) + 2)
        run_and_exit(request, mailbox, first)

    def _end_overdue(self, *, everyone: bool) -> None:
        now = time.monotonic()
        for child in self._children.values():
            if everyone:
                _kill_group(child.pid)
            elif now >= child.deadline and not child.timed_out:
                # From here on its end is a timeout, whatever asking for its stack does to it.
                child.timed_out, child.deadline = True, now + STACK_SECONDS
                child.stage = read_stage(child.mailbox / STAGE)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(child.pid, signal.SIGUSR2)
            elif now >= child.deadline:
                child.deadline = now + 5  # ask again should the kernel be slow
                _kill_group(child.pid)

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            pid, status, usage = os.wait4(ended.si_pid, 0)
            child = self._children.pop(pid, None)
            if child is not None:
                self._finish(child, status, usage)
            _kill_orphans(self._children)

    def _finish(self, child: Child, status: int, usage: Any) -> None:
        _kill_group(child.pid)
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.log.descriptor)
        child.log.write(child.mailbox / LOG)
        self._reply(
            Reply(
                child.number,
                os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                child.timed_out,
                child.stage,
                usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss * MEMORY_UNIT,
            )
        )

    def _reply(self, message: Ready | Reply) -> None:
        data = json.dumps(asdict(message)).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):
            while data:
                data = data[os.write(self._replies, data) :]


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _kill_orphans(steps: Container[int]) -> None:
    """End what ended steps left behind outside their groups.

    Each step adopts its own orphans while it lives, so that a child of this process that is no
    step was left by one that has ended.
    """
    try:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return
    for pid in map(int, children):
        if pid in steps:
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)

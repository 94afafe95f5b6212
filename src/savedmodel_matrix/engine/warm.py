"""Hosts that outlive a run: the next one of the same environment finds TensorFlow imported.

A host that a run is done with waits here. It is ended when too many wait, when memory is short, or
when something was still running in it, since that must not go on.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from savedmodel_matrix.engine.pressure import short_of_memory
from savedmodel_matrix.engine.processes import HostDied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from savedmodel_matrix.engine.executor import Executor, Host
    from savedmodel_matrix.engine.processes import Ended
    from savedmodel_matrix.host.protocol import Request
    from savedmodel_matrix.model.steps import HostKey

MOST = 4  # hosts that wait at once, each with some hundred megabytes of its own

# The files that a run hands over, its hosts' key, and the versions that they were told to find.
Kind = tuple[str, "HostKey", tuple[tuple[str, str], ...]]


class WarmHosts:
    """The hosts that wait, least recently used first; ``home`` has a directory for each."""

    def __init__(self, home: Path, most: int = MOST) -> None:
        self._home, self._most = home, most
        self._idle: list[tuple[Kind, Host]] = []
        self._numbers = itertools.count(1)

    def executor(self, executor: Executor, files: str) -> Executor:
        """Return an executor that takes hosts from here; ``files`` tells what they may have read.

        ``executor`` makes those that are missing.
        """
        return _Warm(self, executor, files)

    def place(self) -> Path:
        """Return a directory for a host that is about to start."""
        return self._home / f"host-{next(self._numbers)}"

    def take(self, kind: Kind) -> Host | None:
        """Return a host that waits, which then does not wait any more."""
        for number, (other, host) in enumerate(self._idle):
            if other == kind:
                del self._idle[number]
                return host
        return None

    async def give(self, kind: Kind, host: Host) -> None:
        """Let a host wait that nothing runs in."""
        self._idle.append((kind, host))
        most = 0 if short_of_memory() else self._most
        gone = [self._idle.pop(0)[1] for _ in range(len(self._idle) - most)]
        await asyncio.gather(*(one.close() for one in gone))

    async def close(self) -> None:
        """End all hosts that wait."""
        gone, self._idle = self._idle, []
        await asyncio.gather(*(host.close() for _, host in gone))


class _Warm:
    def __init__(self, hosts: WarmHosts, executor: Executor, files: str) -> None:
        self._hosts, self._executor, self._files = hosts, executor, files

    def host(self, key: HostKey, home: Path) -> Host:  # noqa: ARG002 - an executor's
        """Return a host; its directory is where it can stay, and not ``home``."""
        return _Lent(self._hosts, self._executor, self._files, key)


class _Lent:
    """A host that goes back when it is closed."""

    def __init__(self, hosts: WarmHosts, executor: Executor, files: str, key: HostKey) -> None:
        self._hosts, self._executor, self._files, self._key = hosts, executor, files, key
        self._host: Host | None = None
        self._kind: Kind = (files, key, ())
        self._running = 0
        self._usable = False
        self.home = hosts.place()
        self.start_seconds = self.start_cpu = 0.0

    async def start(self, expected: Mapping[str, str]) -> None:
        """Take a host that waits, or start one. Raises HostDied."""
        self._kind = (self._files, self._key, tuple(sorted(expected.items())))
        self._host = self._hosts.take(self._kind)
        if self._host is None:
            self._host = self._executor.host(self._key, self.home)
            await self._host.start(expected)
            self.start_seconds, self.start_cpu = self._host.start_seconds, self._host.start_cpu
        self.home, self._usable = self._host.home, True

    async def run(self, request: Request, mailbox: Path) -> Ended:
        """Run one step. Raises HostDied."""
        if self._host is None:
            raise HostDied("it was not started")
        self._running += 1
        try:
            ended = await self._host.run(request, mailbox)
        except BaseException:  # it died, or the step may go on in it
            self._usable = False
            raise
        self._running -= 1
        return ended

    async def close(self) -> None:
        """Hand the host back, or end it where something runs in it."""
        host, self._host = self._host, None
        if host is None:
            return
        if self._usable and not self._running:
            await self._hosts.give(self._kind, host)
        else:
            await host.close()

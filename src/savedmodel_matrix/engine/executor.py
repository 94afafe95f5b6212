"""Where steps run: a host for each import, behind one interface.

The schedule only knows this interface. Here are its local implementations, a forking host and a
process per step; a test has one that pretends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from savedmodel_matrix.engine.planning import preloads
from savedmodel_matrix.engine.processes import ForkingHost, SingleHost, surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.engine.processes import Ended
    from savedmodel_matrix.host.protocol import Request
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.model.steps import HostKey


class Host(Protocol):
    """Runs steps of one environment, several at once."""

    home: Path
    start_seconds: float  # of wall clock, and
    start_cpu: float  # of CPU, that its start took

    async def start(self, expected: Mapping[str, str]) -> None:
        """Get ready. ``expected`` are the versions that it must find. Raises HostDied."""

    async def run(self, request: Request, mailbox: Path) -> Ended:
        """Run one step. Raises HostDied."""

    async def close(self) -> None:
        """End the host and whatever it runs; returns when it is gone."""


class Executor(Protocol):
    """Makes hosts."""

    def host(self, key: HostKey, home: Path) -> Host:
        """Return a host that has not started yet; ``home`` is a directory of its own."""


class Local:
    """Hosts on this machine: one import and forked steps, or a process per step."""

    def __init__(
        self,
        loaders: Sequence[Loader],
        environments: Mapping[str, Environment],
        *,
        forking: bool,
    ) -> None:
        self._loaders, self._environments, self._forking = loaders, environments, forking

    def host(self, key: HostKey, home: Path) -> Host:
        """Return a host of one environment, with its variables and the settings of the key."""
        environment = self._environments[key.environment]
        variables = surroundings(environment, home, dict(key.settings))
        if not self._forking:
            return SingleHost(environment.executable, variables, home)
        modules, prepares = preloads(key, environment, self._loaders)
        return ForkingHost(environment.executable, variables, modules, prepares, home)

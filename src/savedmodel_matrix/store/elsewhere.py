"""What workers found of environments that need not be installed here, beside a run's records.

A record's key rests on the Python and the platform of its environment, which only the machine knows
that it is installed on. What is noted holds for as long as the lock is the same.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.environments.filling import EnvironmentBroken, Identity, lock_hash, look
from savedmodel_matrix.environments.provenance import packages
from savedmodel_matrix.model.files import write_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.store.run_directory import RunDirectory

NAME = "environments.json"
_STATED = ("lock", "python", "platform", "packages")


class Elsewhere:
    """The notes in a run directory: what is known of each environment, by its name."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._noted: dict[str, dict[str, Any]] = {}
        with contextlib.suppress(OSError, ValueError):  # without it nothing is known
            read = json.loads((directory.hidden / NAME).read_bytes())
            if isinstance(read, dict):
                self._noted = {name: one for name, one in read.items() if _is_whole(one)}

    def identities(self, environments: Mapping[str, Environment]) -> dict[str, Identity]:
        """Return those environments whose Python and platform are known, with these.

        As a worker noted them, else as they are installed here.
        """
        found = {}
        for name, environment in environments.items():
            with contextlib.suppress(EnvironmentBroken):
                lock, noted = lock_hash(environment), self._noted.get(name)
                if noted and noted["lock"] == lock:
                    found[name] = Identity(lock, noted["python"], noted["platform"])
                elif filled := look(environment):
                    found[name] = filled.identity
                    self._noted[name] = {
                        "lock": lock,
                        "python": filled.identity.python,
                        "platform": filled.identity.platform,
                        "packages": packages(environment),
                    }
                else:
                    self._noted.pop(name, None)
        return found

    def described(self, names: Iterable[str]) -> dict[str, Any]:
        """Return what a run's description says of these environments, as far as it is known."""
        wanted = ("lock", "python", "packages")
        return {
            name: {what: self._noted[name][what] for what in wanted}
            for name in names
            if name in self._noted
        }

    def note(self, run: Mapping[str, Any]) -> None:
        """Note the environments of a worker's run, by its ``run.json``. Raises UserError."""
        platform = {"platform": run["platform"]}
        found = {name: {**one, **platform} for name, one in run["environments"].items()}
        if any(self._noted.get(name) != one for name, one in found.items()):
            self._noted |= found
            content = json.dumps(self._noted, sort_keys=True).encode()
            write_files({self._directory.hidden / NAME: content}, self._directory.unfinished)


def _is_whole(noted: object) -> bool:
    return isinstance(noted, dict) and all(name in noted for name in _STATED)

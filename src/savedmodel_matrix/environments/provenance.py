"""How, when and with what a table was made: the description that is kept beside it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.environments.filling import patch_hashes
from savedmodel_matrix.environments.integrity import distributions
from savedmodel_matrix.environments.processor import processor
from savedmodel_matrix.workspace.stated import normalized

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.environments.filling import Identity
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.workspace.project import Project

# What outcomes rest on; a changed README makes no table doubtful.
RESTS_ON = ("src", "cases", "locks", "patches", "pyproject.toml")
# What a selection that is accepted by itself says of its run, beside when, where and how much.
OF_A_SELECTION = ("asked", "dirty", "platform", "python", "cells_run", "seconds")
_DISTRIBUTION = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")


def describe(
    project: Project,
    names: Sequence[str],
    identities: Mapping[str, Identity],
    *,
    ran: int,
    seconds: float,
    numerics: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Return the description of a run over these environments, as JSON data.

    ``ran`` is how many cells were run for it, in ``seconds`` of wall clock; the others were known.
    ``numerics`` is what libraries were told of how to compute: environment variables, and for each
    loader its own settings. An environment that could not be had has no identity and is left out.
    """
    commit, dirty = _version_control(project.root)
    return {
        "finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": commit,
        "dirty": dirty,
        "platform": f"{sys.platform}-{platform.machine()}",
        "python": platform.python_version(),
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "numerics": {name: dict(stated) for name, stated in (numerics or {}).items()},
        "cells_run": ran,
        "seconds": round(seconds),
        "environments": {
            name: {
                "lock": identities[name].lock,
                "python": identities[name].python,
                "packages": packages(project.environments[name]),
                **_patched(project.environments[name]),
            }
            for name in names
            if name in identities
        },
        "selections": [],
    }


def _patched(environment: Environment) -> dict[str, dict[str, str]]:
    """Return the hash of each patch by name, its base's too; nothing where there are none."""
    found = patch_hashes(environment.base) if environment.base else {}
    found |= patch_hashes(environment)
    return {"patches": found} if found else {}


def packages(environment: Environment) -> dict[str, str]:
    """Return what can be imported in an environment, version by normalised name.

    What is over another environment replaces what that one has.
    """
    found = packages(environment.base) if environment.base else {}
    for name in distributions(environment.directory):
        if match := _DISTRIBUTION.fullmatch(name):
            found[normalized(match["name"])] = match["version"]
    return dict(sorted(found.items()))


def merged(before: Mapping[str, Any] | None, now: Mapping[str, Any], cells: int) -> dict[str, Any]:
    """Return the description of an accepted table of which ``cells`` were replaced by a run.

    The full run goes on to describe the table; the later selection is noted beneath it: when, at
    which commit, what was asked for, in which environments, and its processor if that is another.
    Environments that only it had are added.
    """
    if not before:
        return dict(now)
    later = {"finished": now["finished"], "commit": now["commit"], "cells": cells}
    later |= {name: now[name] for name in OF_A_SELECTION if now.get(name)}
    later |= {"environments": sorted(now["environments"])} if now.get("environments") else {}
    if now.get("processor") != before.get("processor"):
        later["processor"] = now.get("processor")
    environments = now.get("environments", {}) | before.get("environments", {})
    noted = {"selections": [*before.get("selections", []), later]}
    return dict(before) | noted | ({"environments": environments} if environments else {})


def still_there(
    selections: Sequence[Mapping[str, Any]], kept: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return the noted selections of which a full run leaves cells in the table.

    ``kept`` are the producers and consumers of all cells that it leaves. A selection is one of
    those if it had such a pair; one that does not say which environments it had is not told apart.
    """
    return [
        dict(one)
        for one in selections
        if any({*pair} <= {*one.get("environments", ())} for pair in kept)
    ]


def _version_control(root: Path) -> tuple[str, bool]:
    """Return the commit and whether anything that outcomes rest on differs from it."""
    commit = _git(root, "rev-parse", "HEAD").strip()
    changed = _git(root, "status", "--porcelain", "--", *RESTS_ON) if commit else ""
    return commit, bool(changed.strip())


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""

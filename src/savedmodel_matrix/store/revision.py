"""The accepted table of a commit, read from version control without a checkout of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.compared import Result
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.accepted import RUN, TABLE
from savedmodel_matrix.store.result import parsed_rows, parsed_run

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60
_SHORT = 12  # characters of a commit


def read_revision(revision: str, accepted: Path) -> Result:
    """Read the accepted table that is in ``accepted`` as it was at a commit, tag or branch.

    Raises UserError if there is no such commit, or it has no accepted table.
    """
    if not accepted.parent.is_dir():
        raise UserError(f"{accepted.parent} is not there, so no commit can be asked for its table.")
    commit = _git(accepted, "rev-parse", "--verify", "--quiet", "--end-of-options", _of(revision))
    if commit is None:
        raise UserError(
            f"{revision!r} is neither a file or directory here, nor an address, nor a commit that "
            "this repository has: name a result, such as results, results/accepted, main~3, or "
            "https://… (in a shallow clone, fetch more commits)."
        )
    name = commit.decode().strip()
    place = f"./{accepted.name}"
    table = _git(accepted, "show", f"{name}:{place}/{TABLE}")
    if table is None:
        raise UserError(f"Commit {name[:_SHORT]} ({revision}) has no {accepted.name}/{TABLE}.")
    where = f"{revision}:{accepted.name}"
    run = _git(accepted, "show", f"{name}:{place}/{RUN}")
    return Result(
        revision,
        f"the accepted table of commit {name[:_SHORT]}",
        parsed_rows(table, f"{where}/{TABLE}"),
        parsed_run(run, f"{where}/{RUN}") if run is not None else {},
    )


def _of(revision: str) -> str:
    return f"{revision}^{{commit}}"


def _git(accepted: Path, *arguments: str) -> bytes | None:
    """Return what git answers, None if it has no answer. Raises UserError if git does not run."""
    try:
        done = subprocess.run(
            ["git", "-C", str(accepted.parent), *arguments],
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except ValueError:  # a name with a NUL in it
        return None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"git does not run here ({error}), so no commit can be read.") from error
    return done.stdout if done.returncode == 0 else None

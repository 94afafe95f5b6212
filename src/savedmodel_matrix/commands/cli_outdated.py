"""The command ``outdated``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from savedmodel_matrix.commands.cli_results import FORMAT
from savedmodel_matrix.commands.harness import harness_command


@harness_command()
@click.option(
    "--write",
    is_flag=True,
    help="State what is missing in pyproject.toml and lock it. Nothing is stated that cannot be "
    "locked.",
)
@FORMAT
def outdated(write: bool, form: str) -> None:
    """Say which releases of TensorFlow, Keras and runtimes are not in the matrix.

    The package index is asked for each package that an environment of pyproject.toml is named for
    (tf2.21, keras3.14, litert2.2) and for those of loaders with an environment of their own. A new
    minor becomes an environment of its own, like the newest one of its row and in the same groups
    and selections; a patch release goes in the place of the one before.

    \b
    Exit status: 0  nothing is missing, or it is stated and locked now
                 1  something is missing
                 2  the index cannot be asked, or a lock cannot be made; nothing is stated

    \b
    Examples:
      savedmodel-matrix outdated
      savedmodel-matrix outdated --write
      savedmodel-matrix outdated --format json
    """
    from savedmodel_matrix.commands.outdated import run_outdated  # noqa: PLC0415 - slow to import
    from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415

    sys.exit(run_outdated(find_project(Path.cwd()), write=write, form=form))

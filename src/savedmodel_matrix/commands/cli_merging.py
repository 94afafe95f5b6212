"""The command ``merge``, which puts the parts of a matrix together."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from savedmodel_matrix.commands.cli_options import many
from savedmodel_matrix.commands.harness import harness_command


@harness_command()
@click.argument(
    "directories",
    metavar="DIR...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option(
    "--into",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the whole goes: a new or empty directory, or one of a run, which then is one of "
    "those that are merged.",
)
@click.option("--partial", is_flag=True, help="Merge what is there, though parts are missing.")
@many(
    "--cases",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The directory with your own cases that the runs were given.",
)
@many(
    "--plugins",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The directory with your own remedies and loaders that the runs were given.",
)
def merge(
    directories: tuple[Path, ...],
    into: Path,
    partial: bool,
    cases: tuple[Path, ...],
    plugins: tuple[Path, ...],
) -> None:
    """Put the run directories of several machines together into one.

    The result is the directory of one whole run: its table, its report, and its memory, from which
    `matrix --results DIR` goes on. The directories that are merged are left as they are. No
    environment is needed, but the checkout that the runs were made from.

    Runs that disagree on a cell are refused, with the cell and both outcomes, and nothing is
    written.

    \b
    Exit status: 0  everything is in one directory
                 2  nothing was written: runs disagree, a part is missing or cannot be read

    \b
    Examples:
      savedmodel-matrix matrix --all --shard 1/3 --results part-1      on each of three machines
      savedmodel-matrix merge part-1 part-2 part-3 --into whole
      savedmodel-matrix compare results/accepted whole
    """
    from savedmodel_matrix.commands.merging import run_merge  # noqa: PLC0415 - slow to import
    from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415

    project = find_project(Path.cwd())
    more = {"cases": cases, "plugins": plugins}
    sys.exit(run_merge(project, directories, into, partial=partial, **more))

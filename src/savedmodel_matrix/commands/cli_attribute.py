"""The command ``attribute``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from savedmodel_matrix.commands.cli_options import RUNNING, with_options
from savedmodel_matrix.commands.harness import harness_command


@harness_command()
@click.option(
    "--between",
    metavar="A B",
    nargs=2,
    multiple=True,
    help="Only the differences between these two environments. May be repeated. [default: each of "
    "the group `default` and the next]",
)
@click.option(
    "--minutes",
    metavar="M",
    type=click.FloatRange(0),
    help="Start no batch after so many minutes; what is left over is kept as not tried.",
)
@click.option(
    "--most",
    metavar="N",
    type=click.IntRange(1),
    help="Run so many groups of each two environments, those that tell most. What ended alike is "
    "told by these, and kept as such. [default: all]",
)
@click.option("--packages-only", is_flag=True, help="Say which package it was; run no releases.")
@click.option("--dry-run", is_flag=True, help="Say how many cells differ, and run nothing.")
@with_options(RUNNING)
def attribute(**options: Any) -> None:
    """Attribute every difference of the accepted table to a package and a release.

    Compared are cells of neighbouring environments: tf2.15 and tf2.16, tf2.16 and tf2.17 … Cells
    that end alike are a group, of which one is run: in the older environment with the packages of
    the newer one, and then in releases between. Accepted cells of environments with other releases
    of Keras are used where they answer. Killed, it goes on where it was.

    What is found is kept beside the accepted table, in results/accepted/attribution.json, and the
    report shows it: `nox -s report`. Of each cell that is not attributed it says why.

    \b
    Exit status: 0  every difference is attributed
                 1  some are not
                 2  nothing was accepted, or locks are no longer those of the accepted run

    \b
    Examples:
      savedmodel-matrix attribute --dry-run
      savedmodel-matrix attribute --between tf2.15 tf2.16 --minutes 30
    """
    from savedmodel_matrix.commands.attribute import run_attribute  # noqa: PLC0415 - slow
    from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415

    sys.exit(run_attribute(find_project(Path.cwd()), **options))

"""The command ``bisect``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from savedmodel_matrix.commands.cli_options import RUNNING, many, with_options
from savedmodel_matrix.commands.cli_results import FORMAT
from savedmodel_matrix.commands.harness import harness_command


@harness_command()
@click.option("--case", metavar="NAME", required=True, help="The case whose outcome is searched.")
@click.option(
    "--remedy", metavar="NAME", default="as-written", show_default=True, help="How it is saved."
)
@click.option(
    "--loader",
    metavar="NAME",
    help="What loads it. [default: the first that reads what the remedy writes]",
)
@click.option(
    "--package",
    metavar="NAME",
    default="keras",
    show_default=True,
    help="The package whose releases are tried: keras, numpy, h5py, ml-dtypes …; what only "
    "the loader's own environment has: ai-edge-litert, onnxruntime, tf2onnx, openvino; for "
    "tensorflow, the environments of the group `released`.",
)
@click.option(
    "--over",
    metavar="NAME",
    help="The environment that everything else is of. [default: the newest TensorFlow]",
)
@click.option(
    "--between",
    metavar="A B",
    nargs=2,
    help="The oldest and the newest release to try, or two environments, to see which package it "
    "was. [default: all; of keras, from 3.0.0]",
)
@click.option(
    "--side",
    type=click.Choice(["both", "save", "load"]),
    default="both",
    show_default=True,
    help="Whether a release saves, loads or does both; the other side is the environment --over.",
)
@click.option(
    "--outcome",
    type=click.Choice(["pass", "fingerprint", "signature"]),
    default="pass",
    show_default=True,
    help="What counts as a change: whether it passes, also how it fails, or what the signatures "
    "are called.",
)
@click.option("--linear", is_flag=True, help="Run every release, and assume nothing.")
@click.option("--issue", is_flag=True, help="Print the text of an upstream issue, Markdown.")
@many(
    "--cases",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A directory with more case modules: your own.",
)
@many(
    "--plugins",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A directory with remedies/, loaders/ or converters/ inside: your own.",
)
@with_options(RUNNING)
@FORMAT
def bisect(**options: Any) -> None:
    """Find the release of a package at which the outcome of one cell changes.

    Each release is installed in front of the packages of one environment, which costs seconds, and
    the case is saved and loaded there. The search halves what lies between two releases with
    different outcomes; both neighbours of a change are run too. Which of saving and loading
    changed is told by crossing the two releases. Killed, it goes on where it was.

    Results are kept in results/bisect/, apart from those of the matrix: for each change a script
    that needs uv alone, too, and the text of an issue.

    \b
    Exit status: 0  there is an answer, "no change" too
                 2  no release gave an outcome, or the package index cannot be asked

    \b
    Examples:
      savedmodel-matrix bisect --case time_distributed_windows
      savedmodel-matrix bisect --case module_dense --remedy keras-file --side load
      savedmodel-matrix bisect --case module_dense --outcome signature --over tf2.18
      savedmodel-matrix bisect --case module_dense --package numpy --between 2.0.0 2.4.6
      savedmodel-matrix bisect --case lambda_reloaded --between tf2.20-released tf2.21-released
      savedmodel-matrix bisect --case module_dense --loader litert --package ai-edge-litert
    """
    from savedmodel_matrix.commands.bisect import run_bisect  # noqa: PLC0415 - slow to import
    from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415

    sys.exit(run_bisect(find_project(Path.cwd()), **options))

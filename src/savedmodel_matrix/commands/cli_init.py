"""The command ``init``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from savedmodel_matrix.commands.cli_options import many
from savedmodel_matrix.commands.harness import harness_command

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 3  # files of a directory that are named each


@harness_command()
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@many(
    "--environment",
    metavar="NAME",
    help="An environment of this package, or a group of them, with its lock: tf2.18, released. "
    "[default: the oldest and the newest TensorFlow]",
)
@click.option("--all-cases", is_flag=True, help="Copy the cases of this package too.")
def init(directory: Path, environment: tuple[str, ...], all_cases: bool) -> None:
    """Make a project of your own repository: a case, environments with locks, a noxfile.

    Writes cases/my_model.py, locks/, noxfile.py and .gitignore, where they are not there, and adds
    a table to pyproject.toml. Nothing that is there is replaced. Cases, environments, results and
    the accepted table are yours from then on; remedies and loaders come with this package.

    \b
    Exit status: 0  the project is there
                 2  there was one already, or something cannot be written

    \b
    Examples:
      savedmodel-matrix init && savedmodel-matrix run
      savedmodel-matrix init --environment tf2.15 --environment keras3.12
    """
    from savedmodel_matrix.workspace.starting import start  # noqa: PLC0415 - rarely needed

    started = start(directory, environment, all_cases=all_cases)
    click.echo(f"environments    {', '.join(started.environments)}")
    for title, names in (("written", started.written), ("kept as it was", started.kept)):
        for name in _short(names):
            click.echo(f"{title:15} {name}")
    where = "" if directory == Path() else f"cd {shlex.quote(str(directory))} && "
    click.echo(f"Next: {where}savedmodel-matrix run")


def _short(names: Sequence[str]) -> list[str]:
    """Return names, of which many in one directory are a line."""
    found: dict[str, None] = {}
    for name in names:
        place, slash, _ = name.rpartition("/")
        alike = [one for one in names if slash and one.rpartition("/")[0] == place]
        found[f"{place}/ {len(alike)} files" if len(alike) > FEW else name] = None
    return list(found)

"""Options that several commands share: which cells, and how to run them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def many(*names: str, help: str, **more: Any) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """Return an option that may be repeated, and whose help says so."""
    return click.option(*names, multiple=True, help=f"{help} May be repeated.", **more)


# Which cells, and how to run them: the same for every command that runs cells.
SELECTING = (
    click.option("--all", is_flag=True, help="Everything: the environments of the group default."),
    many("--selection", metavar="NAME", help="What pyproject.toml states by that name."),
    many(
        "--environment",
        metavar="NAME",
        help="Save and load in this environment, or group of them: tf2.16, released, all.",
    ),
    many("--producer", metavar="NAME", help="Save in this environment or group."),
    many("--consumer", metavar="NAME", help="Load in this one, whichever saved."),
    click.option(
        "--cross", is_flag=True, help="Load in each environment what every other saved, too."
    ),
    many("--case", metavar="NAME", help="Only this case."),
    many("--remedy", metavar="NAME", help="Only this way of saving."),
    many("--loader", metavar="NAME", help="Only this loader."),
    many(
        "--cases",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="A directory with more case modules: your own.",
    ),
    many(
        "--plugins",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="A directory with remedies/, loaders/ or converters/ inside: your own.",
    ),
)
RUNNING = (
    click.option(
        "--results",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where this run's table and memory go: a new or empty directory, or one of an earlier "
        "run. [default: results/]",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(1),
        default=lambda: os.cpu_count() or 1,
        help="Steps at a time. [default: the number of cores]",
    ),
    click.option(
        "--timeout",
        metavar="S",
        type=click.FloatRange(1),
        default=120.0,
        show_default=True,
        help="Seconds that one step may take.",
    ),
    click.option(
        "--memory",
        metavar="GIB",
        type=click.FloatRange(0, min_open=True),
        default=4.0,
        show_default=True,
        help="Gigabytes that one step may use, beyond TensorFlow itself.",
    ),
    click.option("--fresh", is_flag=True, help="Run every selected cell, whatever is known of it."),
    click.option(
        "--process-per-step",
        is_flag=True,
        help="Start a process for every step, as where forking is unsafe: same results, slower.",
    ),
)
# Where cells are run, if not here.
CLUSTER = (
    click.option(
        "--dask",
        metavar="ADDRESS",
        default="",
        help="Run on the workers of this Dask scheduler, such as tcp://scheduler:8786, and merge "
        "what they made here. Needs the extra `dask`, here and there.",
    ),
    click.option(
        "--dask-storage",
        metavar="URL",
        default="",
        help="With --dask: workers leave what they made at this fsspec address, such as "
        "s3://bucket/runs, and it is fetched there. [default: it passes through Dask]",
    ),
    click.option(
        "--dask-seconds",
        metavar="S",
        type=click.FloatRange(1),
        help="With --dask: about so long is a task, which is what a worker that dies can lose. "
        "[default: 60 to 300, so that each core gets four or more]",
    ),
)


def with_options(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Return a decorator that adds options to a command, in this order."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate

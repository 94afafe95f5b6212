"""The harness: what the commands that install and run environments need beyond the core.

`diagnose`, `repair` and `explain` are the core, which installs with next to nothing. Everything
else needs the extra `matrix`, Python 3.11, and a system with processes as POSIX has them.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

# What the extra installs, as it is imported. uv is not among them: one on PATH does as well.
MODULES = ("jinja2", "numpy", "packaging", "pandas", "pygments")
PYTHON = (3, 11)
NO_WINDOWS = "Windows is not supported: run this on Linux, or in WSL."
EXTRA = 'pip install "savedmodel-matrix[matrix]"'


def demand_harness(asked: str) -> None:
    """Raise UserError where the harness cannot work here, with what to do; `asked` needs it."""
    if sys.platform == "win32":
        raise UserError(NO_WINDOWS)
    if sys.version_info < PYTHON:
        wanted, running = (".".join(map(str, each[:2])) for each in (PYTHON, sys.version_info))
        raise UserError(
            f"`{asked}` needs Python {wanted} or newer, and this is {running}: install "
            "savedmodel-matrix[matrix] with a newer one."
        )
    if missing := [name for name in MODULES if not find_spec(name)]:
        raise UserError(
            f"`{asked}` needs the extra `matrix` ({missing[0]} is not installed): run {EXTRA}."
        )


class HarnessCommand(click.Command):
    """A command that needs the harness; its help does not."""

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command. Raises UserError where the harness cannot work here."""
        demand_harness(str(ctx.info_name))
        return super().invoke(ctx)


def harness_command() -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes such a command of a function."""
    return click.command(cls=HarnessCommand)

"""The commands that look at results and run nothing: ``compare`` and ``history``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from savedmodel_matrix.commands.harness import harness_command

if TYPE_CHECKING:
    from savedmodel_matrix.workspace.project import Project

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For a person, or for a program.",
)
# The names of `ChangeClass`, which is imported late; a test compares the two.
CHANGE_CLASSES = (
    *("regressed", "fixed", "failure-changed", "values-changed", "signature-changed"),
    *("became-not-applicable", "became-applicable", "harness-trouble", "gone", "new"),
    *("reason-changed", "not-covered", "same"),
)


@harness_command()
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="For a person, for a program, or for a comment of a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(CHANGE_CLASSES),
    metavar="CLASS",
    multiple=True,
    default=("regressed",),
    show_default=True,
    help="A class of which a cell makes the exit status 1. May be repeated.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print every changed cell and package.")
def compare(
    before: str | None, after: str | None, form: str, fail_on: tuple[str, ...], verbose: bool
) -> None:
    """Say how result B differs from result A, each cell in exactly one class.

    A result is the directory of a run, an accepted table (a directory, or a commit of this
    repository that has one), or a report (a directory, or its http or https address). A is by
    default the accepted table, and B the last run.

    \b
    regressed              passed in A, fails in B         fixed   failed in A, passes in B
    failure-changed        fails in both, in another way
    values-changed         wrong values in both, wrong in another way
    signature-changed      ends the same way, with another signature
    became-applicable      has an outcome in B only, not-applicable in A
    became-not-applicable  the other way round
    harness-trouble        not run in A, in B or in both
    new, gone              only in B, only in A
    reason-changed         ends the same way, said in other words
    not-covered            the other result did not select it
    same                   everything else

    \b
    Exit status: 0  no cell is in a class of --fail-on
                 1  a cell is
                 2  a result cannot be read

    \b
    Examples:
      savedmodel-matrix compare
      savedmodel-matrix compare main~3 results/accepted
      savedmodel-matrix compare https://example.org/report/ results --format markdown
    """
    from savedmodel_matrix.commands.compare import run_compare  # noqa: PLC0415 - slow to import

    sys.exit(run_compare(before, after, _project, form=form, fail_on=fail_on, verbose=verbose))


@harness_command()
@FORMAT
def history(form: str) -> None:
    """List the full runs that were accepted: when, on what, and what each changed.

    Each `matrix --all --accept` adds a small file to results/history/; commit it with
    results/accepted/. `compare` says what differs between any two of their commits.
    """
    from savedmodel_matrix.commands.history import run_history  # noqa: PLC0415

    sys.exit(run_history(_project(), form=form))


@harness_command()
@click.argument("results", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@FORMAT
def agreement(results: Path | None, form: str) -> None:
    """Compare what `diagnose` says of the artifacts of a run with what loaders did with them.

    DIR is the directory of a run; without it the accepted cells count. Cells that ended before a
    loader had the artifact, and loaders of which the files say nothing, are left out.

    \b
    Exit status: 0  nothing passes where the files say that it fails
                 1  something does
                 2  there is nothing to compare, or it cannot be read
    """
    from savedmodel_matrix.commands.agreement import run_agreement  # noqa: PLC0415

    sys.exit(run_agreement(_project(), results, form=form))


def _project() -> Project:
    """Read the project that this directory is in. Raises UserError."""
    from savedmodel_matrix.workspace.project import find_project  # noqa: PLC0415 - slow to import

    return find_project(Path.cwd())

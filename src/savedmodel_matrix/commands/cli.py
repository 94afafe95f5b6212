"""The command ``savedmodel-matrix``; every nox session is a thin call of it."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from savedmodel_matrix import __version__
from savedmodel_matrix.commands.cli_artifacts import INTERRUPTED, diagnose, explain, repair
from savedmodel_matrix.commands.cli_attribute import attribute
from savedmodel_matrix.commands.cli_bisect import bisect
from savedmodel_matrix.commands.cli_init import init
from savedmodel_matrix.commands.cli_merging import merge
from savedmodel_matrix.commands.cli_options import CLUSTER, RUNNING, SELECTING, many, with_options
from savedmodel_matrix.commands.cli_outdated import outdated
from savedmodel_matrix.commands.cli_results import FORMAT, agreement, compare, history
from savedmodel_matrix.commands.harness import HarnessCommand
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from savedmodel_matrix.workspace.project import Project

# A run that is known ends within tenths of a second, so what is slow to import is imported late.
# Objects made before the collector looks for cycles, which tens of thousands of cells have not:
# with Python's 700 it takes two fifths of the time of a run of which everything is known.
SELDOM = 100_000


DEFAULT = click.core.ParameterSource.DEFAULT

# How `--help` groups the commands.
GROUPS = {
    "For what you have: an error text, an artifact": ("explain", "diagnose", "repair", "check"),
    "For ways of saving, and what changed": (
        *("init", "matrix", "merge", "bisect", "attribute", "compare", "history", "report"),
    ),
    "For this project itself": (
        *("install", "lock", "outdated", "registries", "scanners", "selfcheck", "agreement"),
        "bench",
    ),
}

ALIASES = {"run": "matrix"}  # other names of commands

WHOLE = 200  # characters, so that no sentence of the help is cut


class Command(click.Group):
    """A group whose commands end with one clear sentence where the input is bad."""

    command_class = HarnessCommand  # of those that are defined below

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of the help, by what somebody has or wants."""
        groups = {**GROUPS, "Other commands": self._of_no_group()}
        for title, names in groups.items():
            rows = [
                (_names(name), command.get_short_help_str(WHOLE))
                for name in names
                if (command := self.get_command(ctx, name))
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or by another name of it."""
        return super().get_command(ctx, ALIASES.get(cmd_name, cmd_name))

    def _of_no_group(self) -> list[str]:
        grouped = {name for names in GROUPS.values() for name in names}
        return sorted(self.commands.keys() - grouped)

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command; a UserError, or no more memory, becomes exit status 2."""
        gc.set_threshold(SELDOM)
        try:
            return super().invoke(ctx)
        except UserError as error:
            from savedmodel_matrix.views.harmless import block  # noqa: PLC0415 - rarely needed

            click.echo(f"savedmodel-matrix: {block(str(error))}", err=True)
            ctx.exit(2)
        except _interruptions():
            click.echo(
                "Interrupted. What was finished is kept; the same command goes on from there.",
                err=True,
            )
            ctx.exit(INTERRUPTED)
        except MemoryError:
            click.echo(
                "savedmodel-matrix: This process ran out of memory: allow it more (ulimit -v), or "
                "select fewer cells. What was finished is kept.",
                err=True,
            )
            ctx.exit(2)


def _names(name: str) -> str:
    """Return all names of a command, its own first."""
    return ", ".join([name, *(other for other, one in ALIASES.items() if one == name)])


def _interruptions() -> tuple[type[BaseException], ...]:
    """Return what ends a command that a person interrupts."""
    asyncio = sys.modules.get("asyncio")  # without it nothing of its can be raised
    return (KeyboardInterrupt, asyncio.CancelledError) if asyncio else (KeyboardInterrupt,)


def find_project(start: Path) -> Project:
    """Read the project that `start` is in. Raises UserError."""
    from savedmodel_matrix.workspace.project import find_project as find  # noqa: PLC0415

    return find(start)


def _singular(option: str) -> str:
    """Return an option's name as it is declared: --environments all reads as well as the other."""
    return "environment" if option == "environments" else option


SETTINGS = {"help_option_names": ["-h", "--help"], "token_normalize_func": _singular}


@click.group(cls=Command, context_settings=SETTINGS)
@click.version_option(__version__, prog_name="savedmodel-matrix")
def main() -> None:
    """Which way of saving a TensorFlow or Keras model works, where, and with which versions.

    Every case in cases/ is saved under every remedy in every environment, and the artifact is
    loaded and run by every loader. What comes out is compared with what the case's own object
    computes. An artifact or an error text of your own is answered from what was found so.
    """


main.add_command(compare)
main.add_command(history)
main.add_command(agreement)
main.add_command(merge)
main.add_command(bisect)
main.add_command(outdated)
main.add_command(attribute)
main.add_command(init)
main.add_command(diagnose)
main.add_command(repair)
main.add_command(explain)


@main.command()
@with_options(SELECTING)
@with_options(RUNNING)
@click.option(
    "--shard",
    metavar="I/N",
    default="",
    help="Run the I-th of N parts of the selected cells, to merge with the others: 2/3.",
)
@with_options(CLUSTER)
@click.option("--strict", is_flag=True, help="A cell that is new makes the exit status 1 too.")
@click.option("--accept", is_flag=True, help="Take the outcomes over into results/accepted/.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Print every cause, count and price, whatever the length."
)
def matrix(**options: Any) -> None:
    """Run every selected cell not already known and print the comparison table.

    Where nothing is selected, the cells are those of the selection "default" in pyproject.toml;
    --all is everything. An option such as --case narrows from everything. `run` and `matrix` are
    two names of this command.

    \b
    Exit status: 0  nothing selected differs from the accepted table
                 1  something does
                 2  a cell is not-run, or the harness could not do its work

    \b
    Examples:
      savedmodel-matrix matrix --case module_dense
      savedmodel-matrix matrix --cases ~/my-cases --environment tf2.15 --environment tf2.21
      savedmodel-matrix matrix --producer tf2.21 --consumer tf2.15
      savedmodel-matrix matrix --case module_dense --cross
      savedmodel-matrix matrix --all --shard 2/3 --results part-2
      savedmodel-matrix matrix --all --dask tcp://scheduler:8786
    """
    from savedmodel_matrix.commands.again import show_again  # noqa: PLC0415

    by_default = click.get_current_context().get_parameter_source("jobs") is DEFAULT
    if options["dask"] and by_default:
        options["jobs"] = 1  # a worker runs as many tasks at once as it has threads
    status = show_again(options)
    if status is None:
        from savedmodel_matrix.commands.job import run_matrix  # noqa: PLC0415 - slow to import

        status = run_matrix(find_project(Path.cwd()), **options)
    sys.exit(status)


@main.command()
@with_options(SELECTING)
@with_options(RUNNING)
@click.option("--accept", is_flag=True, help="Publish what was found with the accepted table.")
def selfcheck(**options: Any) -> None:
    """Run every selected cell twice, A against A, and name the cells that do not agree.

    Such a cell is flaky: it says nothing about a version, and is published as flaky. Each of the
    two runs has a directory of its own under results/selfcheck/ and goes on where it was; --fresh
    starts both from nothing.

    \b
    Exit status: 0  every cell agrees
                 1  a cell does not
                 2  a cell is not-run, or the harness could not do its work
    """
    from savedmodel_matrix.commands.selfcheck import run_selfcheck  # noqa: PLC0415

    sys.exit(run_selfcheck(find_project(Path.cwd()), **options))


@main.command()
@many(
    "--environment",
    metavar="NAME",
    help="This environment, or this group of pyproject.toml, or all. [default: the group default]",
)
def install(environment: tuple[str, ...]) -> None:
    """Install environments under test from their locks, if they are not there already."""
    from savedmodel_matrix.commands.maintenance import run_install  # noqa: PLC0415

    sys.exit(run_install(find_project(Path.cwd()), environment))


@main.command()
@many(
    "--environment",
    metavar="NAME",
    help="Only this environment, or this group of pyproject.toml. [default: all]",
)
@many(
    "--cases",
    metavar="DIR",
    help="Only what the cases in this directory require, over the group default or --environment.",
)
@click.option("--upgrade", is_flag=True, help="Take newer versions where the lock has older ones.")
def lock(environment: tuple[str, ...], cases: tuple[str, ...], upgrade: bool) -> None:
    """Renew locks/ from pyproject.toml and from what cases require."""
    from savedmodel_matrix.commands.maintenance import run_lock  # noqa: PLC0415

    project = find_project(Path.cwd())
    sys.exit(run_lock(project, environment, upgrade=upgrade, cases=cases))


@main.command()
@click.option(
    "--index",
    is_flag=True,
    help="Write what `explain` looks errors up in, and no report: in a checkout of this project.",
)
def report(index: bool) -> None:
    """Build report/, the published site, from results/accepted/. Needs no TensorFlow.

    A run builds the report of its own cells under results/report/; accepting a full run replaces
    report/ too. Open report/index.html in a browser, or put the directory on any static host.
    """
    from savedmodel_matrix.commands.maintenance import run_report  # noqa: PLC0415

    sys.exit(run_report(find_project(Path.cwd()), index=index))


@main.command()
@many("--environment", metavar="NAME", help="In this environment. [default: the newest]")
@many("--case", metavar="NAME", help="On this case. [default: first in pyproject.toml]")
@click.option("--pairs", type=click.IntRange(1), default=3, show_default=True, help="Alternations.")
def bench(environment: tuple[str, ...], case: tuple[str, ...], pairs: int) -> None:
    """Measure the engine against a process per step, alternating, on the same cells.

    Prints the ratio per case and overall, beside the import time and the bound that these give:
    (import + body) / body.
    """
    from savedmodel_matrix.commands.bench import run_bench  # noqa: PLC0415

    sys.exit(run_bench(find_project(Path.cwd()), environment, case, pairs))


@main.command()
@click.option(
    "--libraries",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where libraries are unpacked already, each in a directory named by its version.",
)
def registries(libraries: Path | None) -> None:
    """Read the ops of every TensorFlow from 2.4 on from its library, for `diagnose`.

    Fetches the wheel of each release, asks its C library for the ops, attributes and kernels that
    it has registered, deletes it again, and writes one table into this package. Takes about half
    an hour, and a gigabyte of disk at a time.
    """
    from savedmodel_matrix.commands.registries import run_registries  # noqa: PLC0415

    sys.exit(run_registries(find_project(Path.cwd()), libraries))


@main.command()
@many(
    "--artifacts",
    metavar="DIR",
    help="Also the artifacts at and below this directory, as healthy ones: results/artifacts.",
)
@click.option(
    "--most",
    metavar="N",
    type=click.IntRange(1),
    help="Of those at most so many, spread evenly. [default: all]",
)
def scanners(artifacts: tuple[str, ...], most: int | None) -> None:
    """Compare `diagnose` with scanners by others: false alarms, misses, time and memory.

    saved_model_cli show and scan, modelscan, modelaudit and `diagnose` get the same artifacts: the
    healthy ones of tests/data, and hostile ones of every format, which are made for it. Prints a
    table, and writes docs/scanners.md and docs/scanners.json. The scanners are installed into
    .nox/scanners when they are first needed; one that is not to be had is named in the table.

    \b
    Exit status: 0  diagnose has no false alarm and no miss
                 1  it has one
                 2  the comparison was not made
    """
    from savedmodel_matrix.commands.scanners import run_scanners  # noqa: PLC0415

    directories = [Path(one) for one in artifacts]
    sys.exit(run_scanners(find_project(Path.cwd()), directories, most))


@main.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@many(
    "--environment",
    metavar="NAME",
    help="Load in this environment or group. [default: all of the group default]",
)
@many(
    "--loader",
    metavar="NAME",
    help="Load with this. [default: saved_model_cli, libtensorflow and tf.saved_model.load]",
)
@click.option(
    "--inputs",
    metavar="FILE.npz",
    type=click.Path(path_type=Path),
    help="What the signatures are fed, by KEY or SIGNATURE/KEY; the rest is made from their "
    "dtypes and shapes.",
)
@click.option(
    "--expected",
    metavar="FILE.npz",
    type=click.Path(path_type=Path),
    help="What must come out, by KEY or SIGNATURE/KEY. [default: what tf.saved_model.load computes "
    "in the reference]",
)
@click.option(
    "--reference",
    metavar="NAME",
    help="The environment whose tf.saved_model.load says what is right. [default: that of the "
    "TensorFlow that wrote the artifact, else the next newer]",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Run it even if its files say that loading it, or a signature, touches files, network, "
    "processes or Python.",
)
@with_options(RUNNING)
@FORMAT
def check(paths: tuple[Path, ...], **options: Any) -> None:
    """Say which loader, in which version, runs your own SavedModel with the same numbers.

    Every signature is run by every loader in every environment, on inputs made from its dtypes
    and shapes, or yours. What the files alone predict stands beside what happened. Nothing is
    written into the artifact; what is known of it already is not run again.

    \b
    Exit status: 0  every cell passes
                 1  one does not, or the files predict something else than what happened
                 2  a cell was not run, or the artifact cannot be read or fed, or is not safe

    \b
    Examples:
      savedmodel-matrix check my_model
      savedmodel-matrix check my_model --environment tf2.15 --loader libtensorflow
      savedmodel-matrix check my_model --inputs batch.npz --expected answers.npz
    """
    from savedmodel_matrix.commands.check import run_check  # noqa: PLC0415 - slow to import

    sys.exit(run_check(find_project(Path.cwd()), paths, **options))

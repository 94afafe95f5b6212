"""The commands that read what somebody has, and run nothing of it: an artifact, an error text."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from savedmodel_matrix.commands.cli_results import FORMAT
from savedmodel_matrix.commands.harness import demand_harness

INTERRUPTED = 130  # the exit status


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "sarif", "junit"]),
    default="text",
    show_default=True,
    help="For a person, a program, a pull request, code scanning, or a CI service.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["low", "medium", "high", "critical"]),
    default="high",
    show_default=True,
    help="The severity from which on a finding makes the exit status 1.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print everything that is known, not a screen.")
@click.option("--tree", is_flag=True, help="Print the object graph of PATH, and nothing else.")
@click.option(
    "--against",
    metavar="OTHER",
    type=click.Path(path_type=Path),
    help="Compare PATH with OTHER as a client of OTHER sees it: signatures, names, dtypes, shapes.",
)
@click.option(
    "--files",
    is_flag=True,
    help="PATH is a file of an artifact, as git names it: read each artifact that one belongs to. "
    "What belongs to none is passed over.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1),
    default=lambda: os.cpu_count() or 1,
    help="Processes for many artifacts. [default: the number of cores]",
)
def diagnose(
    paths: tuple[Path, ...],
    form: str,
    fail_on: str,
    verbose: bool,
    tree: bool,
    against: Path | None,
    files: bool,
    jobs: int,
) -> None:
    """Say what an artifact on disk is, what is wrong with it, whether it is safe, what to do.

    Reads the files of each artifact at or below PATH: SavedModels, .keras, .h5, .weights.h5,
    checkpoints, .tflite. Needs neither TensorFlow nor Keras, and runs nothing of the artifact.

    \b
    Exit status: 0  every artifact is sound, and no finding is as severe as --fail-on
                 1  one is not, or with --against: a client would notice
                 2  one cannot be read

    \b
    Examples:
      savedmodel-matrix diagnose models/ --format sarif > models.sarif
      savedmodel-matrix diagnose my_model/2 --against my_model/1
      git ls-files | xargs savedmodel-matrix diagnose --files
    """
    if (tree or against) and (len(paths) != 1 or files or (tree and against)):
        raise click.UsageError("Name one PATH with --tree, or one with --against OTHER.")
    if (tree and form != "text") or (against and form not in {"text", "json"}):
        raise click.UsageError("--tree prints text; --against prints text or json.")
    try:
        from savedmodel_matrix.commands import artifacts  # noqa: PLC0415 - slow to import

        if tree:
            status = artifacts.run_tree(paths[0])
        elif against:
            status = artifacts.run_against(paths[0], against, form=form)
        else:
            status = artifacts.run_diagnose(
                paths, form=form, fail_on=fail_on, verbose=verbose, jobs=jobs, files=files
            )
    except KeyboardInterrupt:
        click.echo("Interrupted: nothing was printed, and nothing is left running.", err=True)
        status = INTERRUPTED
    sys.exit(status)


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", metavar="[OUT]", required=False, type=click.Path(path_type=Path))
@click.option("--in-place", is_flag=True, help="Change IN itself, instead of writing OUT.")
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and write nothing.")
@click.option(
    "--recursive",
    is_flag=True,
    help="Repair every SavedModel below IN, into the same place below OUT or in place.",
)
@click.option(
    "--slim",
    is_flag=True,
    help="Take out what a Keras 3 export carries twice: variables in the memory of a server, and "
    "their bytes on disk.",
)
@click.option(
    "--for",
    "reader",
    metavar="RELEASE",
    help="Take out what an older TensorFlow does not know and only saving needs: tf2.9.",
)
@click.option(
    "--resave",
    is_flag=True,
    help="The second way, for what cannot be repaired in its file: load it in Python, in the "
    "environment of its TensorFlow, and save it again. Loses the names of nodes and what Keras 2 "
    "kept. Needs a project with environments.",
)
@click.option(
    "--prove",
    is_flag=True,
    help="Run every signature of IN in Python, and of OUT in Python and libtensorflow, on the same "
    "inputs, and print the largest difference. Needs a project with environments.",
)
@click.option(
    "--inputs",
    metavar="FILE.npz",
    type=click.Path(path_type=Path),
    help="With --prove: what the signatures are fed, by KEY or SIGNATURE/KEY; the rest is made "
    "from their dtypes and shapes.",
)
@click.option(
    "--trust",
    is_flag=True,
    help="With --prove or --resave: run it even if its files say that it touches files, network, "
    "processes or Python.",
)
@click.option(
    "--results",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --prove: where its memory goes. [default: results/checks/]",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1),
    default=lambda: os.cpu_count() or 1,
    help="Processes for --recursive. [default: the number of cores]",
)
@FORMAT
def repair(
    source: Path,
    out: Path | None,
    in_place: bool,
    dry_run: bool,
    recursive: bool,
    slim: bool,
    reader: str | None,
    resave: bool,
    prove: bool,
    inputs: Path | None,
    trust: bool,
    results: Path | None,
    jobs: int,
    form: str,
) -> None:
    """Repair a SavedModel in its file, so that what its signatures read is what is restored.

    Writes a copy to OUT, which must not exist. A few strings of the graph change; every other byte
    is as it was. Needs no TensorFlow, except for --prove.

    \b
    Exit status: 0  the result is sound, and with --prove it gives the numbers of IN
                 1  the result has a defect that is not repaired here, or is not proven
                 2  something was not written: it cannot be read, or not be repaired, or was not run

    \b
    Examples:
      savedmodel-matrix repair my_model my_model_repaired --prove
      savedmodel-matrix repair models/ --recursive --dry-run
      savedmodel-matrix repair export/ smaller/ --slim
    """
    _check_repair(out, in_place=in_place, dry_run=dry_run, slim=slim)
    if prove and (recursive or dry_run or in_place):
        raise click.UsageError("--prove compares one IN with its OUT: name both, and nothing else.")
    if not prove and (inputs or (trust and not resave) or results):
        raise click.UsageError("--inputs, --trust and --results are for --prove.")
    if resave and (out is None or recursive or dry_run or in_place or slim or reader):
        raise click.UsageError("--resave takes one IN and OUT, and of the other options --prove.")
    if prove or resave:
        demand_harness("repair --resave" if resave else "repair --prove")
    from savedmodel_matrix.commands.repairing import (  # noqa: PLC0415
        Wanted,
        run_repair,
        run_resave,
    )

    wanted = Wanted(dry_run=dry_run, reader=reader, slim=slim)
    told = {"inputs": inputs, "trust": trust, "results": results, "jobs": jobs}
    try:
        if resave and out is not None:
            status = run_resave(source, out, form=form, told=told, prove=prove)
        elif recursive:
            from savedmodel_matrix.commands.repairing_trees import (  # noqa: PLC0415
                run_repair_tree,
            )

            status = run_repair_tree(source, out, wanted, form=form, jobs=jobs)
        else:
            status = run_repair(source, out, wanted, form=form, proving=told if prove else None)
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)


def _check_repair(out: Path | None, *, in_place: bool, dry_run: bool, slim: bool) -> None:
    if (out is None) != (in_place or dry_run) and not (out and dry_run and not in_place):
        raise click.UsageError("Name either OUT or --in-place.")
    if slim and in_place and not dry_run:
        raise click.UsageError("--slim changes several files: name OUT, a copy is written there.")


@click.command()
@click.argument(
    "file", metavar="[FILE|-]", default="-", type=click.Path(path_type=Path, dir_okay=False)
)
@FORMAT
def explain(file: Path, form: str) -> None:
    """Say what an error means: its cause, since when, and what to do about it.

    FILE is a text that holds the error; without it, or with -, standard input is read. It takes
    a whole traceback, a server's log, its answer in JSON, or a single line or name from it. The
    causes are those that were found by running every case here; nothing is sent anywhere.

    There are three answers. Known: the text has the words of one cause and of no other. Possible:
    it may be one of these, the likeliest first. Not known: what to do then.

    \b
    Exit status: 0  the error is known
                 1  it is possibly one of those listed, or not known
                 2  the text cannot be read, or there is none

    \b
    Examples:
      savedmodel-matrix explain error.txt
      docker logs serving 2>&1 | savedmodel-matrix explain
      curl -s localhost:8501/v1/models/m:predict -d @in.json | savedmodel-matrix explain
      echo dense/bias | savedmodel-matrix explain --format json

    With --format json the output is a list, the likeliest first, empty where nothing is known; each
    has key, title, confidence ("known" or "possible"), line, what, why, since, do, remedy, links.
    """
    from savedmodel_matrix.commands.explained import run_explain  # noqa: PLC0415 - slow to import

    sys.exit(run_explain(file, form=form))

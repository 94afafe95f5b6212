"""What `repair --prove` does: the original and its repaired copy, run on the same inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix.analysis.proof import proof_of
from savedmodel_matrix.commands.job import worked
from savedmodel_matrix.commands.ready import CASES, CHECKS, arrays_of, cells_of, diagnosed, ready
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.workspace.given import write_case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.analysis.proof import Proof
    from savedmodel_matrix.commands.ready import Ready
    from savedmodel_matrix.workspace.project import Project

Asked = tuple["Ready", tuple[Any, Any], "Path"]  # the original, its inputs, and the result
LOADERS = ("tf.saved_model.load", "libtensorflow")
HOW = {"cross": False, "fresh": False, "process_per_step": False, "timeout": 120.0, "memory": 4.0}


def fit_to_prove(
    project: Project, original: Path, options: Mapping[str, Any]
) -> tuple[Ready, tuple[Any, Any]]:
    """Return an artifact that can be run, with its inputs, before anything is written.

    Raises UserError for one that cannot be fed, and for one that is not safe and not trusted.
    """
    found = diagnosed(original, trusted=options["trust"])
    one = ready(project, original, found, "")
    return one, arrays_of(one, {"inputs": options["inputs"], "expected": None})


def prove(project: Project, asked: Sequence[Asked], options: Mapping[str, Any]) -> list[Proof]:
    """Run results with two loaders, against what Python's loader computes of their originals.

    Both run in the environment of the TensorFlow that wrote the artifact, else in the next newer.
    Raises UserError where the environment or the directory of checks cannot be used.
    """
    directory = RunDirectory(options["results"] or project.results / CHECKS)
    directory.check()
    if options["results"] is None:
        of_project(project.results).claim()
    directory.claim()
    where = directory.hidden / CASES
    names = [write_case(where, result, *arrays, original=one.path) for one, arrays, result in asked]
    ready_ones = [one for one, _, _ in asked]
    chosen = {"loader": LOADERS, "environment": ()}
    loaders, planned = cells_of(project, where, names, ready_ones, chosen, at_home=True)
    console, how = Console(stderr=True), HOW | {"jobs": options["jobs"]}
    with worked(project, planned, loaders, directory, console, how) as run:
        cells = list(run.cells.values())
    return [
        proof_of(
            str(one.path),
            one.reference,
            [signature.name for signature in one.signatures],
            [cell for cell in cells if cell["case"] == name],
        )
        for one, name in zip(ready_ones, names, strict=True)
    ]

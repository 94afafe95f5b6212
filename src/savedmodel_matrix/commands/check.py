"""What `check` does: somebody's own artifacts through loaders and environments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group

from savedmodel_matrix.analysis.predictions import Checked, Told, disagreements
from savedmodel_matrix.commands.job import worked
from savedmodel_matrix.commands.selection import select
from savedmodel_matrix.commands.shown import shown_path
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.model.cell_record import portable
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import AS_WRITTEN, csv_bytes, from_cells
from savedmodel_matrix.savedmodel.diagnose import FORMAT, diagnose
from savedmodel_matrix.savedmodel.diagnosis import UNREADABLE
from savedmodel_matrix.savedmodel.trust import runs_unsafe
from savedmodel_matrix.store.run_directory import RunDirectory, of_project
from savedmodel_matrix.views.checked import screen
from savedmodel_matrix.views.report.publish import build_of_run
from savedmodel_matrix.workspace import feeds
from savedmodel_matrix.workspace.catalogue import find_loaders
from savedmodel_matrix.workspace.feeds import Slot
from savedmodel_matrix.workspace.given import write_case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Signature, Value
    from savedmodel_matrix.workspace.project import Project

CHECKS = "checks"  # beneath the project's results
CASES = "checked"  # beneath the hidden place of a run directory
SERVE = ("serve",)  # the tags of a MetaGraph
SERVING = ("saved_model_cli", "libtensorflow", "tf.saved_model.load")


@dataclass(frozen=True)
class _Artifact:
    """An artifact, what its files say, and the environment that says what it must compute."""

    path: Path
    diagnosis: Diagnosis
    reference: str

    @property
    def signatures(self) -> list[Signature]:
        """What is run: the signatures of the MetaGraph that loaders take, the one for serving."""
        return [one for one in self.diagnosis.signatures if one.tags == SERVE]


def run_check(project: Project, paths: Sequence[Path], **options: Any) -> int:
    """Run artifacts through loaders and environments, and say where they give the same numbers.

    Returns 0 if every cell passes, 1 if one does not or if the files predict something else than
    what happened, 2 if a cell was not run. Raises UserError for an artifact that cannot be read or
    fed, for one that is not safe to run and not trusted, and for an option that names nothing.
    """
    read = [(path, _diagnosed(path, trusted=options["trust"])) for path in paths]
    artifacts = [_read(project, path, found, options["reference"]) for path, found in read]
    if len(artifacts) > 1 and (options["inputs"] or options["expected"]):
        raise UserError("--inputs and --expected are of one artifact: check one at a time.")
    arrays = [_arrays(one, options) for one in artifacts]
    directory = RunDirectory(options["results"] or project.results / CHECKS)
    directory.check()
    if options["results"] is None:
        of_project(project.results).claim()
    directory.claim()
    where = directory.hidden / CASES
    names = [
        write_case(where, one.path, *given) for one, given in zip(artifacts, arrays, strict=True)
    ]
    loaders, planned = _planned(project, where, names, artifacts, options)
    progress = Console(stderr=True)
    how = {"cross": False, **options}
    with worked(project, planned, loaders, directory, progress, how) as run:
        cells = list(run.cells.values())
        made = run.describe()
        table = from_cells(cells)
        write_files(
            {
                directory.place / "run.json": (json.dumps(made, indent=1) + "\n").encode(),
                directory.place / "matrix.csv": csv_bytes(table),
            },
            directory.unfinished,
        )
        cases = list({cell.case.name: cell.case for cell in planned}.values())
        build_of_run(
            lambda: [portable(cell, str(project.root)) for cell in cells],
            made,
            cases,
            directory,
            rests_on=run.rests_on(),
            plugins=project.plugins,
        )
    stated = {name: one.tensorflow for name, one in project.environments.items()}
    checked = [
        Checked(
            path=str(one.path),
            reference="" if options["expected"] else one.reference,
            wrote=one.diagnosis.tensorflow,
            told={
                loader: Told(verdict.verdict, verdict.because, verdict.since, verdict.until)
                for loader, verdict in one.diagnosis.loaders.items()
            },
            cells=[cell for cell in cells if cell["case"] == name],
            versions=stated,
            remedies=tuple(
                dict.fromkeys(
                    finding.remedy for finding in one.diagnosis.findings if finding.remedy
                )
            ),
        )
        for one, name in zip(artifacts, names, strict=True)
    ]
    if options["form"] == "json":
        click.echo(json.dumps([one.to_json() for one in checked], indent=2))
    else:
        console = Console()
        for one in checked:
            console.print(Group(*screen(one)), highlight=False, crop=False)
        said = f"Whole: {shown_path(directory.report / 'index.html')}"
        console.print(said, highlight=False, soft_wrap=True, markup=False)
    return _status(checked)


def _status(checked: Sequence[Checked]) -> int:
    statuses = {cell["status"] for one in checked for cell in one.cells}
    if "not-run" in statuses:
        return 2
    wrong = any(disagreements(one) for one in checked)
    return int(wrong or bool(statuses - {"pass", "not-applicable"}))


def _diagnosed(path: Path, *, trusted: bool) -> Diagnosis:
    """Return the diagnosis of what can be read, and is safe to run or trusted."""
    found = diagnose(path)
    if found.verdict == UNREADABLE:
        raise UserError(f"{found.findings[0].message}.")
    if found.format != FORMAT:
        raise UserError(
            f"{path} is a {found.format}, and only SavedModels are run: see what its files say "
            "with savedmodel-matrix diagnose."
        )
    if not trusted and (unsafe := runs_unsafe(found)):
        more = f", and {len(unsafe) - 1} more like it" if len(unsafe) > 1 else ""
        raise UserError(
            f"{path} was not run, because it is not safe: {unsafe[0].message}{more}; if you trust "
            "who made it, say --trust."
        )
    return found


def _read(project: Project, path: Path, found: Diagnosis, reference: str) -> _Artifact:
    if not any(signature.tags == SERVE for signature in found.signatures):
        raise UserError(
            f"{path} has no signature in a MetaGraph tagged serve, so there is nothing that a "
            "loader could run: save it with signatures=…, or call it from Python."
        )
    if reference:
        (named, *more) = project.select([reference])
        if more:
            raise UserError(f"--reference {reference} is a group: name one environment of it.")
        return _Artifact(path, found, named)
    return _Artifact(path, found, _nearest(project, found.tensorflow))


def _nearest(project: Project, version: str) -> str:
    """Return the environment with the TensorFlow that wrote the artifact, else the next newer."""
    usual = project.select()
    loaders = find_loaders(project.plugins.loaders)
    able = [
        (_minor(one.tensorflow), one.name)
        for one in producing(list(project.environments.values()), loaders)
        if one.name in usual
    ]
    if not able:
        raise UserError("No environment of the group default has TensorFlow: use --reference.")
    newer = [pair for pair in able if pair[0] >= _minor(version)]
    return min(newer)[1] if version and newer else max(able)[1]


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def _arrays(
    one: _Artifact, options: Mapping[str, Any]
) -> tuple[feeds.Signatures, feeds.Signatures | None]:
    """Return what the signatures are fed and, where that was given, what is expected of them."""
    stated = {s.name: _slots(s.inputs) for s in one.signatures}
    if none := [name for name, slots in stated.items() if not slots]:
        raise UserError(
            f"{one.path}: signature {none[0]!r} takes no input, and is not checked yet."
        )
    if options["inputs"]:
        given = feeds.read(options["inputs"], stated, "--inputs")
        left = {
            name: {key: slot for key, slot in slots.items() if key not in given[name]}
            for name, slots in stated.items()
        }
        made = feeds.made(left)
        arrays = {name: made[name] | given[name] for name in stated}
    else:
        arrays = feeds.made(stated)
    if not options["expected"]:
        return arrays, None
    outputs = {s.name: _slots(s.outputs) for s in one.signatures}
    return arrays, feeds.read(options["expected"], outputs, "--expected", whole=True)


def _slots(values: Mapping[str, Value]) -> dict[str, Slot]:
    return {key: Slot(value.dtype, value.shape) for key, value in values.items()}


def _planned(
    project: Project,
    where: Path,
    names: Sequence[str],
    artifacts: Sequence[_Artifact],
    options: Mapping[str, Any],
) -> tuple[list[Any], list[Cell]]:
    """Return all loaders, and the cells: each artifact by its reference, loaded everywhere."""
    cells: list[Cell] = []
    loaders: list[Any] = []
    for name, one in zip(names, artifacts, strict=True):
        asked = {
            "cases": (where,),
            "case": (name,),
            "remedy": (AS_WRITTEN,),
            "loader": options["loader"] or SERVING,
            "environment": (),
            "producer": (one.reference,),
            "consumer": options["environment"] or ("default",),
            "cross": False,
            "plugins": (),
            "selection": (),
            "all": False,
        }
        chosen = select(project, asked)
        loaders, cells = chosen.loaders, [*cells, *chosen.cells]
    return loaders, cells

"""Somebody's artifact, made ready to be run: safe or trusted, with a reference and with inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.commands.selection import select
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.savedmodel.diagnose import FORMAT, diagnose
from savedmodel_matrix.savedmodel.diagnosis import UNREADABLE
from savedmodel_matrix.savedmodel.trust import runs_unsafe
from savedmodel_matrix.workspace import feeds
from savedmodel_matrix.workspace.catalogue import find_loaders
from savedmodel_matrix.workspace.feeds import Slot

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
class Ready:
    """An artifact, what its files say, and the environment that says what it must compute."""

    path: Path
    diagnosis: Diagnosis
    reference: str

    @property
    def signatures(self) -> list[Signature]:
        """What is run: the signatures of the MetaGraph that loaders take, the one for serving."""
        return [one for one in self.diagnosis.signatures if one.tags == SERVE]


def diagnosed(path: Path, *, trusted: bool) -> Diagnosis:
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


def ready(project: Project, path: Path, found: Diagnosis, reference: str) -> Ready:
    """Return an artifact with the environment that is named, else that of its TensorFlow.

    Raises UserError for one without a signature to run, and for a name that is none.
    """
    if not any(signature.tags == SERVE for signature in found.signatures):
        raise UserError(
            f"{path} has no signature in a MetaGraph tagged serve, so there is nothing that a "
            "loader could run: save it with signatures=…, or call it from Python."
        )
    if reference:
        (named, *more) = project.select([reference])
        if more:
            raise UserError(f"--reference {reference} is a group: name one environment of it.")
        return Ready(path, found, named)
    return Ready(path, found, _nearest(project, found.tensorflow))


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


def arrays_of(
    one: Ready, options: Mapping[str, Any]
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


def cells_of(
    project: Project,
    where: Path,
    names: Sequence[str],
    artifacts: Sequence[Ready],
    options: Mapping[str, Any],
    *,
    at_home: bool = False,
) -> tuple[list[Any], list[Cell]]:
    """Return all loaders, and the cells: each artifact by its reference, loaded everywhere.

    With ``at_home``, each is loaded in its reference only.
    """
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
            "consumer": (one.reference,) if at_home else options["environment"] or ("default",),
            "cross": False,
            "plugins": (),
            "selection": (),
            "all": False,
        }
        chosen = select(project, asked)
        loaders, cells = chosen.loaders, [*cells, *chosen.cells]
    return loaders, cells

"""What the files of each artifact predict, put into the cells beside what happened."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.agreement import PREDICTED
from savedmodel_matrix.analysis.predictions import UNKNOWN, Told
from savedmodel_matrix.model.code import code_hash
from savedmodel_matrix.savedmodel.many import diagnose_all
from savedmodel_matrix.store.told import read_told, write_told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from savedmodel_matrix.savedmodel.diagnosis import Diagnosis
    from savedmodel_matrix.store.run_directory import RunDirectory
    from savedmodel_matrix.workspace.project import Project

MANY = 200  # artifacts that take more than a few seconds
MADE = "artifact"  # in the directory of an artifact, what was saved


def with_predictions(
    cells: Iterable[Mapping[str, Any]],
    directory: RunDirectory,
    versions: Mapping[str, str],
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Return the cells with what the files of their artifacts say of their loaders.

    ``versions`` are those of TensorFlow by environment. Artifacts that are no longer there, and
    loaders of which the files say nothing, have None. ``say`` is told where it takes a while.
    """
    every = [dict(cell) for cell in cells]
    contents = dict.fromkeys(cell["artifact"] for cell in every if cell["artifact"])
    told = _told(list(contents), directory, say)
    for cell in every:
        cell[PREDICTED] = _of_cell(cell, told.get(cell["artifact"], {}), versions)
    return every


def versions_of(project: Project) -> dict[str, str]:
    """Return the TensorFlow of every environment that has one."""
    return {name: one.tensorflow for name, one in project.environments.items() if one.tensorflow}


def _told(
    contents: Sequence[str], directory: RunDirectory, say: Callable[[str], None]
) -> dict[str, Mapping[str, Mapping[str, Any]]]:
    code = code_hash("savedmodel")
    known = read_told(directory.hidden, code)
    missing = [one for one in contents if one not in known]
    there = [one for one in missing if (directory.artifacts / one / MADE).exists()]
    paths = [_what_was_saved(directory, one) for one in there]
    if len(paths) > MANY:
        say(f"{len(paths):,} artifacts are diagnosed.")
    found = diagnose_all(paths, os.cpu_count() or 1)
    known |= {there[place]: _verdicts(diagnosis) for place, diagnosis in found}
    if there:
        with contextlib.suppress(OSError):  # then they are read again
            kept = {path.name for path in directory.artifacts.iterdir()}
            write_told(directory.hidden, code, known, kept)
    return known


def _what_was_saved(directory: RunDirectory, content: str) -> Any:
    """Return the directory, or the one file in it that is an artifact of its own."""
    place = directory.artifacts / content / MADE
    files = [path for path in place.iterdir() if path.suffix in (".keras", ".h5")]
    return files[0] if len(files) == 1 else place


def _verdicts(diagnosis: Diagnosis) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "verdict": one.verdict,
            "because": one.because,
            "since": one.since,
            "until": one.until,
        }
        for name, one in diagnosis.loaders.items()
        if one.verdict != UNKNOWN
    }


def _of_cell(
    cell: Mapping[str, Any],
    told: Mapping[str, Mapping[str, Any]],
    versions: Mapping[str, str],
) -> dict[str, str] | None:
    said = told.get(cell["loader"])
    if said is None:
        return None
    one = Told(said["verdict"], said["because"], said["since"], said["until"])
    return {
        "verdict": one.for_version(versions.get(cell["consumer"], "")),
        "because": one.because,
    }

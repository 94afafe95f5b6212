"""The formats of artifacts besides SavedModel: how each is recognised, and who diagnoses it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import (
    archive,
    checkpoint_files,
    diagnosis,
    hdf5,
    keras_file,
    tflite,
)
from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding, LoaderVerdict
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.reading import is_saved_model
from savedmodel_matrix.savedmodel.windows import DamagedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_BY_SUFFIX = {
    ".keras": keras_file.KERAS,
    ".h5": keras_file.H5,
    ".hdf5": keras_file.H5,
    ".tflite": tflite.FORMAT,
    checkpoint_files.SUFFIX: checkpoint_files.FORMAT,
}
_LOADERS = {
    keras_file.KERAS: ("keras.models.load_model",),
    keras_file.H5: ("keras.models.load_model",),
    tflite.FORMAT: ("tflite", "litert"),
    checkpoint_files.FORMAT: ("Checkpoint.restore",),
}


def format_of(path: Path) -> str | None:
    """Return the format of what lies at a path, None for a SavedModel and what is not known.

    A file is recognised by how it begins, and by its name where that says nothing.
    """
    by_name = _BY_SUFFIX.get(path.suffix)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # ValueError: a null byte in the path
        index = f"{path}{checkpoint_files.SUFFIX}".replace("\0", "")
        return checkpoint_files.FORMAT if os.path.lexists(index) else by_name
    if stat.S_ISDIR(mode):
        found = not is_saved_model(path) and checkpoint_files.index_of(path)
        return checkpoint_files.FORMAT if found else None
    return (_by_content(path) if stat.S_ISREG(mode) else None) or by_name


def _by_content(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError:
        return None
    if head == hdf5.SIGNATURE:
        return keras_file.H5
    if head[4:] == tflite.IDENTIFIER:
        return tflite.FORMAT
    return keras_file.KERAS if head[:4] == archive.MAGIC else None


def diagnosed(path: str | os.PathLike[str]) -> Diagnosis | None:
    """Return the diagnosis of what is no SavedModel; None for what no format here claims."""
    place = Path(path)
    kind = format_of(place)
    if kind is None:
        return None
    try:
        return _examined(place, os.fspath(path), kind)
    except DamagedFile as error:
        said = f"{place} is damaged: {error}"
    except UnreadableArtifact as error:
        said = str(error)
    except OSError as error:
        said = f"{place} cannot be read: {error.strerror or error}"
    finding = Finding("unreadable", "critical", "load", keras_file.sentence(said))
    loader = LoaderVerdict(diagnosis.FAILS, "the artifact cannot be read")
    loaders = dict.fromkeys(_LOADERS[kind], loader)
    return Diagnosis(os.fspath(path), kind, diagnosis.UNREADABLE, loaders, (finding,))


def _examined(place: Path, path: str, kind: str) -> Diagnosis:
    if kind == checkpoint_files.FORMAT:
        index = place
        if place.is_dir():
            index = checkpoint_files.index_of(place) or place
        elif not place.name.endswith(checkpoint_files.SUFFIX):
            index = place.with_name(f"{place.name}{checkpoint_files.SUFFIX}")
        return checkpoint_files.of_checkpoint(index, path)
    size = _size(place)
    with place.open("rb") as file:
        if kind == tflite.FORMAT:
            return tflite.of_tflite(file, size, path)
        if kind == keras_file.KERAS:
            return keras_file.of_keras(file, size, path, place.name)
        return keras_file.of_h5(file, size, path, place.name)


def _size(place: Path) -> int:
    status = place.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableArtifact(f"{place} is not a regular file")
    if not status.st_size:
        raise UnreadableArtifact(f"{place} is empty")
    return status.st_size


def is_one(file: Path) -> bool:
    """Say whether a file in a tree is an artifact by its name; `.index` is of other things too."""
    return file.suffix in _BY_SUFFIX and (
        file.suffix != checkpoint_files.SUFFIX or checkpoint_files.is_index(file)
    )


def artifacts(path: Path) -> Iterator[Path]:
    """Yield the artifacts at a path and below it, in the order of their names; else the path."""
    if not path.is_dir() or is_saved_model(path):
        yield path
        return
    number = 0
    for folder, folders, names in os.walk(path):
        folders.sort()
        here = Path(folder)
        if is_saved_model(here):
            folders.clear()
            number += 1
            yield here
            continue
        for name in sorted(names):
            file = here / name
            if is_one(file):
                number += 1
                yield file
    if not number:
        yield path

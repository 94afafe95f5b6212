"""The graph of an artifact with some of its strings changed, written in place or beside.

The remedy `repair` of the matrix is this much, so it rests on nothing that `diagnose` says beyond
soundness.
"""

from __future__ import annotations

import os
import shutil
import stat
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import files, surgery, wire
from savedmodel_matrix.savedmodel.errors import RepairRefused, UnreadableArtifact
from savedmodel_matrix.savedmodel.reading import BINARY, Directory, read_saved_model
from savedmodel_matrix.savedmodel.soundness import meta_graphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.savedmodel.surgery import Change

# Sums of the graph as it was written. No loader needs it; a wrong one would mislead.
FINGERPRINT = "fingerprint.pb"


@dataclass(frozen=True)
class Rewritten:
    """What was changed in an artifact, or would be, and which of its files were left out."""

    changes: tuple[Change, ...]
    removed: tuple[str, ...]


def rewrite(source: Path, target: Path | None = None, *, dry_run: bool = False) -> Rewritten:
    """Make a SavedModel sound in its graph, into `target` or in place.

    Raises UnreadableArtifact, RepairRefused, and FileExistsError or another OSError where the
    result cannot be written; then nothing is.
    """
    directory = read_saved_model(source)
    changes = _plan(directory)
    removed = (FINGERPRINT,) if changes and (source / FINGERPRINT).exists() else ()
    if not dry_run:
        pieces = wire.changed(files.read(directory.file), changes) if changes else None
        if target is None:
            _replace(directory, pieces, removed)
        else:
            _copy(directory, target, pieces, removed)
    return Rewritten(tuple(changes), removed)


def _plan(directory: Directory) -> list[Change]:
    """Return the changes to an artifact, once it is sure that they make it sound."""
    graphs = meta_graphs(directory, restored=True)
    version = directory.proto.meta_graphs[0].meta_info_def.tensorflow_version
    again = surgery.saved_again(version)
    changes: list[Change] = []
    for number, graph in enumerate(graphs):
        try:
            changes += surgery.plan(number, graph)
        except RepairRefused as error:
            said = f"{directory.path} cannot be repaired in its file, because {error}: {again}"
            raise RepairRefused(said) from error
    if changes and directory.is_text:
        raise RepairRefused(f"{directory.file} is text, and only {BINARY} is repaired: {again}")
    for change in changes:
        nodes = directory.proto.meta_graphs[change.meta_graph].graph_def.node
        node = next(node for node in nodes if node.name == change.node)
        node.input[change.input] = change.after
    if changes and any(
        signature.unwritten
        for graph in meta_graphs(directory, restored=True)
        for signature in graph.signatures
    ):
        said = "with the originals restored something else would be left without a value"
        refused = f"{directory.path} cannot be repaired in its file, because {said}: {again}"
        raise RepairRefused(refused)
    return changes


def _write(path: Path, pieces: Sequence[memoryview | bytes], like: Path) -> None:
    with path.open("xb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    shutil.copymode(like, path)


def _replace(
    directory: Directory, pieces: Sequence[memoryview | bytes] | None, removed: Sequence[str]
) -> None:
    """Put a new graph in place of the old one, at once."""
    if pieces is None:
        return
    beside = directory.file.with_name(f".{BINARY}.{uuid.uuid4().hex}")
    try:
        _write(beside, pieces, directory.file)
        for name in removed:
            (directory.path / name).unlink()
        beside.replace(directory.file)
    finally:
        beside.unlink(missing_ok=True)


def _copy(
    directory: Directory,
    target: Path,
    pieces: Sequence[memoryview | bytes] | None,
    removed: Sequence[str],
) -> None:
    """Copy an artifact, with a new graph if there is one, and give it its name when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    beside.mkdir()
    try:
        for folder, folders, names in os.walk(directory.path):
            there = beside / Path(folder).relative_to(directory.path)
            for name in folders:
                if Path(folder, name).is_symlink():
                    raise UnreadableArtifact(f"{Path(folder, name)} is a link to a directory")
                (there / name).mkdir()
            for name in names:
                file = Path(folder, name)
                if Path(folder) == directory.path and name in removed:
                    continue
                if file == directory.file and pieces is not None:
                    _write(there / name, pieces, file)
                elif not stat.S_ISREG(file.stat().st_mode):
                    raise UnreadableArtifact(f"{file} is not a regular file")
                else:
                    shutil.copy2(file, there / name)
        if os.path.lexists(target):
            raise FileExistsError(f"{target} exists already: name a directory that does not")
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)

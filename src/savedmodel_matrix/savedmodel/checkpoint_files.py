"""Diagnosis of TensorFlow checkpoints: `PREFIX.index`, its shards, and the file `checkpoint`."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import checkpoint_findings, files
from savedmodel_matrix.savedmodel.checkpoint import SUMMED, Checkpoint, read_checkpoint
from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding, Weight
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.keras_file import concluded
from savedmodel_matrix.savedmodel.schema import data_type

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "TensorFlow checkpoint"
SUFFIX, STATE = ".index", "checkpoint"
MAGIC = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"  # how an index ends
_STATE_BYTES = 1 << 20
_PATH = re.compile(r'^\s*model_checkpoint_path\s*:\s*"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_SUMMED_NOW = min(SUMMED, 1 << 26)
_NAMES = {"float": "float32", "double": "float64", "half": "float16"}
_COPY_AGAIN = "copy the checkpoint again from where it was saved"


def of_checkpoint(index: Path, path: str) -> Diagnosis:
    """Diagnose the checkpoint with an index. Raises UnreadableArtifact and DamagedFile."""
    prefix = index.name.removesuffix(SUFFIX)
    checkpoint = read_checkpoint(index.parent, prefix)
    if checkpoint is None:
        raise UnreadableArtifact(f"{index} does not exist")
    findings = list(checkpoint_findings.of_shards(index.parent, checkpoint, _SUMMED_NOW))
    findings += _of_state(index)
    if not any(f.severity == "critical" for f in findings) and not checkpoint.entries:
        said = f"{index.name} has no entry: there is nothing to restore"
        findings.append(Finding("no-weights", "low", "load", said))
    sizes = sum(entry.size for entry in checkpoint.entries.values())
    return concluded(
        *(path, FORMAT, findings, ("Checkpoint.restore",)),
        weights=tuple(_weights(checkpoint)),
        unchecked_bytes=max(0, sizes - _SUMMED_NOW),
    )


def _weights(checkpoint: Checkpoint) -> Iterator[Weight]:
    for key, entry in checkpoint.entries.items():
        dtype = data_type(entry.dtype)
        yield Weight(key, _NAMES.get(dtype, dtype), entry.shape, entry.size)


def index_of(directory: Path) -> Path | None:
    """Return the index of the checkpoint that a directory is, None if it is none.

    Of several it is the one that the file `checkpoint` names, as TensorFlow's latest_checkpoint
    takes it, else the last by name.
    """
    found = sorted(p for p in directory.glob(f"*{SUFFIX}") if is_index(p))
    named = _latest(directory)
    for index in found:
        if named is not None and PurePosixPath(named).name == index.name.removesuffix(SUFFIX):
            return index
    return found[-1] if found else None


def is_index(path: Path) -> bool:
    """Say whether a file is the index of a checkpoint: it ends as one, or has shards beside it."""
    try:
        size = files.size_of(path)
        with path.open("rb") as file:
            file.seek(max(0, size - len(MAGIC)))
            if file.read(len(MAGIC)) == MAGIC:
                return True
    except (OSError, UnreadableArtifact):
        return False
    name = re.escape(path.name.removesuffix(SUFFIX))
    shard = re.compile(rf"{name}\.data-\d{{5}}-of-\d{{5}}")
    return any(shard.fullmatch(entry.name) for entry in path.parent.iterdir())


def _latest(directory: Path) -> str | None:
    """Return the path that the file `checkpoint` names as the latest, None if it names none."""
    state = directory / STATE
    try:
        text = files.read(state, _STATE_BYTES).decode("utf-8", "replace")
    except UnreadableArtifact:
        return None
    match = _PATH.search(text)
    return match[1] if match else None


def _of_state(index: Path) -> Iterator[Finding]:
    """Yield what is wrong with the file `checkpoint`, if it is this checkpoint's concern."""
    directory = index.parent
    if not (directory / STATE).is_file():
        return
    named = _latest(directory)
    evidence = {"file": STATE, "names": named}
    if named is None:
        said = f"the file {STATE} names no checkpoint: tf.train.latest_checkpoint finds none"
        yield Finding("checkpoint-state", "medium", "load", said, evidence, _COPY_AGAIN)
        return
    path = PurePosixPath(named)
    if "\0" in named or not Path(directory / f"{named}{SUFFIX}").exists():
        here = sorted(p for p in directory.glob(f"*{SUFFIX}") if is_index(p))
        if here and here[-1] == index:
            said = f"the file {STATE} names {named!r}, which is not there"
            yield Finding("checkpoint-state", "medium", "load", said, evidence, _COPY_AGAIN)
    elif path.name == index.name.removesuffix(SUFFIX) and ".." in path.parts:
        said = f"the file {STATE} names {named!r}, by a path that leaves the directory"
        yield Finding("checkpoint-state", "medium", "load", said, evidence, _COPY_AGAIN)

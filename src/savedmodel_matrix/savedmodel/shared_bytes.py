"""Tensors of a checkpoint that have the same bytes: found, and kept once.

Two entries of the index may name one place in a shard: TensorFlow reads each entry by its offset
and size, and never asks whether another has the same ones.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from savedmodel_matrix.savedmodel import files
from savedmodel_matrix.savedmodel.checkpoint import WIDTHS, shard_of
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.table import read_table
from savedmodel_matrix.savedmodel.table_writing import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from savedmodel_matrix.savedmodel.checkpoint import Checkpoint, Entry

_CHUNK = 1 << 22  # bytes in memory at once


def twins(checkpoint: Checkpoint) -> dict[str, str]:
    """Return the first key with the same dtype, shape and sum, for each later one elsewhere.

    So say the sums; only the bytes are sure (`alike`). Strings, and parts of tensors, have none.
    """
    first: dict[tuple[object, ...], str] = {}
    found = {}
    for key, entry in checkpoint.entries.items():
        if entry.dtype in WIDTHS and entry.size and not entry.sliced:
            what = (entry.shard, entry.dtype, entry.shape, entry.size, entry.crc)
            other = first.setdefault(what, key)
            if checkpoint.entries[other].offset != entry.offset:
                found[key] = other
    return found


def spare_bytes(checkpoint: Checkpoint) -> int:
    """Return how many bytes of the shards are stored more than once, as their sums say."""
    places = {
        (checkpoint.entries[key].shard, checkpoint.entries[key].offset): checkpoint.entries[
            key
        ].size
        for key in twins(checkpoint)
    }
    return sum(places.values())


def alike(directory: Path, checkpoint: Checkpoint, one: str, other: str) -> bool:
    """Say whether two tensors are the same, byte for byte. Raises UnreadableArtifact."""
    first, second = checkpoint.entries[one], checkpoint.entries[other]
    if (first.dtype, first.shape, first.size) != (second.dtype, second.shape, second.size):
        return False
    if first.sliced or second.sliced or first.dtype not in WIDTHS:
        return False
    with ExitStack() as held:
        files_ = [held.enter_context(_open(directory, checkpoint, e)) for e in (first, second)]
        for file, entry in zip(files_, (first, second), strict=True):
            file.seek(entry.offset)
        left = first.size
        while left:
            chunks = [file.read(min(_CHUNK, left)) for file in files_]
            if chunks[0] != chunks[1] or not chunks[0]:
                return False
            left -= len(chunks[0])
    return True


def _open(directory: Path, checkpoint: Checkpoint, entry: Entry) -> BinaryIO:
    path = shard_of(directory, checkpoint, entry.shard)
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableArtifact(f"{path} cannot be read: {error.strerror or error}") from error


def store_once(source: Path, checkpoint: Checkpoint, target: Path) -> int:
    """Write the index and shards of `source` into `target`, each tensor once.

    The files of `target` must not exist. Returns by how many bytes the shards are smaller; where
    nothing is stored twice nothing is written. Raises UnreadableArtifact, OSError.
    """
    same = {
        key: other
        for key, other in twins(checkpoint).items()
        if alike(source, checkpoint, key, other)
    }
    if not same:
        return 0
    places = placed(checkpoint, same)
    before = sum(files.size_of(shard_of(source, checkpoint, n)) for n in range(checkpoint.shards))
    for number in range(checkpoint.shards):
        write_shard(source, target, checkpoint, number, same, places)
    index = source / f"{checkpoint.prefix}.index"
    with (target / index.relative_to(source)).open("xb") as file:
        file.write(_index(index, places))
        file.flush()
        os.fsync(file.fileno())
    after = sum(files.size_of(shard_of(target, checkpoint, n)) for n in range(checkpoint.shards))
    return before - after


def placed(checkpoint: Checkpoint, same: Mapping[str, str]) -> dict[str, Entry]:
    """Return each entry where it will lie: those that stay move together, in their order."""
    ends: dict[int, int] = {}
    moved: dict[tuple[int, int, int], int] = {}  # the new offset of a place
    found: dict[str, Entry] = {}
    kept = [key for key in checkpoint.entries if key not in same]
    for key in sorted(
        kept, key=lambda k: (checkpoint.entries[k].shard, checkpoint.entries[k].offset)
    ):
        entry = checkpoint.entries[key]
        place = (entry.shard, entry.offset, entry.size)
        if not entry.size:
            found[key] = replace(entry, offset=min(entry.offset, ends.get(entry.shard, 0)))
            continue
        if place not in moved:
            moved[place] = ends.get(entry.shard, 0)
            ends[entry.shard] = moved[place] + entry.size
        found[key] = replace(entry, offset=moved[place])
    for key, other in same.items():
        found[key] = replace(checkpoint.entries[key], offset=found[other].offset)
    return found


def write_shard(
    source: Path,
    target: Path,
    checkpoint: Checkpoint,
    number: int,
    same: Mapping[str, str],
    places: Mapping[str, Entry],
) -> None:
    """Write a shard of `target`: every tensor at its new place, those in `same` not again."""
    path = shard_of(source, checkpoint, number)
    wanted = {
        places[key].offset: entry
        for key, entry in checkpoint.entries.items()
        if entry.shard == number and entry.size and key not in same
    }
    with path.open("rb") as old, shard_of(target, checkpoint, number).open("xb") as new:
        for _, entry in sorted(wanted.items()):
            old.seek(entry.offset)
            left = entry.size
            while left:
                chunk = old.read(min(_CHUNK, left))
                if not chunk:
                    raise UnreadableArtifact(f"{path} is cut short")
                new.write(chunk)
                left -= len(chunk)
        new.flush()
        os.fsync(new.fileno())


def _index(path: Path, places: Mapping[str, Entry]) -> bytes:
    """Return an index with other offsets, and everything else of each entry as it was."""
    entries = []
    for key, value in read_table(files.read(path), str(path)).items():
        if key:
            entry = message("BundleEntryProto").FromString(value)
            entry.offset = places[key.decode("utf-8", "backslashreplace")].offset
            entries.append((key, entry.SerializeToString(deterministic=True)))
        else:
            entries.append((key, value))
    return table(entries)

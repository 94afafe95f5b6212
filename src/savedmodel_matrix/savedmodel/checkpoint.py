"""A checkpoint in files: `variables.index`, and the shards that it names places in."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from google.protobuf.message import DecodeError

from savedmodel_matrix.savedmodel import crc32c, files, sums
from savedmodel_matrix.savedmodel.errors import UnreadableArtifact
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PREFIX = "variables/variables"
_INDEX_BYTES = 1 << 28
_CHUNK = 1 << 22
_SHARDS = 100_000
_OPENED = 64  # shards at once
# Bytes of tensors whose sums are computed: a second's worth, or what Python sums in a tenth of one.
SUMMED = 1 << 30 if crc32c.FAST else 1 << 20

# Bytes of an element, by DataType; what is not listed (strings, resources, variants) has no size.
WIDTHS = {
    **dict.fromkeys((4, 6, 10, 11, 12, 24, 25, 26, 27, 28, 29, 30, 31, 32), 1),
    **dict.fromkeys((5, 14, 15, 16, 17, 19), 2),
    **dict.fromkeys((1, 3, 13, 22), 4),
    **dict.fromkeys((2, 8, 9, 23), 8),
    18: 16,
}


@dataclass(frozen=True)
class Entry:
    """A tensor of a checkpoint: what it is, and where in which shard it lies, in bytes."""

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int
    sliced: bool  # parts of it have entries of their own


@dataclass(frozen=True)
class Checkpoint:
    """The index of a checkpoint: its entries by key."""

    entries: Mapping[str, Entry]
    shards: int
    big_endian: bool
    prefix: str = PREFIX


def read_checkpoint(directory: Path, prefix: str = PREFIX) -> Checkpoint | None:
    """Return a checkpoint, of a SavedModel or another; None if there is none.

    Raises UnreadableArtifact.
    """
    path = directory / f"{prefix}.index"
    if not path.exists() and not path.is_symlink():
        return None
    header, entries = message("BundleHeaderProto")(), {}
    for key, value in read_table(files.read(path, _INDEX_BYTES), str(path)).items():
        name = key.decode("utf-8", "backslashreplace")
        try:
            if not key:
                header.ParseFromString(value)
            else:
                entries[name] = _entry(value)
        except DecodeError as error:
            said = f"{path} is damaged: the entry of {name!r} is not one of a checkpoint"
            raise UnreadableArtifact(said) from error
    if not 0 <= header.num_shards <= _SHARDS:
        raise UnreadableArtifact(f"{path} is damaged: it states {header.num_shards} shards")
    return Checkpoint(entries, header.num_shards, header.endianness == 1, prefix)


def _entry(value: bytes) -> Entry:
    found = message("BundleEntryProto").FromString(value)
    shape = tuple(dim.size for dim in found.shape.dim)
    return Entry(
        *(found.dtype, shape, found.shard_id, found.offset, found.size, found.crc32c),
        sliced=bool(found.slices),
    )


@dataclass(frozen=True)
class Damage:
    """What is wrong with the shards: which file, which key ("" for the whole file), and how."""

    file: str
    key: str
    message: str


def damages(directory: Path, checkpoint: Checkpoint, budget: int = SUMMED) -> Iterator[Damage]:
    """Yield what is wrong with the shards; sums are computed up to `budget` bytes of tensors."""
    sizes: dict[int, int] = {}
    for shard in range(checkpoint.shards):
        path = shard_of(directory, checkpoint, shard)
        try:
            sizes[shard] = files.size_of(path)
        except OSError:
            yield Damage(path.name, "", f"{path.name} is missing")
        except UnreadableArtifact as error:
            yield Damage(path.name, "", str(error))
    with ExitStack() as held:
        opened: dict[Path, BinaryIO] = {}
        for key, entry in checkpoint.entries.items():
            if entry.sliced:
                continue
            path, said = shard_of(directory, checkpoint, entry.shard), ""
            if not 0 <= entry.shard < checkpoint.shards:
                said = f"lies in shard {entry.shard}, which there is not"
            elif entry.shard in sizes:
                said = _misplaced(entry, sizes[entry.shard])
                if not said and entry.size <= budget:
                    budget -= entry.size
                    said = _other_bytes(path, entry, opened, held)
            if said:
                yield Damage(path.name, key, f"{key} {said} ({path.name})")


def shard_of(directory: Path, checkpoint: Checkpoint, number: int) -> Path:
    """Return the file of a shard, by its number."""
    return directory / f"{checkpoint.prefix}.data-{number:05d}-of-{checkpoint.shards:05d}"


def _misplaced(entry: Entry, size: int) -> str:
    if min(entry.offset, entry.size, *entry.shape, 0) < 0:
        return "states a size below zero"
    width = WIDTHS.get(entry.dtype)
    if width and math.prod(entry.shape[:64]) * width != entry.size:
        return f"states {entry.size} bytes, which is not what its shape takes"
    if entry.offset + entry.size > size:
        return f"ends at byte {entry.offset + entry.size} of a shard of {size}: it is cut short"
    return ""


def _other_bytes(path: Path, entry: Entry, opened: dict[Path, BinaryIO], held: ExitStack) -> str:
    """Say so if a tensor's bytes have another sum than is stated; some shards stay opened."""
    if entry.dtype not in WIDTHS:
        return ""  # strings: their sum is of lengths and contents apart
    crc, left = 0, entry.size
    try:
        if path not in opened:
            if len(opened) == _OPENED:
                opened.clear()
                held.close()
            opened[path] = held.enter_context(path.open("rb"))
        file = opened[path]
        file.seek(entry.offset)
        while left and (chunk := file.read(min(_CHUNK, left))):
            crc, left = sums.extend(crc, chunk), left - len(chunk)
    except OSError as error:
        raise UnreadableArtifact(f"{path} cannot be read: {error.strerror or error}") from error
    return "" if not left and crc32c.mask(crc) == entry.crc else "has other bytes than were saved"

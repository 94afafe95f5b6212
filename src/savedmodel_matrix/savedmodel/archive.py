"""A zip archive looked at before anything of it is unpacked: names, sizes, and lies about both."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, BinaryIO

from savedmodel_matrix.savedmodel.diagnosis import Finding
from savedmodel_matrix.savedmodel.windows import DamagedFile, Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipInfo

MAGIC = b"PK\x03\x04"
_END, _END_BYTES = b"PK\x05\x06", 22
_COMMENT = 0xFFFF
_DIRECTORY_BYTES = 1 << 22  # some ten thousand entries
_LOCAL = 30  # bytes of an entry's header before its name
_ENCRYPTED = 1
_BOMB, _RATIO = 1 << 26, 100  # what unpacks to more, from so much less, is no model
_CHUNK = 1 << 20
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_DISTRUST = "do not load it"
_COPY_AGAIN = "copy the file again from where it was saved"


@dataclass(frozen=True)
class Archive:
    """The entries of a zip archive by name; of two of one name the last, as zipfile reads."""

    file: BinaryIO
    window: Window
    zip: zipfile.ZipFile
    entries: dict[str, ZipInfo]

    def data_at(self, entry: ZipInfo) -> int:
        """Return where an entry's bytes begin. Raises DamagedFile, and OSError."""
        window = self.window
        if window.at(entry.header_offset, 4) != MAGIC:
            said = f"there is no entry at byte {entry.header_offset:,}"
            raise DamagedFile(f"{said}, where its directory has {entry.filename!r}")
        name, extra = struct.unpack("<HH", window.at(entry.header_offset + 26, 4))
        start = entry.header_offset + _LOCAL + int(name) + int(extra)
        if start + entry.compress_size > window.size:
            raise DamagedFile(f"{entry.filename} reaches past its end: it is cut short")
        return start

    def read(self, entry: ZipInfo, limit: int) -> bytes:
        """Return an entry's bytes, `limit` at most. Raises DamagedFile, and OSError."""
        return b"".join(self.chunks(entry, limit))

    def start(self, entry: ZipInfo, size: int) -> bytes:
        """Return the first bytes of an entry, none where it cannot be unpacked."""
        try:
            with self.zip.open(entry) as stream:
                return stream.read(size)
        except _ERRORS:
            return b""

    def chunks(self, entry: ZipInfo, limit: int) -> Iterator[bytes]:
        """Yield an entry's bytes, and compare their sum. Raises DamagedFile, and OSError."""
        if entry.file_size > limit:
            said = f"{entry.filename} states {entry.file_size:,} bytes"
            raise DamagedFile(f"{said}, more than the {limit:,} that are read")
        self.data_at(entry)
        try:
            with self.zip.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except _ERRORS as error:
            said = " ".join(str(error).split())[:120] or type(error).__name__
            raise DamagedFile(f"{entry.filename} cannot be unpacked: {said}") from error


def opened(file: BinaryIO, size: int) -> Archive:
    """Return the archive in a file. Raises DamagedFile, and OSError."""
    _check_directory(file, size)
    try:
        archive = zipfile.ZipFile(file)
    except (*_ERRORS, struct.error, OverflowError, IndexError, UnicodeError) as error:
        said = " ".join(str(error).split())[:120]
        raise DamagedFile(f"it is no zip archive, or not all of it: {said}") from error
    return Archive(
        file, Window(file, 0, size), archive, {i.filename: i for i in archive.infolist()}
    )


def _check_directory(file: BinaryIO, size: int) -> None:
    """See that there is a directory, and that it fits into memory."""
    tail = min(size, _END_BYTES + _COMMENT)
    file.seek(size - tail)
    data = file.read(tail)
    place = data.rfind(_END)
    if place < 0 or place + _END_BYTES > len(data):
        raise DamagedFile("the directory at the end of the zip archive is missing: it is cut short")
    (stated,) = struct.unpack_from("<I", data, place + 12)
    locator = place - 20
    if stated == 0xFFFFFFFF and locator >= 0 and data[locator : locator + 4] == b"PK\x06\x07":
        (where,) = struct.unpack_from("<Q", data, locator + 8)
        stated = Window(file, 0, size).number(where + 40, 8)
    if stated > _DIRECTORY_BYTES:
        raise DamagedFile(f"the directory of the zip archive states {stated:,} bytes")


def findings_of(archive: Archive) -> Iterator[Finding]:
    """Yield what is wrong with the names and sizes that an archive states."""
    seen: set[str] = set()
    end, before = 0, ""
    for entry in sorted(archive.zip.infolist(), key=lambda e: e.header_offset):
        name, evidence = entry.filename, {"entry": entry.filename}
        if _leaves(name):
            said = f"the entry {name!r} is named by a path that leaves the archive"
            yield Finding("zip-path", "high", "load", said, evidence, _DISTRUST)
        if stat.S_ISLNK(entry.external_attr >> 16):
            said = f"the entry {name!r} is a symbolic link"
            yield Finding("zip-path", "high", "load", said, evidence, _DISTRUST)
        if name in seen:
            said = f"there are two entries {name!r}: which one is read depends on the reader"
            yield Finding("zip-entry-twice", "high", "load", said, evidence, _DISTRUST)
        seen.add(name)
        if entry.file_size > max(_BOMB, _RATIO * entry.compress_size):
            said = f"{name} unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}"
            yield Finding("zip-bomb", "high", "load", said, evidence, _DISTRUST)
        if entry.header_offset < end:
            said = f"the entries {before!r} and {name!r} share bytes"
            yield Finding("zip-bomb", "high", "load", said, evidence, _DISTRUST)
        yield from _local(archive, entry)
        end, before = entry.header_offset + _LOCAL + entry.compress_size, name


def _local(archive: Archive, entry: ZipInfo) -> Iterator[Finding]:
    """Yield what an entry says of itself otherwise than the directory says."""
    said = ""
    try:
        archive.data_at(entry)
        length = archive.window.number(entry.header_offset + 26, 2)
        stored = archive.window.at(entry.header_offset + _LOCAL, length)
        encoding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
        name = stored.split(b"\0")[0].decode(encoding, "replace")
        if name != entry.orig_filename.split("\0")[0]:
            said = f"the entry {entry.filename!r} calls itself {name!r}"
        elif not entry.compress_type and entry.compress_size != entry.file_size:
            said = f"{entry.filename} states {entry.file_size:,} bytes"
            said += f", and {entry.compress_size:,} are stored as they are"
    except DamagedFile as error:
        evidence = {"entry": entry.filename}
        yield Finding("zip-damaged", "critical", "load", str(error), evidence, _COPY_AGAIN)
        return
    if entry.flag_bits & _ENCRYPTED:
        said = f"the entry {entry.filename!r} is encrypted, as Keras writes none"
    if said:
        yield Finding("zip-entry-lies", "high", "load", said, {"entry": entry.filename}, _DISTRUST)


def _leaves(name: str) -> bool:
    paths = (PurePosixPath(name), PureWindowsPath(name))
    return any(p.is_absolute() or ".." in p.parts or p.drive for p in paths) or "\0" in name


def summed(archive: Archive, budget: int) -> tuple[list[Finding], int]:
    """Compare the sums of entries, up to `budget` bytes; return also how many bytes were not."""
    findings, unchecked = [], 0
    for entry in archive.zip.infolist():
        if entry.file_size > budget:
            unchecked += entry.file_size
            continue
        budget -= entry.file_size
        try:
            for _ in archive.chunks(entry, entry.file_size):
                pass
        except DamagedFile as error:
            evidence = {"entry": entry.filename}
            finding = Finding("zip-damaged", "critical", "load", str(error), evidence, _COPY_AGAIN)
            findings.append(finding)
    return findings, unchecked

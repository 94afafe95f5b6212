"""Bytecode that environments share: most modules of neighbouring releases are the same.

Compiling what ``import tensorflow`` reads takes twice as long as the import itself. What the first
import in one environment compiled is kept by the hash of its source, and another environment gets
it before its own first import. It is kept before any step has run: a step may write bytecode into
its environment, and nothing that it writes may reach another one.

Python takes a file of bytecode for what its header says: the version of the format, and time and
size of the source (https://peps.python.org/pep-0552/). So each environment gets a header of its
own. The path inside is no obstacle: Python replaces it by that of the source.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = ".bytecode"  # beside the environments: what they share
BYTECODE = "bytecode"  # in an environment: what PYTHONPYCACHEPREFIX names there
BY_TIME = bytes(4)  # flags of a header that goes by time and size of the source
HEADER = 16
SUFFIX = ".pyc"


class Source(NamedTuple):
    """A module's source: its bytes' hash, and the end of the header that stands for them."""

    hash: str
    stamp: bytes


class SharedBytecode:
    """Bytecode by the place and the hash of its source, in a directory where no step may write."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def fill(self, environment: Path) -> bool:
        """Give an environment without bytecode what is kept for its modules; say if it had none.

        Raises OSError; what was written until then is whole.
        """
        bytecode = environment / BYTECODE
        if bytecode.is_dir() and any(bytecode.iterdir()):
            return False
        for directory in _kept(self._directory):
            compiled = _absolute(directory.relative_to(self._directory), environment)
            source = _source_of(compiled)
            if source is None:
                continue
            with contextlib.suppress(FileNotFoundError):
                kept = (directory / source.hash).read_bytes()
                if len(kept) > HEADER:  # else it was lost in a crash of the machine
                    place = bytecode / compiled.relative_to("/")
                    _write(place, kept[:8] + source.stamp + kept[HEADER:])
        return True

    def keep(self, environment: Path) -> None:
        """Keep what the first import in an environment compiled. Raises OSError."""
        bytecode = environment / BYTECODE
        for compiled in bytecode.rglob(f"*{SUFFIX}"):
            path = Path("/", compiled.relative_to(bytecode))
            source = _source_of(path)
            if source is None:
                continue
            place = self._directory / _relative(path, environment) / source.hash
            if place.exists():
                continue
            content = compiled.read_bytes()
            if content[4:HEADER] == BY_TIME + source.stamp:
                _write(place, content)


def _kept(directory: Path) -> Iterator[Path]:
    """Yield the directories that hold bytecode of one module each."""
    for place, directories, _ in os.walk(directory):
        for name in directories:
            if name.endswith(SUFFIX):
                yield Path(place, name)


def _relative(path: Path, environment: Path) -> Path:
    if path.is_relative_to(environment):
        return "environment" / path.relative_to(environment)
    return "python" / path.relative_to("/")


def _absolute(kept: Path, environment: Path) -> Path:
    kind, *parts = kept.parts
    return Path(environment if kind == "environment" else "/", *parts)


def _source_of(compiled: Path) -> Source | None:
    """Return the source of bytecode that would be beside it, or None where there is none."""
    path = compiled.with_name(f"{compiled.name.partition('.')[0]}.py")
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except OSError:
        return None
    numbers = (int(status.st_mtime), len(content))
    stamp = b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in numbers)
    return Source(hashlib.sha256(content).hexdigest(), stamp)


def _write(place: Path, content: bytes) -> None:
    """Write beside and rename: an import may be reading."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f"{place.name}.{os.urandom(4).hex()}")
    try:
        beside.write_bytes(content)
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise

"""Bytecode that environments share: most modules of neighbouring releases are the same.

Compiling what ``import tensorflow`` reads takes twice as long as the import itself. What the first
import in one environment compiled is kept by the hash of its source, and another environment gets
it before its own first import. It is kept before any step has run: a step may write bytecode into
its environment, and nothing that it writes may reach another one.

One database holds all of it, since opening a file for each module costs more than its bytes do; and
an environment gets all of its own at once, in a directory that is renamed when it is whole.

Python takes a file of bytecode for what its header says: the version of the format, and time and
size of the source (https://peps.python.org/pep-0552/). So each environment gets a header of its
own. The path inside is no obstacle: Python replaces it by that of the source.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = ".bytecode"  # beside the environments: what they share
BYTECODE = "bytecode"  # in an environment: what PYTHONPYCACHEPREFIX names there
BY_TIME = bytes(4)  # flags of a header that goes by time and size of the source
HEADER = 16
SUFFIX = ".pyc"
_DATABASE = "modules.sqlite3"
_TABLE = """CREATE TABLE IF NOT EXISTS modules (
    place TEXT NOT NULL, source TEXT NOT NULL, content BLOB NOT NULL, UNIQUE (place, source))"""
_PATIENCE = 60.0  # seconds for another run to have written
_LEFT = 86_400  # seconds after which a directory that nobody renamed was left behind


class Source(NamedTuple):
    """A module's source: its bytes' hash, and the end of the header that stands for them."""

    hash: str
    stamp: bytes


class SharedBytecode:
    """Bytecode by the place and the hash of its source, in a directory where no step may write.

    What a crash of the machine made unreadable is begun again.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._given: dict[Path, set[str]] = {}  # by environment, the places that `keep` knows

    def fill(self, environment: Path) -> bool:
        """Give an environment without bytecode what is kept for its modules; say if it had none.

        Raises OSError; an environment has all that is kept for it, or nothing.
        """
        bytecode = environment / BYTECODE
        if bytecode.is_dir() and any(bytecode.iterdir()):
            return False
        with self._opened() as kept, self._scratch() as scratch:
            given = set(_write_all(kept, environment, str(scratch)))
            if given:
                with contextlib.suppress(OSError):  # another run was sooner
                    scratch.rename(bytecode)
            self._given[environment] = given
        return True

    def keep(self, environment: Path) -> None:
        """Keep what the first import in an environment compiled. Raises OSError."""
        given = self._given.pop(environment, set())
        with self._opened() as kept:
            for path, compiled in _compiled(environment / BYTECODE):
                place = _place(path, environment)
                if place in given:
                    continue
                source = _source_of(path)
                content = Path(compiled).read_bytes()
                if source and content[4:HEADER] == BY_TIME + source.stamp:
                    row = (place, source.hash, content)
                    kept.execute("INSERT OR IGNORE INTO modules VALUES (?, ?, ?)", row)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the database; what is written is there when all of it is. Raises OSError."""
        self._directory.mkdir(parents=True, exist_ok=True)
        file = self._directory / _DATABASE
        try:
            with contextlib.closing(_connected(file)) as connection, connection:
                yield connection
        except sqlite3.Error as error:
            raise OSError(f"{file}: {error}") from error

    @contextlib.contextmanager
    def _scratch(self) -> Iterator[Path]:
        """Make a directory that is removed again, where it was not renamed meanwhile."""
        for left in self._directory.glob(f"{BYTECODE}-*"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT:
                    shutil.rmtree(left)
        made = self._directory / f"{BYTECODE}-{os.urandom(8).hex()}"
        made.mkdir()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _connected(file: Path) -> sqlite3.Connection:
    """Open the database, a new one where there is none or where it is one no more."""
    for again in (True, False):
        connection = sqlite3.connect(file, timeout=_PATIENCE)
        try:
            connection.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            connection.close()
            if not again or isinstance(error, sqlite3.OperationalError):
                raise
            file.unlink(missing_ok=True)
        else:
            break
    return connection


def _write_all(kept: sqlite3.Connection, environment: Path, directory: str) -> Iterator[str]:
    """Write bytecode for the modules of an environment; yield the place of each."""
    made = set()
    places = kept.execute("SELECT DISTINCT place FROM modules").fetchall()
    for (place,) in places:
        path = _path(place, environment)
        source = _source_of(path)
        if source is None:
            continue
        wanted = "SELECT content FROM modules WHERE place = ? AND source = ?"
        row = kept.execute(wanted, (place, source.hash)).fetchone()
        if row is None:
            continue
        content = row[0]
        inside, _, _ = path.rpartition("/")
        if inside not in made:
            os.makedirs(directory + inside, exist_ok=True)  # noqa: PTH103 - thousands
            made.add(inside)
        with open(directory + path, "xb") as file:  # noqa: PTH123
            file.write(content[:8] + source.stamp + content[HEADER:])
        yield place


def _compiled(bytecode: Path) -> Iterator[tuple[str, str]]:
    """Yield where bytecode would be beside its source, and where it is."""
    root = str(bytecode)
    for directory, _, names in os.walk(root):
        for name in names:
            if name.endswith(SUFFIX):
                compiled = f"{directory}/{name}"
                yield compiled[len(root) :], compiled


def _place(path: str, environment: Path) -> str:
    root = f"{environment}/"
    return f"environment/{path.removeprefix(root)}" if path.startswith(root) else f"python{path}"


def _path(place: str, environment: Path) -> str:
    kind, _, rest = place.partition("/")
    return f"{environment}/{rest}" if kind == "environment" else f"/{rest}"


def _source_of(compiled: str) -> Source | None:
    """Return the source of bytecode that would be beside it, or None where there is none."""
    directory, _, name = compiled.rpartition("/")
    try:
        with open(f"{directory}/{name.partition('.')[0]}.py", "rb", buffering=0) as file:  # noqa: PTH123
            status = os.fstat(file.fileno())
            content = file.read()
    except OSError:
        return None
    numbers = (int(status.st_mtime), len(content))
    stamp = b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in numbers)
    return Source(hashlib.sha256(content).hexdigest(), stamp)

"""A SQLite file that one process holds: opened, written in transactions, set aside if damaged.

The write-ahead log makes each transaction whole or absent whatever is killed, and needs no wait
for the disk: after a power cut the last ones may be missing, and none is torn. The file is held
exclusively, so that no memory is shared between processes and a network file system will do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

APPLICATION = 0x534D4D58  # in the file's header: whose it is
_SETTINGS = (
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA auto_vacuum=INCREMENTAL",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA cache_size=-65536",
)
PATIENCE = 5.0  # seconds to wait for somebody who looks into the file
BESIDE = ("-wal", "-shm", "-journal")
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class NotOurs(sqlite3.DatabaseError):
    """The file is a database, but not one that we made."""


class Database:
    """An open file. Raises UserError where it cannot be used, OSError where there is no room."""

    def __init__(
        self, file: Path, tables: Sequence[str], schema: int, say: Callable[[str], None]
    ) -> None:
        """Open the file, or make it with these tables.

        One that is damaged is set aside, ``say`` is told, and an empty one takes its place.
        """
        self._file, self._tables, self._schema, self._say = file, tables, schema, say
        self._connection: sqlite3.Connection | None = None
        try:
            self._open()
        except sqlite3.Error as error:
            self.recover(error)

    def recover(self, error: sqlite3.Error) -> None:
        """Set the file aside if it is damaged, and begin an empty one; else raise UserError."""
        if not is_damage(error):
            raise self.sentence(error) from error
        self.close()
        aside = self._file.with_name(f"{self._file.name}.damaged")
        try:
            self._file.replace(aside)
            for more in BESIDE:
                self._file.with_name(self._file.name + more).unlink(missing_ok=True)
            self._open()
        except (OSError, sqlite3.Error) as second:
            raise self.sentence(second) from second
        self._say(
            f"{self._file} is damaged ({error}): it was set aside as {aside.name}, and what it "
            "knew is run again."
        )

    def sentence(self, error: Exception) -> UserError:
        """Return what to tell the user of an error that nothing here can mend."""
        said = error.strerror if isinstance(error, OSError) else error
        return UserError(
            f"{self._file} cannot be used ({said}); make room there, or name another directory "
            "with --results."
        )

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read, which a closed file is opened for once more. Raises sqlite3.Error."""
        if self._connection is not None:
            yield self._connection
            return
        with contextlib.closing(self._connected()) as again:
            yield again

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write as one transaction, of which an error leaves nothing.

        Raises OSError if there is no room, UserError for what else SQLite says.
        """
        if self._connection is None:
            raise ValueError("the database is closed")
        with self.reading() as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                if not isinstance(error, sqlite3.Error):
                    raise
                if _code(error) == sqlite3.SQLITE_FULL:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
                raise self.sentence(error) from error

    def shrink(self) -> None:
        """Give back the room of what was removed where that is half of the file."""
        with self.reading() as connection:
            [(free,)] = connection.execute("PRAGMA freelist_count")
            [(pages,)] = connection.execute("PRAGMA page_count")
            if 2 * free > pages:
                # Not `execute`, which takes one step of it: that is one page.
                connection.executescript("PRAGMA incremental_vacuum")

    @property
    def is_open(self) -> bool:
        """Whether the file is open."""
        return self._connection is not None

    def close(self) -> None:
        """Close the file; once is enough."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)
        try:
            for setting in _SETTINGS:
                connection.execute(setting)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _open(self) -> None:
        self._connection = self._connected()
        run = self._connection.execute
        [(whose,)], [(schema,)] = run("PRAGMA application_id"), run("PRAGMA user_version")
        [(tables,)] = run("SELECT count(*) FROM sqlite_master")
        if whose != APPLICATION and tables:
            raise NotOurs("it is another program's")
        if schema > self._schema:
            raise UserError(
                f"{self._file} was written by a newer savedmodel-matrix: use that one, or name "
                "another directory with --results."
            )
        if schema < self._schema:
            run("BEGIN IMMEDIATE")
            if tables:
                raise NotOurs("it is an older version's")
            for statement in self._tables:
                run(statement)
            run(f"PRAGMA application_id={APPLICATION}")
            run(f"PRAGMA user_version={self._schema}")
            run("COMMIT")


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether an error is the file's own, so that only another file helps."""
    return isinstance(error, NotOurs) or _code(error) in _DAMAGE


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary code of an error, 0 if it states none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF

"""The records of all runs, by key, in one SQLite file; a record is one transaction.

What is asked of every record (whether it holds, under which limits, and what was made) is in a
small table. The rest is read only when somebody looks at it, so that a run of which everything is
known reads little, whatever else is remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.verdict import Judged, Status
from savedmodel_matrix.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from savedmodel_matrix.model.verdict import Record

SCHEMA = 1
KEPT = 3  # records of one step: those of its last keys
MOST_BYTES = 512 << 20  # of all records: those of the accepted grid take a tenth of it
STALE = 16  # runs after which it is noted again that a record is used
AT_ONCE = 900  # keys in one question: SQLite may take no more than 999
QUICK = 1  # of zlib's levels: the best saves another tenth, in four times the time

_TABLES = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # No `id` is given twice: a record that was made again has another one.
    "CREATE TABLE bodies (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL)",
    """CREATE TABLE records (
        key TEXT PRIMARY KEY, id INTEGER NOT NULL, step INTEGER, used INTEGER NOT NULL,
        status TEXT NOT NULL, seconds REAL NOT NULL, memory INTEGER NOT NULL,
        content TEXT NOT NULL, rests_on TEXT NOT NULL, size INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX by_step ON records (step, used, id)",
)
_JUDGED = frozenset(get_args(Status))


class Found(NamedTuple):
    """What is asked of a record before it is read."""

    key: str
    used: int  # the last run that noted it
    id: int
    status: str
    seconds: float  # the limits that it was made under
    memory: float
    content: str
    rests_on: str  # as JSON


_ASKED = ", ".join(Found._fields)


class Row(NamedTuple):
    """A record as the file has it, but for its number and the run that last used it."""

    key: str
    step: int | None
    status: str
    seconds: float
    memory: int
    content: str
    rests_on: str  # as JSON
    size: int
    body: bytes

    @property
    def record(self) -> Record:
        """The whole record. Raises UserError if it cannot be read."""
        try:
            record: Record = json.loads(zlib.decompress(self.body))
        except (zlib.error, ValueError) as error:
            raise UserError(f"The record {self.key[:16]} cannot be read ({error}).") from error
        return record | {"status": self.status}


class Remembered(Judged):
    """A judgement of an earlier run, of which the whole record is read when it is looked at."""

    found: Found  # what is known of it already
    _read: Callable[[Found], Record]

    def __init__(self, found: Found, read: Callable[[Found], Record]) -> None:
        mine = self.__dict__  # the class is frozen
        mine["status"], mine["found"], mine["_read"] = found.status, found, read

    @cached_property
    def record(self) -> Record:  # a field there; here it is read late
        """The whole record. Raises UserError if it cannot be read."""
        return self._read(self.found)

    @property
    def content(self) -> str:
        """The content of the artifact that was made; like those below, without reading it all."""
        return self.found.content

    @property
    def limits(self) -> tuple[float, float]:
        """The seconds and the memory that it was made under."""
        return self.found.seconds, self.found.memory

    @property
    def rests_on(self) -> Any:
        """What it rests on beside its key."""
        return json.loads(self.found.rests_on)


_WITHOUT_BODY = ", ".join(Row._fields[:-1])


class Records:
    """An open file of records. Raises UserError where it cannot be used."""

    def __init__(self, file: Path, say: Callable[[str], None] = lambda _: None) -> None:
        """Open the file, which may not be there yet; ``say`` is told if it had to be set aside."""
        self._file = file
        self._known: dict[str, Judged | None] = {}
        self._put: dict[int, int] = {}  # numbers of records that were put, by their objects
        self._alive: list[Judged] = []  # so that no other object gets the place of one
        self._database = Database(file, _TABLES, SCHEMA, say)
        self._run, self.name = 0, ""
        try:
            self._begin_run()
        except sqlite3.Error as error:
            self._recover(error)

    def look_up(self, keys: Iterable[str]) -> None:
        """Ask for many keys at once, which takes a tenth of the time that one by one does."""
        asked = sorted({key for key in keys if key not in self._known})
        self._known |= dict.fromkeys(asked)
        try:
            found = self._find(asked)
        except sqlite3.Error as error:
            self._recover(error)
            return
        self._known |= {
            one.key: Remembered(one, self._body) for one in found if one.status in _JUDGED
        }
        self._note_used([one.key for one in found if self._run - one.used >= STALE])

    def get(self, key: str) -> Judged | None:
        """Return the judgement on a step; None where there is none."""
        if key not in self._known:
            self.look_up([key])
        return self._known[key]

    def put(self, key: str, judged: Judged, step: Collection[str] = ()) -> None:
        """Remember a judgement; ``step`` names the step, whatever its key.

        Raises OSError if there is no room, and then leaves nothing of it.
        """
        seconds, memory = judged.limits
        body = zlib.compress(json.dumps(judged.record, sort_keys=True).encode(), QUICK)
        row = {
            "key": key,
            "step": _number(step) if step else None,
            "used": self._run,
            "status": judged.status,
            "seconds": seconds,
            "memory": memory,
            "content": judged.content,
            "rests_on": json.dumps(judged.rests_on, sort_keys=True),
            "size": len(body),
        }
        with self._database.writing() as run:
            run.execute(
                "DELETE FROM bodies WHERE id IN (SELECT id FROM records WHERE key=?)", [key]
            )
            row["id"] = run.execute("INSERT INTO bodies (body) VALUES (?)", [body]).lastrowid
            names = ", ".join(row)
            marks = ", ".join("?" * len(row))
            run.execute(f"REPLACE INTO records ({names}) VALUES ({marks})", [*row.values()])  # noqa: S608
        self._known[key] = judged
        self._alive.append(judged)
        self._put[id(judged)] = int(row["id"] or 0)

    def number(self, judged: Judged) -> int:
        """Return the number of the record that was put of it; 0 if none was."""
        return self._put.get(id(judged), 0)

    def prune(self, most: int = MOST_BYTES) -> list[str]:
        """Remove records that nothing will ask for any more; return their keys.

        Of a step those of its last keys stay, so that code, a case or an environment that is taken
        back finds what it had. Beyond ``most`` bytes the least recently used go. A run that only
        looked things up removes nothing.
        """
        if not self._put:
            return []
        self._note_used([key for key, judged in self._known.items() if judged])
        with self._database.writing() as run:
            gone = run.execute(
                "SELECT key, id FROM (SELECT key, id, row_number() OVER "
                "(PARTITION BY step ORDER BY used DESC, id DESC) AS place "
                "FROM records WHERE step IS NOT NULL) WHERE place > ?",
                [KEPT],
            ).fetchall()
            _remove(run, gone)
            old = run.execute(
                "SELECT key, id FROM (SELECT key, id, sum(size) OVER "
                "(ORDER BY used DESC, id DESC) AS total FROM records) WHERE total > ?",
                [most],
            ).fetchall()
            _remove(run, old)
        self._database.shrink()
        return [key for key, _ in gone + old]

    def contents(self) -> set[str]:
        """Return the contents of all artifacts that a record refers to."""
        with self._database.reading() as run:
            return {content for (content,) in run.execute("SELECT content FROM records")}

    def rows(self, keys: Iterable[str]) -> Iterator[Row]:
        """Yield the records of these keys whole. Raises sqlite3.Error."""
        asked = f"SELECT {_WITHOUT_BODY}, body FROM records JOIN bodies USING (id) WHERE key = ?"  # noqa: S608
        with self._database.reading() as run:
            for key in keys:
                yield from map(Row._make, run.execute(asked, [key]))

    def keys(self) -> set[str]:
        """Return the keys of all records. Raises sqlite3.Error."""
        with self._database.reading() as run:
            return {key for (key,) in run.execute("SELECT key FROM records")}

    def take_over(self, rows: Iterable[Row], *, replace: bool = False) -> int:
        """Add records of another file by keys that this one has not; return how many.

        With ``replace`` those by keys that it has replace its own. All of them or none. Raises
        OSError if there is no room.
        """
        known, added = self.keys(), 0
        insert = f"INSERT INTO records ({_WITHOUT_BODY}, used, id) VALUES (?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
        with self._database.writing() as run:
            for row in rows:
                if row.key in known:
                    if not replace:
                        continue
                    old = run.execute("SELECT key, id FROM records WHERE key = ?", [row.key])
                    _remove(run, old.fetchall())
                number = run.execute("INSERT INTO bodies (body) VALUES (?)", [row.body]).lastrowid
                run.execute(insert, (*row[:-1], self._run, number))
                known.add(row.key)
                added += 1
        self._known.clear()
        return added

    @property
    def is_open(self) -> bool:
        """Whether the file can be asked."""
        return self._database.is_open

    def close(self) -> None:
        """Close the file; what was read is still known. Once is enough."""
        self._database.close()

    def _begin_run(self) -> None:
        with self._database.reading() as run:
            run.execute(
                "INSERT INTO about VALUES ('run', 1) ON CONFLICT DO UPDATE SET value = value + 1"
            )
            [(self._run,)] = run.execute("SELECT value FROM about WHERE name = 'run'")
            run.execute("INSERT OR IGNORE INTO about VALUES ('name', hex(randomblob(16)))")
            [(self.name,)] = run.execute("SELECT value FROM about WHERE name = 'name'")

    def _find(self, keys: list[str]) -> list[Found]:
        found: list[Found] = []
        with self._database.reading() as run:
            for start in range(0, len(keys), AT_ONCE):
                some = keys[start : start + AT_ONCE]
                marks = ", ".join("?" * len(some))
                rows = run.execute(f"SELECT {_ASKED} FROM records WHERE key IN ({marks})", some)  # noqa: S608
                found += map(Found._make, rows)
        return found

    def _recover(self, error: sqlite3.Error) -> None:
        """Go on with an empty file if this one is damaged. Raises UserError if it is not."""
        self._database.recover(error)
        self._begin_run()

    def _body(self, found: Found) -> Record:
        try:
            with self._database.reading() as run:
                [(body,)] = run.execute("SELECT body FROM bodies WHERE id = ?", [found.id])
            record: Record = json.loads(zlib.decompress(body))
            return record | {"status": found.status}
        except (sqlite3.Error, zlib.error, ValueError, TypeError) as error:
            with contextlib.suppress(sqlite3.Error, OSError, UserError):
                self._forget(found)
            raise UserError(
                f"A record in {self._file} cannot be read ({error}) and was removed: the same "
                "command runs that step again."
            ) from error

    def _forget(self, found: Found) -> None:
        with self._database.writing() as run:
            keys = run.execute("SELECT key, id FROM records WHERE id = ?", [found.id]).fetchall()
            _remove(run, keys)

    def _note_used(self, keys: list[str]) -> None:
        if keys:
            with self._database.writing() as run:
                rows = [(self._run, key) for key in keys]
                run.executemany("UPDATE records SET used = ? WHERE key = ?", rows)


def _remove(run: sqlite3.Connection, gone: list[tuple[str, int]]) -> None:
    run.executemany("DELETE FROM bodies WHERE id = ?", [(number,) for _, number in gone])
    run.executemany("DELETE FROM records WHERE key = ?", [(key,) for key, _ in gone])


def _number(names: Collection[str]) -> int:
    """Return a number for a step's names, which takes a tenth of the room that they would."""
    digest = hashlib.blake2b(json.dumps(list(names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)

"""What a run remembers, as it lies on the disk."""

import shutil
import sqlite3
import zlib


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def whole_records(results, scratch):
    """Return the records that were finished, by key, as a copy of the file has them.

    A run that still goes on holds the file itself. What it finishes meanwhile may be left out.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for name in ("records.sqlite3", "records.sqlite3-wal"):
        (scratch / name).write_bytes(read(results / ".savedmodel-matrix" / name))
    database = sqlite3.connect(scratch / "records.sqlite3")
    try:
        if not database.execute("SELECT name FROM sqlite_master WHERE name = 'records'").fetchall():
            return {}
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = database.execute("SELECT key, body FROM records JOIN bodies USING (id)").fetchall()
        [(number,)] = database.execute("SELECT count(*) FROM records")
        assert len(found) == number
    finally:
        database.close()
    return {key: zlib.decompress(body) for key, body in found}

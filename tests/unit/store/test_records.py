"""A record is found by its key, whole or not at all, and the file stays bounded."""

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.database import BESIDE
from savedmodel_matrix.store.records import KEPT, STALE, Records, Remembered
from tests.unit.store.test_journal import JSON


@pytest.fixture
def file(tmp_path):
    return tmp_path / "records.sqlite3"


def put(file, *judgements, step=()):
    records = Records(file)
    for key, judged in judgements:
        records.put(key, judged, step)
    records.close()


def known(file, *keys):
    said: list[str] = []
    records = Records(file, said.append)
    try:
        records.look_up(keys)
        found = [records.get(key) for key in keys]
        statuses = [one and one.record["status"] for one in found]
    finally:
        records.close()
    return statuses, said


def connected(records):
    connection = records._database._connection
    assert connection
    return connection


def copied(file, to):
    """Copy a file that is open, with its log, as a power cut would leave it."""
    to.mkdir()
    for name in ("", *BESIDE):
        part = file.with_name(file.name + name)
        if part.exists():
            shutil.copyfile(part, to / part.name)
    return to / file.name


RECORDS = st.dictionaries(st.sampled_from(["key", "seconds", "a"]) | st.text(), JSON, max_size=4)
KEYS = st.text("0123456789abcdef", min_size=1)


@given(st.lists(st.tuples(KEYS, RECORDS), max_size=6))
def test_what_is_put_is_read_back_whole_and_the_last_of_a_key_holds(tmp_path_factory, given_):
    file = tmp_path_factory.mktemp("records") / "r"
    wanted = {key: {"inner": inner, "status": "fail"} for key, inner in given_}
    put(file, *((key, Judged("fail", {"inner": inner})) for key, inner in given_))
    records = Records(file)
    records.look_up(wanted)
    found = {key: records.get(key) for key in wanted}
    assert {key: one and one.record for key, one in found.items()} == wanted
    records.close()


def test_what_is_put_is_known_at_once_and_after_closing(file):
    records = Records(file)
    records.put("a", Judged("pass"))
    assert records.get("a") == Judged("pass")
    records.close()
    records.close()
    assert records.get("a") == Judged("pass")
    for closed in (False, True):
        again = Records(file)
        found = again.get("a")
        assert again.get("b") is None
        if closed:
            again.close()
        assert found
        assert found.record == {"status": "pass"}
        again.close()


def test_what_is_asked_of_every_record_is_known_before_it_is_read(file):
    limits = {"seconds": 1.5, "memory": 4 << 30}
    put(file, ("a", Judged("pass", {"limits": limits, "content": "c"})))
    records = Records(file)
    found = records.get("a")
    assert isinstance(found, Remembered)
    assert (found.status, found.found.content) == ("pass", "c")
    assert (found.found.seconds, found.found.memory) == (1.5, 4 << 30)
    assert "record" not in vars(found)
    assert found.record["limits"] == limits
    records.close()


def test_thousands_of_keys_are_asked_for_at_once(file, monkeypatch):
    keys = [f"{number:064x}" for number in range(2500)]
    put(file, *((key, Judged("pass", {"n": key})) for key in keys[:2400]))
    records = Records(file)
    records.look_up(keys)
    asked: list[list[str]] = []
    monkeypatch.setattr(records, "_find", asked.append)
    assert [bool(records.get(key)) for key in keys] == [True] * 2400 + [False] * 100
    assert not asked
    records.close()


# What a process that is killed leaves.

PUTTING = """
import sys
from pathlib import Path
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.records import Records
records = Records(Path(sys.argv[1]))
for number in range(10**6):
    records.put(str(number), Judged("fail", {"message": "x" * (number % 5000)}), ["step", str(number)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0, 1, 7, 400])
def test_nothing_that_was_put_is_lost_when_the_process_is_killed(file, after):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PUTTING), str(file)], stdout=subprocess.PIPE
    )
    assert process.stdout
    for line in process.stdout:
        if int(line) == after:
            process.send_signal(signal.SIGKILL)
            break
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    last = int(rest[-1]) if rest else after
    statuses, said = known(file, *map(str, range(last + 1)))
    assert statuses == ["fail"] * (last + 1)
    assert not said


@pytest.mark.parametrize("cut", [1, 40, 4096, 5000])
def test_a_write_that_was_torn_costs_that_record_only(file, tmp_path, cut):
    put(file, ("a", Judged("pass")))
    records = Records(file)
    records.put("b", Judged("crash"))
    whole = copied(file, tmp_path / "before")
    records.put("c", Judged("fail", {"message": os.urandom(3000).hex()}))
    torn = copied(file, tmp_path / "after")
    records.close()
    log = torn.with_name(torn.name + "-wal")
    assert log.stat().st_size > whole.with_name(log.name).stat().st_size + cut
    os.truncate(log, log.stat().st_size - cut)
    assert known(torn, "a", "b", "c") == (["pass", "crash", None], [])
    put(torn, ("c", Judged("fail")))
    assert known(torn, "a", "b", "c") == (["pass", "crash", "fail"], [])


def test_a_record_that_is_made_again_replaces_the_one_before_or_leaves_it(file):
    put(file, ("a", Judged("pass")))
    put(file, ("a", Judged("fail", {"message": "x" * 100})))
    assert known(file, "a") == (["fail"], [])
    database = sqlite3.connect(file)
    assert database.execute("SELECT count(*), max(id) FROM bodies").fetchall() == [(1, 2)]
    database.close()


def test_a_full_disk_leaves_nothing_of_a_record(file):
    records = Records(file)
    records.put("a", Judged("pass"))
    connection = connected(records)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    [(pages,)] = connection.execute("PRAGMA page_count")
    connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(OSError, match="No space left") as full:
        records.put("b", Judged("fail", {"message": os.urandom(20_000).hex()}))
    assert full.value.errno == errno.ENOSPC
    connection.execute("PRAGMA max_page_count=100000")
    records.put("c", Judged("crash"))
    records.close()
    assert known(file, "a", "b", "c") == (["pass", None, "crash"], [])


# Files that cannot be used.


@pytest.mark.parametrize(
    "damage", [b"\0" * 8192, b"text " * 2000, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_file_that_is_no_database_is_set_aside_and_said(file, damage):
    file.write_bytes(damage)
    statuses, said = known(file, "a")
    assert statuses == [None]
    assert len(said) == 1
    assert "set aside as records.sqlite3.damaged" in said[0]
    assert file.with_name("records.sqlite3.damaged").read_bytes() == damage
    put(file, ("a", Judged("pass")))
    assert known(file, "a") == (["pass"], [])


def test_damage_in_the_middle_is_set_aside_when_it_is_found(file):
    put(file, *((f"{number:064x}", Judged("pass")) for number in range(2000)))
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xa5" * (size - 8192))
    statuses, said = known(file, *(f"{number:064x}" for number in range(2000)))
    assert statuses == [None] * 2000
    assert len(said) == 1
    assert "damaged" in said[0]


def test_another_programs_database_is_set_aside(file):
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE records (key)")
    other.close()
    statuses, said = known(file, "a")
    assert statuses == [None]
    assert "another program's" in said[0]


def test_a_newer_schema_is_refused_in_one_sentence_and_left(file):
    put(file, ("a", Judged("pass")))
    with sqlite3.connect(file) as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()
    before = file.read_bytes()
    with pytest.raises(UserError, match="newer savedmodel-matrix"):
        Records(file)
    assert file.read_bytes() == before


def test_a_file_that_somebody_else_holds_is_said(file, monkeypatch):
    monkeypatch.setattr("savedmodel_matrix.store.database.PATIENCE", 0.1)
    put(file, ("a", Judged("pass")))
    holding = sqlite3.connect(file, isolation_level=None)
    holding.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UserError, match="locked"):
        Records(file)
    holding.close()


@pytest.mark.parametrize("body", [b"", b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_body_that_cannot_be_read_is_removed_and_no_other(file, body):
    put(file, ("a", Judged("pass")), ("b", Judged("fail")))
    with sqlite3.connect(file) as damaged:
        damaged.execute("UPDATE bodies SET body = ? WHERE id = 2", [body])
    damaged.close()
    with pytest.raises(UserError, match="same command runs that step again"):
        known(file, "a", "b")
    assert known(file, "a", "b") == (["pass", None], [])


@pytest.mark.parametrize("status", ["not-run", "no such status", ""])
def test_a_status_that_is_no_judgement_is_not_known(file, status):
    put(file, ("a", Judged("pass")), ("b", Judged("fail")))
    with sqlite3.connect(file) as other:
        other.execute("UPDATE records SET status = ? WHERE key = 'b'", [status])
    other.close()
    assert known(file, "a", "b") == (["pass", None], [])


# What goes.


def test_of_a_step_the_records_of_its_last_keys_stay(file):
    for number in range(KEPT + 3):
        records = Records(file)
        records.put(f"a{number}", Judged("pass"), ["load", "a"])
        records.put("b", Judged("pass"), ["load", "b"])
        records.put(f"nameless {number}", Judged("pass"))
        gone = records.prune()
        assert gone == ([f"a{number - KEPT}"] if number >= KEPT else [])
        records.close()
    assert known(file, "b", "nameless 0", "a5", "a4", "a3", "a2") == (["pass"] * 5 + [None], [])


def test_a_key_that_is_used_again_outlives_those_that_are_not(file):
    for key in ("a0", "a1", "a2"):
        put(file, (key, Judged("pass")), step=["load", "a"])
    records = Records(file)
    records.get("a0")
    records.put("a3", Judged("pass"), ["load", "a"])
    assert records.prune() == ["a1"]
    records.close()


def test_beyond_the_limit_the_least_recently_used_go(file):
    for key in ("a", "b", "c"):
        put(file, (key, Judged("fail", {"message": os.urandom(1000).hex()})))
    records = Records(file)
    records.get("a")
    records.put("d", Judged("fail", {"message": os.urandom(1000).hex()}))
    assert records.prune(most=3000) == ["c", "b"]
    records.close()
    assert known(file, "a", "b", "c", "d")[0] == ["fail", None, None, "fail"]


def test_a_run_that_only_looks_up_removes_and_writes_nothing_but_now_and_then(file):
    put(file, ("a", Judged("pass")))
    for number in range(2, STALE + 3):
        records = Records(file)
        records.look_up(["a"])
        assert records.prune(most=0) == []
        [(used,)] = connected(records).execute("SELECT used FROM records")
        assert used == (1 if number <= STALE else STALE + 1)
        records.close()


def test_the_file_is_bounded_over_many_runs_in_which_every_key_changes(file):
    sizes = []
    for run in range(12):
        records = Records(file)
        for step in range(300):
            message = {"message": f"{run} {step}".encode().hex() * 40}
            records.put(f"{run:032x}{step:032x}", Judged("fail", message), ["load", str(step)])
        records.prune()
        records.close()
        sizes.append(file.stat().st_size)
    assert max(sizes[KEPT + 1 :]) <= 1.1 * sizes[KEPT + 1]


def test_what_most_of_the_file_was_is_given_back(file):
    records = Records(file)
    for number in range(200):
        message = {"message": os.urandom(1000).hex()}
        records.put(f"a{number}", Judged("fail", message), ["load", str(number // 100)])
    assert len(records.prune()) == 200 - 2 * KEPT
    records.close()
    assert file.stat().st_size < 200_000


def test_contents_are_those_of_all_records(file):
    put(file, ("a", Judged("pass", {"content": "c"})), ("b", Judged("fail")))
    records = Records(file)
    assert records.contents() == {"c", ""}
    records.close()

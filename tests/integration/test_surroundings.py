"""Trouble around a run: signals, disks, clocks, memory, other runs, torn files, poor terminals."""

import json
import os
import pty
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl

import pytest

from tests.integration.remembered import whole_records
from tests.integration.test_killed import processes
from tests.integration.test_matrix import ROOT, matrix, rows

SMALL = (
    *("--case", "module_dense", "--environment", "tf2.21", "--remedy", "as-written"),
    *("--loader", "tf.saved_model.load", "--loader", "saved_model_cli"),
)
# A Python whose clock shows another time; what measures durations is left alone.
OTHER_CLOCK = """
import datetime, sys, time
from savedmodel_matrix.commands import cli
from savedmodel_matrix.environments import provenance
class Clock(datetime.datetime):
    @classmethod
    def now(cls, zone=None):
        return super().now(zone) - datetime.timedelta(days=9000)
provenance.datetime = Clock
real = time.time
time.time = lambda: real() - 9000 * 86400
cli.main(sys.argv[1:])
"""


WRITE_AGAIN = """
import os, sys
from pathlib import Path
from savedmodel_matrix.store import snapshot
from savedmodel_matrix.store.records import Records
file, key = Path(sys.argv[1], "records.sqlite3"), sys.argv[2]
snapshot.remove(file.parents[1])  # as a run does that begins
records = Records(file)
judged = records.get(key)
judged.record
with records._database.writing() as run:
    run.execute("DELETE FROM bodies WHERE id = ?", [judged.found.id])
    run.execute("DELETE FROM records WHERE key = ?", [key])
records.put(key, judged)
os._exit(0)
"""


def command(results, *more):
    return [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results), *more]


def start(results, *before, fresh=False, **variables):
    return subprocess.Popen(
        [*before, *command(results, *SMALL, *(["--fresh"] if fresh else []))],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def in_a_namespace(script, results, *more, timeout=300):
    """Run the small matrix after ``script``, whose mounts nobody else sees; ``$0`` is the place."""
    words = ["unshare", "-rm", "sh", "-c", f'{script}\nexec "$@"', str(results)]
    return subprocess.run(
        [*words, *command(results, *SMALL, *more)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def wait_until_working(results):
    """Wait until a host of the run has been started."""
    deadline = time.monotonic() + 120
    while not processes(results)["host"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def one_sentence(errors):
    """Return the last line of what was said, sure that it is no traceback."""
    assert "Traceback" not in errors
    *_, last = errors.strip().splitlines()
    assert last.startswith("savedmodel-matrix: ")
    return last


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Return a results directory in which the small matrix was run, undisturbed."""
    results = tmp_path_factory.mktemp("known")
    done = matrix(results, *SMALL)
    assert done.returncode == 0, done.stderr
    return results


@pytest.fixture(scope="module")
def expected(known):
    """Return the bytes of its table."""
    return (known / "matrix.csv").read_bytes()


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_no_process_and_goes_on_later(
    tmp_path, expected, number, times
):
    run = start(tmp_path)
    wait_until_working(tmp_path)
    for _ in range(times):
        run.send_signal(number)
        time.sleep(0.2)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert "goes on from there" in said
    assert "Traceback" not in said
    assert not any(processes(tmp_path).values())
    assert matrix(tmp_path, *SMALL).returncode == 0
    assert (tmp_path / "matrix.csv").read_bytes() == expected


def test_two_runs_in_one_directory_at_once(tmp_path):
    first = start(tmp_path)
    wait_until_working(tmp_path)
    second = matrix(tmp_path, *SMALL)
    assert second.returncode == 2
    assert "Another run is using" in one_sentence(second.stderr)
    first.communicate(timeout=300)
    assert first.returncode == 0


@pytest.mark.parametrize("room", ["16k", "64k", "192k"])
def test_a_full_disk_is_nobodys_failure_and_the_run_goes_on_with_more_room(
    tmp_path, expected, room
):
    grown = tmp_path / "grown.csv"
    table = tmp_path / "results" / "matrix.csv"
    (tmp_path / "results").mkdir()
    script = (
        f'mount -t tmpfs -o size={room} tmpfs "$0"\n"$@"\necho "first ended with $?"\n'
        f'cat "{table}" > "{tmp_path / "first.csv"}" 2> /dev/null\n'
        'mount -o remount,size=64m "$0"\n'
        f'"$@"\nstatus=$?\ncat "{table}" > "{grown}"; exit $status'
    )
    done = in_a_namespace(script, tmp_path / "results")
    assert done.returncode == 0, done.stderr
    assert "first ended with 2" in done.stdout
    assert "Traceback" not in done.stderr
    assert grown.read_bytes() == expected
    known_before = (tmp_path / "first.csv").read_text().splitlines()[1:]
    for line in known_before:
        assert ",not-run," in line or line in expected.decode().splitlines()


@pytest.mark.parametrize("again", [False, True])
def test_results_that_are_read_only(known, expected, again):
    if again:
        assert matrix(known, *SMALL).returncode == 0  # and what it showed is kept
    read_only = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    done = in_a_namespace(read_only, known)
    assert done.returncode == 2
    assert "--results" in one_sentence(done.stderr)
    assert (known / "matrix.csv").read_bytes() == expected


@pytest.mark.parametrize("place", ["/proc/results", "/dev/null/results"])
def test_results_that_cannot_be_made(place):
    done = matrix(place, *SMALL)
    assert done.returncode == 2
    assert "--results" in one_sentence(done.stderr)


def test_a_record_that_was_torn_is_made_again_and_no_other(tmp_path):
    matrix(tmp_path, *SMALL)
    results = tmp_path / "results"
    matrix(results, *SMALL)
    before = (results / "matrix.csv").read_bytes()
    whole = whole_records(results, tmp_path / "copy")
    *_, last = (results / "cells.jsonl").read_text().splitlines()
    torn = json.loads(last)["key"]
    # Written again as the last one, by a process that ends without closing the file.
    again = [sys.executable, "-c", WRITE_AGAIN, str(results / ".savedmodel-matrix"), torn]
    subprocess.run(again, check=True)
    log = results / ".savedmodel-matrix" / "records.sqlite3-wal"
    os.truncate(log, log.stat().st_size - 40)
    kept = whole_records(results, tmp_path / "copy")
    assert kept == {key: body for key, body in whole.items() if key != torn}
    done = matrix(results, *SMALL)
    assert done.returncode == 0
    assert "Ran 1 of 2 cells" in done.stdout
    assert (results / "matrix.csv").read_bytes() == before
    after = whole_records(results, tmp_path / "copy")
    assert {key: after[key] for key in kept} == kept
    assert after.keys() == whole.keys()
    assert len(rows(results)) == 2


def test_a_clock_that_was_set_back(tmp_path, expected):
    assert matrix(tmp_path, *SMALL).returncode == 0
    for path in tmp_path.rglob("*"):
        os.utime(path, (4e9, 4e9))  # written in 2096, as this clock sees it
    for more, said in (([], "Nothing to run"), (["--fresh"], "Ran 2 of 2")):
        back = [sys.executable, "-c", OTHER_CLOCK, *command(tmp_path, *SMALL, *more)[3:]]
        done = subprocess.run(back, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
        assert json.loads((tmp_path / "run.json").read_text())["finished"] < "2010"
        assert (tmp_path / "matrix.csv").read_bytes() == expected


def test_no_dev_shm(tmp_path, expected):
    only = (
        "set -e; new=$(mktemp -d); mount -t tmpfs tmpfs $new\n"
        "for one in null zero full random urandom; do\n"
        "  touch $new/$one; mount --bind /dev/$one $new/$one\n"
        "done\n"
        "mount --rbind $new /dev; test ! -e /dev/shm"
    )
    done = in_a_namespace(only, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "matrix.csv").read_bytes() == expected


@pytest.mark.parametrize(
    ("megabytes", "said"), [(3072, "ulimit -v"), (700, "no host could be had in tf2.21")]
)
def test_a_very_small_memory_limit_is_nobodys_failure(tmp_path, megabytes, said):
    limit = megabytes << 20
    done = subprocess.run(
        command(tmp_path, *SMALL),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert {(row["status"], row["stage"]) for row in rows(tmp_path)} == {("not-run", "environment")}
    assert all(said in row["reason"] for row in rows(tmp_path))
    assert matrix(tmp_path, *SMALL).returncode == 0


def on_a_terminal(results, columns, **variables):
    """Run on a terminal of that width; return the exit status and all that it was sent."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
    run = subprocess.Popen(
        command(results, *SMALL, "--fresh"),
        cwd=ROOT,
        env=kept | {"TERM": "xterm-256color", **variables},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent = b""
    while select.select([ours], [], [], 300)[0]:
        try:
            sent += os.read(ours, 65536)
        except OSError:  # the last who had it open is gone
            break
    os.close(ours)
    return run.wait(timeout=60), sent.decode(errors="replace")


def test_a_terminal_is_used_as_one(tmp_path):
    status, sent = on_a_terminal(tmp_path, 100)
    assert status == 0, sent
    assert "\x1b[" in sent
    assert "of 2 cells" in sent


def test_a_terminal_of_20_columns(tmp_path):
    status, sent = on_a_terminal(tmp_path, 20)
    assert status == 0, sent
    assert "Ran 2 of 2 cells" in " ".join(sent.split())
    assert "Traceback" not in sent


def test_a_dumb_terminal(tmp_path):
    status, sent = on_a_terminal(tmp_path, 80, TERM="dumb")
    assert status == 0, sent
    assert "\x1b" not in sent
    assert "Ran 2 of 2 cells" in sent


def test_no_colour(tmp_path):
    status, sent = on_a_terminal(tmp_path, 80, NO_COLOR="1")
    assert status == 0, sent
    assert "\x1b[" in sent  # lines are still drawn over
    assert not re.search(r"\x1b\[([0-9;]*;)?(3|4|9|10)[0-8][0-9;]*m", sent)


@pytest.mark.parametrize(
    "variables",
    [{}, {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}],
    ids=["no terminal", "a locale without UTF-8"],
)
def test_plain_lines_where_there_is(tmp_path, expected, variables):
    run = start(tmp_path, **variables)
    said, errors = run.communicate(timeout=300)
    assert run.returncode == 0, errors
    assert "Ran 2 of 2 cells" in said
    assert "\x1b" not in said + errors
    assert (tmp_path / "matrix.csv").read_bytes() == expected

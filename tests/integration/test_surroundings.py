"""Trouble around a run: signals, a full disk, another run, a torn file, a poor terminal."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.integration.test_killed import processes, whole_lines
from tests.integration.test_matrix import ROOT, matrix, rows

SMALL = (
    *("--case", "module_dense", "--environment", "tf2.21", "--remedy", "as-written"),
    *("--loader", "tf.saved_model.load", "--loader", "saved_model_cli"),
)


def start(results, *before, **variables):
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results)]
    return subprocess.Popen(
        [*before, *command, *SMALL],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_until_working(results):
    """Wait until a host of the run has been started."""
    deadline = time.monotonic() + 120
    while not processes(results)["host"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_no_process_and_goes_on_later(tmp_path, number, times):
    run = start(tmp_path)
    wait_until_working(tmp_path)
    for _ in range(times):
        run.send_signal(number)
        time.sleep(0.2)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert b"goes on from there" in said
    assert b"Traceback" not in said
    assert not any(processes(tmp_path).values())
    assert matrix(tmp_path, *SMALL).returncode == 0


def test_two_runs_in_one_directory(tmp_path):
    first = start(tmp_path)
    wait_until_working(tmp_path)
    second = matrix(tmp_path, *SMALL)
    assert second.returncode == 2
    assert "Another run is using" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    first.communicate(timeout=300)
    assert first.returncode == 0


def test_a_full_disk_is_nobodys_failure(tmp_path):
    mount = 'mount -t tmpfs -o size=192k tmpfs "$0" && exec "$@"'
    run = start(tmp_path, "unshare", "-rm", "sh", "-c", mount, str(tmp_path))
    said, errors = run.communicate(timeout=300)
    assert run.returncode == 2, (said, errors)
    assert b"Traceback" not in errors
    assert b"fail " not in said.split(b"Against")[0].split(b"Failures")[-1]


@pytest.mark.parametrize("place", ["/proc/results", "/dev/null/results"])
def test_results_that_cannot_be_written(place):
    done = matrix(place, *SMALL)
    assert done.returncode == 2
    assert "--results" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_record_that_was_torn_is_made_again_and_no_other(tmp_path):
    matrix(tmp_path, *SMALL)
    before = (tmp_path / "matrix.csv").read_bytes()
    file = tmp_path / "records.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    kept = whole_lines(tmp_path)
    done = matrix(tmp_path, *SMALL)
    assert done.returncode == 0
    assert "Ran 1 of 2 cells" in done.stdout
    assert (tmp_path / "matrix.csv").read_bytes() == before
    lines = file.read_bytes().splitlines()
    assert lines[: len(kept)] == kept
    assert json.loads(lines[-1])["key"]
    assert len(rows(tmp_path)) == 2


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        {"TERM": "dumb"},
        {"COLUMNS": "20"},
        {"NO_COLOR": "1"},
    ],
    ids=["a locale without UTF-8", "a dumb terminal", "20 columns", "no colour"],
)
def test_a_poor_terminal(tmp_path_factory, variables):
    results = tmp_path_factory.getbasetemp() / "known"
    known = start(results)
    known.communicate(timeout=300)
    run = start(results, **variables)
    said, errors = run.communicate(timeout=60)
    assert run.returncode == 0, errors
    assert b"Nothing to run" in b" ".join(said.split())
    assert b"\x1b" not in said

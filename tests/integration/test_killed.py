"""SIGKILL at any moment, to the driver, a host or a step: what was finished stays, and nothing else.

`--kills 200` makes as many runs; each is killed once at a random moment and then resumed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.test_hostile_cases import read
from tests.integration.test_matrix import ROOT, matrix

SMALL = (
    *("--case", "module_dense", "--environment", "tf2.21"),
    *("--remedy", "as-written", "--remedy", "resave", "--remedy", "keras-file"),
    *("--loader", "saved_model_cli", "--loader", "libtensorflow", "--loader", "tflite"),
    *("--loader", "keras.models.load_model", "--loader", "litert"),
)


def pytest_generate_tests(metafunc):
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(metafunc.config.getoption("kills")))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Run the small matrix as it is; return its table and how long it took."""
    results = tmp_path_factory.mktemp("undisturbed")
    began = time.monotonic()
    assert matrix(results, *SMALL).returncode == 0
    return (results / "matrix.csv").read_bytes(), time.monotonic() - began


@pytest.fixture(scope="module")
def tally(request):
    """Count what was killed, and say so at the end."""
    killed: Counter[str] = Counter()
    yield killed
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(killed.items()))
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nkilled: {said}")


def processes(results):
    """Return the processes of a run: the driver by its arguments, the others by their HOME."""
    found: dict[str, list[int]] = {"driver": [], "host": [], "step": []}
    for pid in Path("/proc").glob("[0-9]*"):
        if str(results).encode() in read(pid / "environ"):
            session = read(pid / "stat").rpartition(b")")[2].split()
            parent = Path("/proc", session[1].decode()) if session else pid
            of_driver = str(results).encode() not in read(parent / "environ")
            found["host" if of_driver else "step"].append(int(pid.name))
        elif str(results).encode() in read(pid / "cmdline"):
            found["driver"].append(int(pid.name))
    return found


def whole_lines(results):
    """Return the records that were finished; the last may be torn."""
    lines = read(results / "records.jsonl").split(b"\n")
    return lines[:-1]


def test_a_run_that_is_killed_goes_on_where_it_was(undisturbed, tally, tmp_path, number):
    expected, seconds = undisturbed
    chance = random.Random(number)
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(tmp_path)]
    with (tmp_path / "log").open("wb") as log:
        driver = subprocess.Popen([*command, *SMALL], cwd=ROOT, stdout=log, stderr=log)
        time.sleep(chance.uniform(0.1, seconds))
        kind = chance.choice(["driver", "host", "step"])
        running = processes(tmp_path)
        kind = kind if running[kind] else "driver"
        killed = chance.choice(running[kind]) if running[kind] else 0
        try:
            if killed:
                os.kill(killed, signal.SIGKILL)
        except ProcessLookupError:  # it ended in between
            killed = 0
        tally[kind if killed else "too late"] += 1
        finished = whole_lines(tmp_path)
        driver.wait(timeout=300)
    if killed == driver.pid:
        assert driver.returncode == -signal.SIGKILL
    resumed = matrix(tmp_path, *SMALL)
    table = (tmp_path / "matrix.csv").read_bytes()
    assert resumed.returncode == 0, resumed.stderr
    assert table == expected
    after = whole_lines(tmp_path)
    assert after[: len(finished)] == finished
    for line in after:
        assert not line or json.loads(line)["key"]
    assert not any(processes(tmp_path).values())
    assert not (tmp_path / "work").exists()

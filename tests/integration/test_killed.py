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

from tests.integration.remembered import read, whole_records
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


def test_a_run_that_is_killed_goes_on_where_it_was(undisturbed, tally, tmp_path, number):
    expected, seconds = undisturbed
    chance = random.Random(number)
    results, copy = tmp_path / "results", tmp_path / "copy"
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results)]
    with (tmp_path / "log").open("wb") as log:
        driver = subprocess.Popen([*command, *SMALL], cwd=ROOT, stdout=log, stderr=log)
        time.sleep(chance.uniform(0.1, seconds))
        kind = chance.choice(["driver", "host", "step"])
        running = processes(results)
        kind = kind if running[kind] else "driver"
        killed = chance.choice(running[kind]) if running[kind] else 0
        try:
            if killed:
                os.kill(killed, signal.SIGKILL)
        except ProcessLookupError:  # it ended in between
            killed = 0
        tally[kind if killed else "too late"] += 1
        finished = whole_records(results, copy)
        driver.wait(timeout=300)
    if killed == driver.pid:
        assert driver.returncode == -signal.SIGKILL
    resumed = matrix(results, *SMALL)
    table = (results / "matrix.csv").read_bytes()
    assert resumed.returncode == 0, resumed.stderr
    assert "damaged" not in resumed.stderr
    assert table == expected
    after = whole_records(results, copy)
    assert {key: after[key] for key in finished} == finished
    for body in after.values():
        assert json.loads(body)["status"]
    assert not any(processes(results).values())
    assert not (results / ".savedmodel-matrix" / "work").exists()

"""A real Dask scheduler and three workers, each with a directory of its own, on real TensorFlow.

The workers use the environments that this checkout has, by the variable that is there for that.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.engine.worker import ENVIRONMENTS
from savedmodel_matrix.store import leftovers
from tests.integration.conftest import PROJECT, ROOT

NAMES = ("tf2.21", "tf2.15")
SELECTED = (
    *("--case", "module_dense", "--case", "functional_direct", "--case", "module_dict"),
    *("--case", "several_signatures", "--remedy", "as-written", "--loader", "libtensorflow"),
    *(word for name in NAMES for word in ("--environment", name)),
)
PATIENCE = 600  # seconds, on a machine that does much else


def start(*words, log, **more):
    with log.open("ab") as output:
        command = [sys.executable, "-m", *map(str, words)]
        return subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT, **more)


def until(holds, what, process=None):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        assert process is None or process.poll() is None, f"it ended before this: {what}"
        time.sleep(0.05)


class Cluster:
    """A scheduler, and workers that can be started and killed."""

    def __init__(self, place):
        self.place, self.workers = place, {}
        self.file = place / "scheduler.json"
        self._scheduler = start(
            *("dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", self.file),
            log=place / "scheduler.log",
        )
        until(self.file.exists, "the scheduler answers", self._scheduler)
        self.address = json.loads(self.file.read_text())["address"]

    def join(self, name):
        variables = os.environ | {ENVIRONMENTS: str(ROOT / ".nox" / "environments")}
        self.workers[name] = start(
            *("dask", "worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"),
            *("--name", name, "--local-directory", self.place / name),
            log=self.place / f"{name}.log",
            env=variables,
        )

    def ours(self, name):
        return self.place / name / "savedmodel-matrix-worker"

    def is_at_it(self, name):
        """Say whether a worker's host has begun a step of a task."""
        return any(self.ours(name).glob("runs/*/.savedmodel-matrix/work/step-*"))

    def processes(self, name):
        return list(leftovers._processes(os.fsencode(self.ours(name))))

    def close(self):
        for group in (self.workers.values(), [self._scheduler]):  # Dask hangs the other way round
            for process in group:
                process.send_signal(signal.SIGTERM)
            for process in group:
                process.wait(60)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    assert run_install(PROJECT, NAMES) == 0
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


def matrix(results, *more, log):
    words = ("savedmodel_matrix", "matrix", *SELECTED, "--results", results, *more)
    return start(*words, log=log)


def test_a_worker_dies_and_one_joins_late_and_the_table_is_that_of_a_local_run(cluster, tmp_path):
    local = matrix(tmp_path / "local", "--jobs", "2", log=tmp_path / "local.log")
    assert local.wait(PATIENCE) == 0, (tmp_path / "local.log").read_text()
    asked = ("--dask", cluster.address, "--dask-seconds", "1")
    log = tmp_path / "dask.log"
    cluster.join("first")
    cluster.join("second")
    run = matrix(tmp_path / "dask", *asked, log=log)
    until(lambda: cluster.is_at_it("first"), "the first worker is at it", run)
    killed = cluster.workers.pop("first")
    killed.kill()
    killed.wait()
    cluster.join("late")
    assert run.wait(PATIENCE) == 0, log.read_text()
    assert "Ran 8 of 8 cells" in log.read_text()
    tables = [(tmp_path / name / "matrix.csv").read_bytes() for name in ("local", "dask")]
    assert tables[0] == tables[1]
    assert any(cluster.ours("late").glob("projects/*")), "the late worker had nothing to do"
    until(lambda: not cluster.processes("first"), "the hosts of the killed worker are gone")
    assert not any(cluster.ours("second").glob("runs/*")), "what is delivered is removed"
    again = matrix(tmp_path / "dask", *asked, log=tmp_path / "again.log")
    assert again.wait(PATIENCE) == 0
    assert "Nothing to run: all 8 cells were known" in (tmp_path / "again.log").read_text()


def test_ctrl_c_ends_what_runs_on_workers_and_keeps_what_was_finished(cluster, tmp_path):
    asked = ("--dask", cluster.address, "--dask-seconds", "1")
    log = tmp_path / "interrupted.log"
    run = matrix(tmp_path / "run", *asked, log=log)
    cells = tmp_path / "run" / "cells.jsonl"
    until(lambda: cells.exists() and cells.read_bytes(), "a cell has arrived", run)
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 130, log.read_text()
    assert "Interrupted. What was finished is kept" in log.read_text()
    until(
        lambda: not any(cluster.is_at_it(name) for name in cluster.workers), "the workers are idle"
    )
    run = matrix(tmp_path / "run", *asked, log=tmp_path / "again.log")
    assert run.wait(PATIENCE) == 0
    said = (tmp_path / "again.log").read_text()
    assert "Ran 8 of 8" not in said
    assert "knew" in said

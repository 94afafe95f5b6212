"""A real Dask scheduler and three workers, each with a directory of its own, on real TensorFlow.

The workers use the environments that this checkout has, by the variable that is there for that.
Where this process may make network namespaces, each worker has one of its own, and an address.
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
from tests.integration.networks import network_for

NAMES = ("tf2.21", "tf2.15")
SELECTED = (
    *("--case", "module_dense", "--case", "functional_direct", "--case", "module_dict"),
    *("--case", "several_signatures", "--remedy", "as-written", "--loader", "libtensorflow"),
    *(word for name in NAMES for word in ("--environment", name)),
)
PATIENCE = 600  # seconds, on a machine that does much else


def start(*words, log, within=(), **more):
    with log.open("ab") as output:
        command = [*within, sys.executable, "-m", *map(str, words)]
        return subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT, **more)


def until(holds, what, process=None):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        assert process is None or process.poll() is None, f"it ended before this: {what}"
        time.sleep(0.05)


class Cluster:
    """A scheduler, and workers that can be started and killed."""

    def __init__(self, place, network):
        self.place, self.workers, self.network = place, {}, network
        self.file = place / "scheduler.json"
        self._scheduler = start(
            *("dask", "scheduler", "--host", network.address, "--port", "0", "--no-dashboard"),
            *("--scheduler-file", self.file),
            log=place / "scheduler.log",
            within=network.home,
        )
        until(self.file.exists, "the scheduler answers", self._scheduler)
        self.address = json.loads(self.file.read_text())["address"]

    def join(self, name):
        variables = os.environ | {ENVIRONMENTS: str(ROOT / ".nox" / "environments")}
        self.workers[name] = start(
            *("dask", "worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"),
            *("--name", name, "--local-directory", self.place / name),
            log=self.place / f"{name}.log",
            within=self.network.join(name),
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
def network():
    made = network_for("smx")
    yield made
    made.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, network):
    assert run_install(PROJECT, NAMES) == 0
    made = Cluster(tmp_path_factory.mktemp("cluster"), network)
    yield made
    made.close()


def matrix(results, *more, log, within=(), selected=SELECTED):
    words = ("savedmodel_matrix", "matrix", *selected, "--results", results, *more)
    return start(*words, log=log, within=within)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Return the lines of the table that this machine makes by itself."""
    assert run_install(PROJECT, NAMES) == 0
    place = tmp_path_factory.mktemp("local")
    run = matrix(place / "local", "--jobs", "2", log=place / "local.log")
    assert run.wait(PATIENCE) == 0, (place / "local.log").read_text()
    return (place / "local" / "matrix.csv").read_bytes().splitlines()


def table(results):
    return (results / "matrix.csv").read_bytes().splitlines()


def test_a_worker_dies_and_one_joins_late_and_the_table_is_that_of_a_local_run(
    cluster, local, tmp_path
):
    home = cluster.network.home
    asked = ("--dask", cluster.address, "--dask-seconds", "1")
    log = tmp_path / "dask.log"
    cluster.join("first")
    cluster.join("second")
    run = matrix(tmp_path / "dask", *asked, log=log, within=home)
    until(lambda: cluster.is_at_it("first"), "the first worker is at it", run)
    killed = cluster.workers.pop("first")
    killed.kill()
    killed.wait()
    cluster.join("late")
    assert run.wait(PATIENCE) == 0, log.read_text()
    assert "Ran 8 of 8 cells" in log.read_text()
    assert table(tmp_path / "dask") == local
    assert any(cluster.ours("late").glob("projects/*")), "the late worker had nothing to do"
    until(lambda: not cluster.processes("first"), "the hosts of the killed worker are gone")
    assert not any(cluster.ours("second").glob("runs/*")), "what is delivered is removed"
    again = matrix(tmp_path / "dask", *asked, log=tmp_path / "again.log", within=home)
    assert again.wait(PATIENCE) == 0
    assert "Nothing to run: all 8 cells were known" in (tmp_path / "again.log").read_text()


def test_ctrl_c_ends_what_runs_on_workers_and_keeps_what_was_finished(cluster, local, tmp_path):
    home, storage = cluster.network.home, tmp_path / "storage"
    asked = (
        "--dask",
        cluster.address,
        "--dask-seconds",
        "1",
        "--dask-storage",
        f"file://{storage}",
    )
    log = tmp_path / "interrupted.log"
    run = matrix(tmp_path / "run", *asked, log=log, within=home)
    cells = tmp_path / "run" / "cells.jsonl"
    until(lambda: cells.exists() and cells.read_bytes(), "a cell has arrived", run)
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE) == 130, log.read_text()
    assert "Interrupted. What was finished is kept" in log.read_text()
    until(
        lambda: not any(cluster.is_at_it(name) for name in cluster.workers), "the workers are idle"
    )
    run = matrix(tmp_path / "run", *asked, log=tmp_path / "again.log", within=home)
    assert run.wait(PATIENCE) == 0
    assert table(tmp_path / "run") == local
    said = (tmp_path / "again.log").read_text()
    assert "Ran 8 of 8" not in said
    assert "knew" in said


ADAPTIVE = """
import sys
from pathlib import Path
from distributed import LocalCluster

if __name__ == "__main__":
    place = Path(sys.argv[1])
    with LocalCluster(
        n_workers=0, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=str(place), silence_logs=False,
    ) as cluster:
        cluster.adapt(minimum=0, maximum=2, interval="200ms", wait_count=5)
        (place / "address").write_text(cluster.scheduler_address)
        sys.stdin.read()
"""


def test_an_adaptive_cluster_grows_for_the_tasks_and_shrinks_to_nothing(local, tmp_path):
    """Dask starts both workers at once for two tasks, though it has seen none like them."""
    place = tmp_path / "adaptive"
    place.mkdir()
    (place / "adaptive.py").write_text(ADAPTIVE)
    with (tmp_path / "cluster.log").open("ab") as output:
        cluster = subprocess.Popen(
            [sys.executable, place / "adaptive.py", place],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=os.environ | {ENVIRONMENTS: str(ROOT / ".nox" / "environments")},
        )
    try:
        until((place / "address").exists, "the cluster is there", cluster)
        address = (place / "address").read_text()
        log = tmp_path / "dask.log"
        few = ("--case", "module_dense", *SELECTED[SELECTED.index("--remedy") :])
        asked = ("--dask", address)
        run = matrix(tmp_path / "dask", *asked, log=log, selected=few)
        assert run.wait(PATIENCE) == 0, log.read_text()
        assert "Ran 2 of 2 cells" in log.read_text()
        of_it = [line for line in local[1:] if line.startswith(b"module_dense,")]
        assert table(tmp_path / "dask") == [local[0], *of_it]
        workers = place / "savedmodel-matrix-worker" / "hosts"
        assert len(list(workers.glob("*.lock"))) == 2
        scratch = place / "dask-scratch-space"
        until(lambda: not list(scratch.glob("worker-*/")), "the workers have left", cluster)
        until(lambda: not list(leftovers._processes(os.fsencode(place))), "with their hosts")
    finally:
        cluster.communicate(timeout=60)

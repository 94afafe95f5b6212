"""Many artifacts in several processes: in order, stopped cleanly, and one that is lost is one."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from savedmodel_matrix.savedmodel import many
from savedmodel_matrix.savedmodel.diagnose import diagnose
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES


def paths(number):
    return [str(ARTIFACTS / NAMES[i % len(NAMES)]) for i in range(number)] + ["nowhere"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_order_and_the_answers_are_those_of_one_process(jobs):
    given = paths(100)
    found = list(many.diagnose_all(given, jobs))
    assert [d.path for d in found] == given
    once = {path: diagnose(path) for path in set(given)}
    assert found == [once[path] for path in given]


def test_a_reader_that_stops_leaves_no_process():
    others = set(multiprocessing.active_children())
    answers = many.diagnose_all(paths(3000), 2)
    next(answers)
    assert set(multiprocessing.active_children()) - others
    answers.close()
    for process in set(multiprocessing.active_children()) - others:
        process.join(10)
    assert not set(multiprocessing.active_children()) - others


def test_a_process_that_is_ended_costs_the_artifact_that_it_read(monkeypatch):
    def broken(chunks, jobs):
        yield [diagnose(path) for path in chunks[0]]
        raise many.BrokenProcessPool("gone")

    monkeypatch.setattr(many, "_in_processes", broken)
    monkeypatch.setattr(many, "FEW", 1)
    given = paths(17)
    assert [d.path for d in many.diagnose_all(given, 2)] == given

    class Ended:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def submit(self, *_):
            raise many.BrokenProcessPool("gone")

    monkeypatch.setattr(many, "_executor", lambda _: Ended())
    last = list(many.diagnose_all(given, 2))[-1]
    assert last.verdict == "unreadable"
    assert "was ended" in last.findings[0].message


def test_interrupted_it_ends_with_one_line_and_no_process_left(tmp_path):
    for number in range(1500):
        Path(tmp_path / f"m{number}").symlink_to(ARTIFACTS / "tf1")
    shutil.copytree(ARTIFACTS / "tf1", tmp_path / "real")
    command = [sys.executable, "-m", "savedmodel_matrix", "diagnose", "--jobs", "2"]
    command += [str(path) for path in sorted(tmp_path.iterdir())]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, said = process.communicate(timeout=60)
    if process.returncode != 130:  # it was done before
        assert process.returncode == 0
    else:
        assert said == "Interrupted: nothing was printed, and nothing is left running.\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)

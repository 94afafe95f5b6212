"""Many artifacts in several processes: in order, stopped cleanly, and one that is lost is one."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from savedmodel_matrix.savedmodel import many
from savedmodel_matrix.savedmodel.diagnose import diagnose
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES


def paths(number):
    return [str(ARTIFACTS / NAMES[i % len(NAMES)]) for i in range(number)] + ["nowhere"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_answers_are_those_of_one_process(jobs):
    given = paths(100)
    found = dict(many.diagnose_all(given, jobs))
    once = {path: diagnose(path) for path in set(given)}
    assert found == {place: once[path] for place, path in enumerate(given)}


def test_copies_follow_each_other_and_the_largest_come_first(tmp_path, monkeypatch):
    def here(work, chunks, jobs):
        for chunk in chunks:
            asked.append(chunk)
            yield work(chunk)

    asked: list[list[str]] = []
    monkeypatch.setattr(many, "in_processes", here)
    given = paths(100)
    assert len(list(many.diagnose_all(given, 2))) == len(given)
    sizes = [many._size(name) for chunk in asked for name in chunk]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == many._size("nowhere") == 0
    assert {len(chunk) for chunk in asked[:-1]} == {16}


def test_what_is_large_does_not_wait_for_more_of_its_kind():
    gigabyte = 1 << 30
    assert many._chunks([1, gigabyte, gigabyte, 2]) == [[1], [2], [3, 0]]


def test_a_reader_that_stops_leaves_no_process_and_no_thread():
    others, threads = set(multiprocessing.active_children()), set(threading.enumerate())
    answers = many.diagnose_all(paths(3000), 2)
    next(answers)
    assert set(multiprocessing.active_children()) - others
    answers.close()
    assert not set(threading.enumerate()) - threads
    assert not set(multiprocessing.active_children()) - others


def much(number):
    return bytes(300_000) + bytes([number % 256])


def slow(number):
    time.sleep(3600 if number else 0)


@pytest.mark.parametrize("read", [1, 2, 3, 5, 8])
def test_stopped_while_long_answers_are_written_it_ends(read):
    others, threads = set(multiprocessing.active_children()), set(threading.enumerate())
    answers = many.in_processes(much, range(200), 2)
    for _ in range(read):
        next(answers)
    answers.close()
    assert not set(threading.enumerate()) - threads
    assert not set(multiprocessing.active_children()) - others


def test_stopped_in_the_middle_of_long_work_it_does_not_wait_for_it():
    answers = many.in_processes(slow, range(8), 2)
    next(answers)
    began = time.monotonic()
    answers.close()
    assert time.monotonic() - began < 60


def test_a_process_that_is_ended_costs_the_artifact_that_it_read(monkeypatch):
    def broken(work, chunks, jobs):
        yield work(chunks[0])
        raise BrokenProcessPool("gone")

    monkeypatch.setattr(many, "in_processes", broken)
    monkeypatch.setattr(many, "FEW", 1)
    given = paths(17)
    found = dict(many.diagnose_all(given, 2))
    assert [found[place].path for place in range(len(given))] == given

    class Ended:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def submit(self, *_):
            raise BrokenProcessPool("gone")

    monkeypatch.setattr(many, "_executor", lambda _: Ended())
    last = dict(many.diagnose_all(given, 2))[17]
    assert last.verdict == "unreadable"
    assert "was ended" in last.findings[0].message


def test_interrupted_it_ends_with_one_line_and_no_process_left(tmp_path):
    for number in range(8000):  # so many that they outlast a busy machine
        Path(tmp_path / f"m{number}").symlink_to(ARTIFACTS / "tf1")
    shutil.copytree(ARTIFACTS / "tf1", tmp_path / "real")
    command = [sys.executable, "-m", "savedmodel_matrix", "diagnose", "--jobs", "2"]
    command += [str(path) for path in sorted(tmp_path.iterdir())]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    children, until = (
        Path(f"/proc/{process.pid}/task/{process.pid}/children"),
        time.monotonic() + 60,
    )
    while len(children.read_text().split()) < 3 and time.monotonic() < until:  # with a tracker
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == "Interrupted: nothing was printed, and nothing is left running.\n"
    while running(process.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not running(process.pid)


def running(group):
    """Return the processes of a group that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(stat)
    return found

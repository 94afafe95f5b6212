"""Thousands of artifacts, diagnosed in as many processes as are wanted, in the order given.

Processes are spawned, not forked, so it is safe beside TensorFlow; each imports this package and
protobuf, no more. A process that is ended from outside (by a lack of memory) costs the artifact
that it read, not the others.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from savedmodel_matrix.savedmodel import diagnosis
from savedmodel_matrix.savedmodel.analysis import Graphs
from savedmodel_matrix.savedmodel.diagnose import FORMAT, diagnose_sharing
from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

_Chunk = TypeVar("_Chunk")
_Done = TypeVar("_Done")
FEW = 64  # artifacts that are not worth another process
_CHUNK = 16
_AHEAD = 8  # chunks per process that wait: enough to be busy, few enough to be stopped
_GRACE = 2  # seconds for what a process has to write before it ends
_SELDOM = 100_000  # objects made between two looks for cycles, which a diagnosis has not


def diagnose_all(
    paths: Sequence[str | os.PathLike[str]], jobs: int
) -> Generator[Diagnosis, None, None]:
    """Yield the diagnosis of each path in turn; with one job, or few paths, in this process."""
    named = [os.fspath(path) for path in paths]
    if jobs < 2 or len(named) <= FEW:
        graphs = Graphs()
        yield from (diagnose_sharing(name, graphs) for name in named)
        return
    chunks = [named[start : start + _CHUNK] for start in range(0, len(named), _CHUNK)]
    done = 0
    try:
        for found in in_processes(_diagnosed, chunks, jobs):
            yield from found
            done += 1
    except BrokenProcessPool:
        for name in (name for chunk in chunks[done:] for name in chunk):
            yield _alone(name)


def in_processes(
    work: Callable[[_Chunk], _Done], chunks: Sequence[_Chunk], jobs: int
) -> Generator[_Done, None, None]:
    """Yield what `work` makes of each chunk in turn, done ahead in so many processes.

    Raises BrokenProcessPool where one was ended from outside.
    """
    others = set(multiprocessing.active_children())
    executor = _executor(min(jobs, len(chunks)))
    try:
        with _deaf():
            waiting = [executor.submit(_stoppable, work, c) for c in chunks[: jobs * _AHEAD]]
        for number in range(len(chunks)):
            yield waiting[number].result()
            if len(waiting) < len(chunks):
                with _deaf():
                    waiting.append(executor.submit(_stoppable, work, chunks[len(waiting)]))
    except BaseException:  # Ctrl-C, or a reader that has enough: nothing is left running
        with _deaf():
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            # Waited for: where its thread ends together with Python, the two may fall over each
            # other (`OSError: Bad file descriptor` at exit, github.com/python/cpython/issues/83279)
            executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()


def _alone(name: str) -> Diagnosis:
    """Diagnose one artifact in a process of its own, whose end is a diagnosis too."""
    with _executor(1) as executor:
        try:
            return executor.submit(_diagnosed, [name]).result()[0]
        except BrokenProcessPool:
            said = f"{name} cannot be read: the process that read it was ended, as if out of memory"
            finding = Finding("unreadable", "critical", "load", said)
            return Diagnosis(name, FORMAT, diagnosis.UNREADABLE, {}, (finding,))


def _executor(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


@contextmanager
def _deaf() -> Iterator[None]:
    """Hold signals back: a process that starts meanwhile gets none before `_begin` is ready for it.

    Windows cannot hold them back: there a process is deaf to Ctrl-C from when it has begun.
    """
    if sys.platform == "win32":
        yield
    else:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Stopped(BaseException):
    """What a process was asked to stop for; no `except Exception` of the work holds it up."""


class _Process:
    """What a process knows of itself."""

    busy = False
    stopping = False
    graphs = Graphs()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one sees to it
    gc.set_threshold(_SELDOM)
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, _stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _stop(*_: object) -> None:
    """Leave the work, but not an answer half written: its reader would wait for the rest for ever.

    Where nobody reads any more, an alarm ends the process.
    """
    _Process.stopping = True
    if sys.platform != "win32":
        signal.alarm(_GRACE)
    if _Process.busy:
        raise _Stopped


def _stoppable(work: Callable[[_Chunk], _Done], chunk: _Chunk) -> _Done:
    try:
        _Process.busy = True
        if _Process.stopping:
            raise _Stopped
        return work(chunk)
    finally:
        _Process.busy = False


def _diagnosed(names: list[str]) -> list[Diagnosis]:
    return [diagnose_sharing(name, _Process.graphs) for name in names]

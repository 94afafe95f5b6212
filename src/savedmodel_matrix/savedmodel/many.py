"""Thousands of artifacts, diagnosed in as many processes as are wanted.

The largest come first, so that none is left for the end, and with that those of one size follow
each other: copies, and versions of a model, whose graph is analysed once (see `analysis`).

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
from savedmodel_matrix.savedmodel.reading import BINARY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

_Chunk = TypeVar("_Chunk")
_Done = TypeVar("_Done")
FEW = 64  # artifacts that are not worth another process
_CHUNK = 16
_BULK = 1 << 26  # bytes of a chunk of several: its answers come together
_AHEAD = 8  # chunks per process that wait: enough to be busy, few enough to be stopped
_GRACE = 2  # seconds for what a process has to write before it ends
_SELDOM = 100_000  # objects made between two looks for cycles, which a diagnosis has not


def diagnose_all(
    paths: Sequence[str | os.PathLike[str]], jobs: int
) -> Generator[tuple[int, Diagnosis], None, None]:
    """Yield the diagnosis of each path with its place among them, in the order they are done.

    With one job, or few paths, in this process and in the order given.
    """
    named = [os.fspath(path) for path in paths]
    if jobs < 2 or len(named) <= FEW:
        graphs = Graphs()
        yield from ((number, diagnose_sharing(name, graphs)) for number, name in enumerate(named))
        return
    chunks = _chunks([_size(name) for name in named])
    done = 0
    try:
        work = [[named[place] for place in chunk] for chunk in chunks]
        for found in in_processes(_diagnosed, work, jobs):
            yield from zip(chunks[done], found, strict=True)
            done += 1
    except BrokenProcessPool:
        for place in (place for chunk in chunks[done:] for place in chunk):
            yield place, _alone(named[place])


def _chunks(sizes: Sequence[int]) -> list[list[int]]:
    """Return the places of what has these sizes, largest first, in chunks of bounded size."""
    chunks: list[list[int]] = []
    bulk = 0
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        if not chunks or len(chunks[-1]) == _CHUNK or bulk + sizes[place] > _BULK:
            chunks.append([])
            bulk = 0
        chunks[-1].append(place)
        bulk += sizes[place]
    return chunks


def _size(name: str) -> int:
    """Return the bytes of a graph or a file, 0 where there is none to be had."""
    for file in (os.path.join(name, BINARY), name):  # noqa: PTH118 - ten thousand of them
        try:
            return os.stat(file).st_size  # noqa: PTH116
        except OSError:
            continue
    return 0


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

"""Whether a failure of the code under test comes of a machine that has run out of room.

What an exception says only makes it worth looking: a case can say what it likes. The file systems
that the step writes in decide, and so does what a process may have open.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.host.protocol import NO_ROOM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LITTLE = 8 << 20  # bytes: a file system with less counts as full
FEW_FILES = 256  # a machine on which a process may open less is to blame, not the case
# tf.errors.ResourceExhaustedError and h5py's OSError carry the system's words and no errno.
WORDS = tuple(os.strerror(number) for number in NO_ROOM)


def lacked_room(error: BaseException, directories: Iterable[str]) -> str:
    """Return what is full that ``error`` complains of, such as a directory; "" for nothing."""
    chain = list(_chain(error))
    numbers = {one.errno for one in chain if isinstance(one, OSError)}
    if errno.ENFILE in numbers:
        return "this machine's table of open files"
    if errno.EMFILE in numbers and resource.getrlimit(resource.RLIMIT_NOFILE)[0] < FEW_FILES:
        return "what a process may have open here (ulimit -n)"
    if numbers & set(NO_ROOM) or any(words in _text(one) for one in chain for words in WORDS):
        return next(filter(is_full, directories), "")
    return ""


def is_full(directory: str) -> bool:
    """Say whether hardly anything can be written in a directory: no bytes, no files, or a quota."""
    try:
        system = os.statvfs(directory)
    except OSError:
        return False
    if system.f_bavail * system.f_frsize < LITTLE:
        return True
    return _refuses(Path(directory, f".room-{os.getpid()}"))


def _refuses(file: Path) -> bool:
    """Say whether a small file cannot be written for want of room."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            left = memoryview(bytes(1 << 20))
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
    except OSError as error:
        return error.errno in NO_ROOM
    finally:
        with contextlib.suppress(OSError):
            file.unlink()
    return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that it was raised from."""
    seen: set[int] = set()
    queue = [error]
    while queue:
        one = queue.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            queue += [other for other in (one.__cause__, one.__context__) if other is not None]


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return ""

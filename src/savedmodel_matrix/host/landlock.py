"""No writing into the checkout or the results, but for a step's own directories: Linux 6.2 on.

Landlock (https://docs.kernel.org/userspace-api/landlock.html) needs no privileges and binds root
too, but it knows only what is allowed. Everything is, then, except what lies on the way down to
what is to be protected. Where the kernel lacks it, the step runs without.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The same numbers on every architecture: they are younger than the common table.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_ONLY = 1
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38
OLDEST = 3  # before, files could be truncated, or could not be renamed between directories
SIGNALS_SINCE = 6
SCOPE_SIGNAL = 1 << 1

WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
OF_FILES = WRITE_FILE | TRUNCATE
# Remove, make, and rename between directories.
OF_DIRECTORIES = OF_FILES | sum(1 << bit for bit in range(4, 14))


def protect(protected: Sequence[str], but: Iterable[str]) -> bool:
    """Deny this process and its descendants to write beneath ``protected``, save in ``but``.

    Nor may they send signals to others, where the kernel can prevent that. Returns whether the
    kernel can do any of this; raises OSError where it can and does not.
    """
    abi = version()
    if abi < OLDEST:
        return False
    scoped = SCOPE_SIGNAL if abi >= SIGNALS_SINCE else 0
    attributes = struct.pack("=QQQ", OF_DIRECTORIES, 0, scoped)[: 24 if scoped else 8]
    rules = _call(CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in but:
            _allow(rules, path, OF_DIRECTORIES)
        for path, is_directory in beside(tuple(protected)):
            _allow(rules, path, OF_DIRECTORIES if is_directory else OF_FILES)
        if _library().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no_new_privs")
        _call(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return True


@cache
def version() -> int:
    """Return the version of Landlock that this kernel offers, 0 for none."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return 0
    try:
        return _call(CREATE_RULESET, None, 0, VERSION_ONLY)
    except OSError:
        return 0


@cache
def beside(protected: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Return what is neither above, nor at, nor beneath a protected path: (path, is a directory).

    A host asks once, before it forks: what is found stays known to every step.
    """
    real = {Path(path).resolve() for path in protected}
    inner = {path for path in real if any(parent in real for parent in path.parents)}
    above = {parent for path in real - inner for parent in path.parents}
    found = []
    for directory in sorted(above):
        with contextlib.suppress(OSError):
            found += [
                (entry.path, entry.is_dir())
                for entry in os.scandir(directory)
                if not entry.is_symlink() and Path(entry.path) not in above | real
            ]
    return found


def _allow(rules: int, path: str, allowed: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # gone meanwhile
    try:
        _call(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", allowed, opened), 0)
    finally:
        os.close(opened)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    result: int = _library().syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"landlock: {os.strerror(error)}")
    return result

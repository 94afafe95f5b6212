"""Writing nowhere but in a step's own directories: Linux 6.2 on.

Landlock (https://docs.kernel.org/userspace-api/landlock.html) needs no privileges, binds root too,
and knows only what is allowed. Where the kernel lacks it, the step runs without.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def write_only_in(directories: Iterable[str], files: Iterable[str]) -> bool:
    """Let this process and its descendants write only beneath these.

    Beneath ``directories`` everything may be made and removed, beneath ``files`` what is there may
    be written. Nor may signals be sent to others, where the kernel can prevent that. Returns
    whether the kernel can do any of this; raises OSError where it can and does not.
    """
    abi = version()
    if abi < OLDEST:
        return False
    scoped = SCOPE_SIGNAL if abi >= SIGNALS_SINCE else 0
    attributes = struct.pack("=QQQ", OF_DIRECTORIES, 0, scoped)[: 24 if scoped else 8]
    rules = _call(CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for paths, allowed in ((directories, OF_DIRECTORIES), (files, OF_FILES)):
            for path in paths:
                _allow(rules, path, allowed)
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


def _allow(rules: int, path: str, allowed: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not to be had here
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

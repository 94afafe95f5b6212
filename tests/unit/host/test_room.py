"""A message about a full disk is believed if a disk is full; a full disk is found without one."""

import errno
import os
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest

from savedmodel_matrix.host import room
from savedmodel_matrix.host.outcome import Failed, NotRun, Stages
from savedmodel_matrix.host.room import is_full, lacked_room

ENOSPC = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
TEXT_ONLY = RuntimeError("ResourceExhausted: /x; No space left on device [Op:SaveV2]")
FULL = """
import sys
from savedmodel_matrix.host.room import is_full
print(is_full(sys.argv[1]))
"""


def wrapped(cause):
    error = ValueError("could not save")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("error", [ENOSPC, TEXT_ONLY, wrapped(ENOSPC), wrapped(TEXT_ONLY)])
def test_the_file_system_decides(tmp_path, monkeypatch, error):
    assert lacked_room(error, [str(tmp_path)]) == ""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096))
    assert lacked_room(error, [str(tmp_path)]) == str(tmp_path)


def test_another_error_is_none_of_the_disks(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096))
    assert lacked_room(ValueError("no"), [str(tmp_path)]) == ""
    assert lacked_room(OSError(errno.ENOENT, "no"), [str(tmp_path)]) == ""


def test_a_quota_shows_when_a_file_is_written(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(os, "write", refuse)
    assert is_full(str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_directory_with_room_is_left_as_it_was(tmp_path):
    assert not is_full(str(tmp_path))
    assert not list(tmp_path.iterdir())
    assert not is_full(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(("most", "said"), [(64, True), (4096, False)])
def test_too_many_open_files_are_the_cases_where_many_are_allowed(monkeypatch, most, said):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, most))
    assert bool(lacked_room(OSError(errno.EMFILE, "too many"), [])) == said


def test_a_full_file_system(tmp_path):
    script = 'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, tmp_path, sys.executable, "-c", FULL, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr


@pytest.mark.parametrize(("full", "kind"), [(True, NotRun), (False, Failed)])
def test_a_step_that_says_so_is_not_run_only_where_it_is_so(tmp_path, monkeypatch, full, kind):
    monkeypatch.setattr(room, "is_full", lambda _: full)
    stages = Stages(str(tmp_path / "stage"), [str(tmp_path)])
    with pytest.raises(kind), stages.calling("save"):
        raise TEXT_ONLY

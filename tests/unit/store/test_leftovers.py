"""What a killed run left: processes by their HOME, and its scratch."""

import os
import subprocess
import sys

import pytest

from savedmodel_matrix.store.leftovers import end_processes, is_running, remove


def sleeper(home):
    program = "import os, time; os.fork(); os.setsid() if os.getpid() % 2 else 0; time.sleep(600)"
    return subprocess.Popen([sys.executable, "-c", program], env={"HOME": str(home)})


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_processes_with_their_home_there_are_ended_and_no_others(tmp_path):
    one, inside = sleeper(tmp_path / "a"), sleeper(tmp_path / "a/b")
    other = sleeper(tmp_path / "ab")
    try:
        assert end_processes(tmp_path / "a") >= 2
        assert one.wait(10) == inside.wait(10) == -9
        assert other.poll() is None
        assert end_processes(tmp_path / "a") == 0
    finally:
        end_processes(tmp_path)
        other.wait(10)


def test_of_a_link_only_the_link_is_removed(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").write_text("")
    (tmp_path / "work").symlink_to(tmp_path / "theirs")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "inner").symlink_to(tmp_path / "theirs")
    remove(tmp_path / "work")
    remove(tmp_path / "made")
    remove(tmp_path / "never-was")
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
    assert (tmp_path / "theirs" / "file").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody is known to be gone")
def test_a_process_that_is_gone_is_not_running():
    done = subprocess.Popen([sys.executable, "-c", "pass"])
    done.wait(10)
    assert not is_running(done.pid)
    assert is_running(os.getpid())

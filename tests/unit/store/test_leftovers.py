"""What a killed run left: processes by their HOME, files by their names."""

import subprocess
import sys

import pytest

from savedmodel_matrix.store.leftovers import end_processes, remove_unfinished


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


def test_what_was_never_finished_is_removed_and_nothing_else(tmp_path):
    (tmp_path / ".matrix.csv.123.tmp").write_text("half")
    (tmp_path / ".report.123.new/data").mkdir(parents=True)
    (tmp_path / "matrix.csv").write_text("whole")
    (tmp_path / ".lock").write_text("")
    remove_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "matrix.csv"]

"""Directories whose files are watched while other code than Python opens them."""

import os
import subprocess
import sys

import pytest

from savedmodel_matrix.host import watch as watch_module
from savedmodel_matrix.host.watch import Watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def read(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_a_tree_is_watched_but_for_what_is_hidden_excluded_or_an_environment(tmp_path):
    seen = [read(tmp_path / "a.txt"), read(tmp_path / "deep/er/b.txt")]
    unseen = [read(tmp_path / name) for name in (".git/c", "out/d", "venv/lib/e", "__pycache__/f")]
    read(tmp_path / "venv/pyvenv.cfg")
    watch = Watch(lambda path: path == str(tmp_path / "out"))
    watch.add_tree(str(tmp_path))
    subprocess.run(["cat", *seen, *unseen], check=True, capture_output=True)
    assert watch.opened() == {str(path): False for path in seen}
    assert watch.opened() == {}


def test_a_file_that_is_written_as_well_is_told_apart(tmp_path):
    one, other = read(tmp_path / "one"), read(tmp_path / "other")
    watch = Watch(lambda _: False)
    watch.add(str(tmp_path))
    one.read_bytes()
    other.read_bytes()
    read(tmp_path / "new").replace(one)
    assert watch.opened() == {str(one): True, str(other): False}
    with one.open("a"):
        other.read_bytes()
        assert watch.opened() == {str(one): False, str(other): False}  # opened, it is not seen why


def test_python_files_are_left_to_python(tmp_path):
    watch = Watch(lambda _: False)
    watch.add(str(tmp_path))
    read(tmp_path / "case.py")
    assert watch.opened() == {}


def test_events_that_the_kernel_dropped_are_not_passed_over(tmp_path, monkeypatch):
    watch = Watch(lambda _: False)
    monkeypatch.setattr(watch, "_events", lambda: iter([(-1, watch_module.OVERFLOW, "")]))
    assert watch.opened() is None


def test_the_number_of_watched_directories_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(watch_module, "MOST_DIRECTORIES", 2)
    files = [read(tmp_path / name) for name in ("x", "a/x", "b/x")]
    watch = Watch(lambda _: False)
    watch.add_tree(str(tmp_path))
    for file in files:
        file.read_bytes()
    assert watch.opened() == {str(path): False for path in files[:2]}


def test_a_name_in_no_encoding_is_kept(tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff"
    os.close(os.open(name, os.O_CREAT | os.O_RDONLY))
    watch = Watch(lambda _: False)
    watch.add(str(tmp_path))
    os.close(os.open(name, os.O_RDONLY))
    assert watch.opened() == {os.fsdecode(name): False}

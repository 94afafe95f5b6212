"""What a process reads is noted by content, whoever reads it and however."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from savedmodel_matrix.store.contents import ABSENT, content_of, names_in, stat_of, tree
from savedmodel_matrix.store.witness import Witness, witnessing


@pytest.fixture
def place(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_text("one")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_text("two")
    return tmp_path


def read_by_thread(path):
    thread = threading.Thread(target=path.read_bytes)
    thread.start()
    thread.join()


def read_by_descriptor(path):
    os.close(os.open(path, os.O_RDONLY))


def read_by_name_in_bytes(path):
    open(os.fsencode(path), "rb").close()  # noqa: PTH123 - not a path of pathlib


def read_relatively(path):
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        Path(path.name).read_text()
    finally:
        os.chdir(before)


READERS = [
    Path.read_text,
    read_by_thread,
    read_by_descriptor,
    read_by_name_in_bytes,
    read_relatively,
]


@pytest.mark.parametrize("read", READERS)
def test_whatever_is_read_is_noted_with_its_content(place, read):
    witness = Witness([place / "out"])
    with witnessing(witness):
        read(place / "in" / "file")
        read(place / "out" / "file")
    (place / "in" / "file").read_text()  # after the end nobody listens
    found = witness.contents()
    assert found[str(place / "in" / "file")] == content_of(str(place / "in" / "file"))
    assert str(place / "out" / "file") not in found
    assert str(place / "in") in found  # a name that is new there may be what was looked for


def test_what_is_only_written_is_nothing_that_was_read(place):
    witness = Witness([])
    with witnessing(witness):
        (place / "in" / "new").write_text("x")
        with (place / "in" / "new").open("a") as file:
            file.write("y")
        os.close(os.open(place / "in" / "new", os.O_WRONLY))
    assert str(place / "in" / "new") not in witness.contents()


def test_a_directory_that_is_listed_and_a_file_that_is_missing_are_noted(place):
    witness = Witness([])
    with witnessing(witness):
        list((place / "in").glob("*"))
        with pytest.raises(FileNotFoundError):
            (place / "missing").read_text()
    found = witness.contents()
    assert found[str(place / "in")] == names_in(str(place / "in"))
    assert found[str(place / "missing")] == ABSENT


def test_a_file_that_changes_between_two_reads_is_told(place):
    witness = Witness([])
    with witnessing(witness):
        (place / "in" / "file").read_text()
        (place / "in" / "file").write_text("changed")
        assert not witness.changed
        (place / "in" / "file").read_text()
    assert witness.changed == str(place / "in" / "file")


def test_the_content_is_that_of_the_first_read_whatever_happens_later(place):
    before = content_of(str(place / "in" / "file"))
    witness = Witness([])
    with witnessing(witness):
        (place / "in" / "file").read_text()
    (place / "in" / "file").write_text("changed")
    assert witness.contents()[str(place / "in" / "file")] == before


def test_what_the_run_writes_itself_is_taken_at_the_end(place):
    witness = Witness([], late=[place / "in"])
    with witnessing(witness):
        (place / "in" / "file").read_text()
        (place / "in" / "file").write_text("installed")
        (place / "in" / "file").read_text()
    assert not witness.changed
    assert witness.contents()[str(place / "in" / "file")] == content_of(str(place / "in" / "file"))


def test_modules_that_environments_share_bytecode_of_are_not_noted(place):
    modules = ("tf2.21/lib/a.py", "tf2.21/bytecode/lib/a.pyc", ".bytecode/lib/a.pyc/hash")
    for name in (*modules, "tf2.21.lock"):
        (place / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "in" / name).write_text("")
    witness = Witness([], late=[place / "in"])
    with witnessing(witness):
        for name in (*modules, "tf2.21.lock"):
            (place / "in" / name).read_text()
        list((place / "in" / ".bytecode").iterdir())
    assert set(witness.contents()) == {str(place / "in" / "tf2.21.lock")}


def test_a_place_within_what_is_left_out_can_be_noted_all_the_same(place):
    witness = Witness([place], but=[place / "in"])
    with witnessing(witness):
        (place / "in" / "file").read_text()
        (place / "out" / "file").read_text()
    assert set(witness.contents()) == {str(place / "in"), str(place / "in" / "file")}


def test_a_process_that_opens_strange_things_is_not_disturbed(place):
    code = (
        "from savedmodel_matrix.store.witness import Witness, witnessing\n"
        "import os\n"
        "with witnessing(Witness([])):\n"
        "    open(os.dup(0), closefd=True).close()\n"
        "    for bad in ('\\0', b'\\xff\\xfe', '', 'x' * 5000):\n"
        "        try:\n"
        "            open(bad)\n"
        "        except (OSError, ValueError):\n"
        "            pass\n"
        "    os.listdir(); print('well')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("well\n", "")


def test_a_stat_tells_a_file_that_was_written_with_its_time_set_back(place):
    file = place / "in" / "file"
    status, before = file.stat(), stat_of(str(file))
    assert stat_of(str(file)) == before
    file.write_text("two")  # as long as it was
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stat_of(str(file)) != before
    file.unlink()
    assert stat_of(str(file)) == []


def test_a_tree_differs_where_a_file_does_but_not_in_its_bytecode(place):
    seen = [tree(place)]
    (place / "in" / "__pycache__").mkdir()
    (place / "in" / "__pycache__" / "file.pyc").write_bytes(b"x")
    assert tree(place) == seen[0]
    for change in (
        lambda: (place / "in" / "file").write_text("three"),
        lambda: (place / "in" / "other").write_text(""),
        lambda: (place / "in" / "other").rename(place / "out" / "other"),
    ):
        change()
        assert tree(place) not in seen
        seen.append(tree(place))

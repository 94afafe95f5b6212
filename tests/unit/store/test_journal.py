"""Records are appended whole, and what is torn costs only itself."""

import errno
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.store.journal import Journal, lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(file):
    """Return the records, sure that each stands where it is said to."""
    content, found = file.read_bytes(), []
    for line, start, length in lines(file):
        assert content[start : start + length] == line
        found.append(json.loads(line))
    return found


def append(file, *records):
    journal = Journal.going_on(file)
    for record in records:
        journal.append(record)
    journal.close()


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5))
def test_what_is_appended_is_read(tmp_path_factory, records):
    file = tmp_path_factory.mktemp("journal") / "j"
    append(file, *records)
    assert read(file) == records


@given(st.integers(min_value=0, max_value=200))
def test_wherever_the_power_goes_what_was_whole_stays_whole(tmp_path_factory, left):
    file = tmp_path_factory.mktemp("journal") / "j"
    first, second = {"n": 1, "text": "x" * 60}, {"n": 2, "text": "y" * 60}
    append(file, first, second)
    ends = [len(line) for line in file.read_bytes().splitlines(keepends=True)]
    os.truncate(file, min(left, sum(ends)))
    append(file, {"n": 3})
    whole = [first] * (left >= ends[0] - 1) + [second] * (left >= sum(ends) - 1)
    assert read(file) == [*whole, {"n": 3}]


def test_blocks_that_never_reached_the_disk_cost_only_their_lines(tmp_path):
    append(tmp_path / "j", {"n": 1})
    with (tmp_path / "j").open("ab") as file:
        file.write(bytes(4096))
    append(tmp_path / "j", {"n": 2})
    assert read(tmp_path / "j") == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("room", [0, 1, 20])
def test_a_full_disk_leaves_nothing_of_a_record(tmp_path, monkeypatch, room):
    file = tmp_path / "j"
    journal = Journal.going_on(file)
    journal.append({"n": 1})
    real = os.write

    def write(descriptor, data):
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[:room])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        journal.append({"n": 2, "text": "x" * 100})
    monkeypatch.undo()
    assert file.read_bytes() == b'{"n": 1}\n'
    journal.append({"n": 3})
    journal.close()
    assert read(file) == [{"n": 1}, {"n": 3}]


def test_a_new_journal_replaces_the_old_one_at_once(tmp_path):
    append(tmp_path / "j", {"n": 1})
    (tmp_path / "unfinished").mkdir()
    journal = Journal.new(tmp_path / "j", tmp_path / "unfinished")
    assert read(tmp_path / "j") == []
    journal.append({"n": 2})
    journal.close()
    journal.close()
    assert json.loads((tmp_path / "j").read_text()) == {"n": 2}
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "j", tmp_path / "unfinished"]


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5), st.integers(1, 60))
def test_many_at_once_are_read_as_one_by_one(tmp_path_factory, records, at_once):
    file = tmp_path_factory.mktemp("journal") / "j"
    journal = Journal.going_on(file)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("savedmodel_matrix.store.journal.AT_ONCE", at_once)
        journal.extend(records)
    journal.close()
    assert read(file) == records

"""What nothing refers to goes, then what takes too much room, least recently used first."""

import os

import pytest

from savedmodel_matrix.store.garbage import collect, use

BLOCK = 4096
NAMES = {"new": "a" * 64, "middle": "b" * 64, "old": "c" * 64}
ALL = set(NAMES.values())


@pytest.fixture
def artifacts(tmp_path):
    for age, name in enumerate(NAMES):
        directory = tmp_path / NAMES[name] / "artifact"
        directory.mkdir(parents=True)
        (directory / "variables").write_bytes(b"x" * BLOCK)
        os.utime(tmp_path / NAMES[name], (1000 - age, 1000 - age))
    return tmp_path


def left(artifacts):
    return {name for name, content in NAMES.items() if (artifacts / content).exists()}


def test_nothing_goes_that_has_room(artifacts):
    assert collect(artifacts, 3 * BLOCK, (), ALL) == 0
    assert left(artifacts) == {"new", "middle", "old"}


@pytest.mark.parametrize(("most", "stay"), [(2, {"new", "middle"}), (1, {"new"}), (0, set())])
def test_the_least_recently_used_go_first(artifacts, most, stay):
    collect(artifacts, most * BLOCK, (), ALL)
    assert left(artifacts) == stay


def test_what_is_in_use_stays_whatever_it_takes(artifacts):
    assert collect(artifacts, 0, {NAMES["old"]}, ALL) == 2
    assert left(artifacts) == {"old"}


def test_what_was_used_just_now_goes_last(artifacts):
    use(artifacts / NAMES["old"])
    collect(artifacts, BLOCK, (), ALL)
    assert left(artifacts) == {"old"}


def test_what_no_record_refers_to_goes_whatever_room_there_is(artifacts):
    assert collect(artifacts, 9 * BLOCK, {NAMES["old"]}, {NAMES["new"]}) == 1
    assert left(artifacts) == {"new", "old"}


def test_only_what_has_the_name_of_an_artifact_is_looked_at(artifacts, tmp_path_factory):
    theirs = tmp_path_factory.mktemp("theirs")
    (theirs / "file").write_text("")
    (artifacts / "notes").mkdir()
    (artifacts / ("d" * 64)).symlink_to(theirs)
    collect(artifacts, 0, (), ())
    assert {path.name for path in artifacts.iterdir()} == {"notes", "d" * 64}
    assert (theirs / "file").exists()

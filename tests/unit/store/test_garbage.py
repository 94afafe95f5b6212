"""What takes too much room goes, least recently used first."""

import os

import pytest

from savedmodel_matrix.store.garbage import collect, use

BLOCK = 4096


@pytest.fixture
def artifacts(tmp_path):
    for age, name in enumerate(("new", "middle", "old")):
        directory = tmp_path / name / "artifact"
        directory.mkdir(parents=True)
        (directory / "variables").write_bytes(b"x" * BLOCK)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    return tmp_path


def left(artifacts):
    return {path.name for path in artifacts.iterdir()}


def test_nothing_goes_that_has_room(artifacts):
    assert collect(artifacts, 3 * BLOCK, ()) == 0
    assert left(artifacts) == {"new", "middle", "old"}


@pytest.mark.parametrize(("most", "stay"), [(2, {"new", "middle"}), (1, {"new"}), (0, set())])
def test_the_least_recently_used_go_first(artifacts, most, stay):
    collect(artifacts, most * BLOCK, ())
    assert left(artifacts) == stay


def test_what_is_in_use_stays_whatever_it_takes(artifacts):
    assert collect(artifacts, 0, {"old"}) == 2
    assert left(artifacts) == {"old"}


def test_what_was_used_just_now_goes_last(artifacts):
    use(artifacts / "old")
    collect(artifacts, BLOCK, ())
    assert left(artifacts) == {"old"}

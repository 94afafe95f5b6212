"""What is known is known again; impossible directories are said."""

import shutil

import pytest

from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.records import KEPT
from savedmodel_matrix.store.run_directory import RunDirectory

LIMITS = Limits(seconds=60, memory=1000)


def passed():
    return Judged("pass", {"reason": ""})


@pytest.fixture
def store(tmp_path):
    directory = RunDirectory(tmp_path)
    directory.claim()
    store = Store(directory)
    store.open()
    yield store
    store.close()


def test_what_is_put_is_known_after(store):
    store.put("a", passed(), LIMITS)
    store.close()
    again = Store(store.directory)
    again.open()
    known = again.known_load("a", LIMITS)
    again.close()
    assert known
    assert known.record == store.known_load("a", LIMITS).record


def test_a_timeout_is_known_only_for_as_much_time(store):
    store.put("a", Judged("timeout"), LIMITS)
    assert store.known_load("a", LIMITS)
    assert store.known_load("a", Limits(seconds=60, memory=9999))
    assert store.known_load("a", Limits(seconds=120, memory=1000)) is None


@pytest.mark.parametrize("status", ["fail", "crash"])
def test_a_failure_is_known_only_for_as_much_memory(store, status):
    store.put("a", Judged(status), LIMITS)
    assert store.known_load("a", Limits(seconds=9999, memory=1000))
    assert store.known_load("a", Limits(seconds=1, memory=10))
    assert store.known_load("a", Limits(seconds=60, memory=1001)) is None


@pytest.mark.parametrize("status", ["pass", "not-applicable"])
def test_what_went_well_is_known_whatever_the_limits(store, status):
    store.put("a", Judged(status), LIMITS)
    assert store.known_load("a", Limits(seconds=9999, memory=9999))


def test_a_save_without_its_artifact_is_not_known(store):
    store.put("a", passed(), LIMITS)
    assert store.known_made("a", LIMITS) is None
    content = store.keep(made(store))
    store.put("a", Judged("pass", {"reason": "", "content": content}), LIMITS)
    assert store.known_made("a", LIMITS)
    shutil.rmtree(store.artifact(content))
    assert store.known_made("a", LIMITS) is None


def test_equal_artifacts_are_kept_once_and_named_for_their_content(store):
    first, again, other = (store.keep(made(store, text)) for text in ("a", "a", "b"))
    assert first == again != other
    assert {path.name for path in store.artifacts.iterdir()} == {first, other}
    assert not (store.work / "making").exists()


def test_artifacts_beyond_the_limit_go_but_for_those_of_this_run(store):
    old, used = (store.keep(made(store, text)) for text in ("old", "used"))
    small = Store(store.directory, most=0)
    store.close()
    small.open()
    small.artifact(used)
    small.keep(made(small, "new"))
    small.close()
    assert old != used
    assert old not in {path.name for path in small.artifacts.iterdir()}
    assert used in {path.name for path in small.artifacts.iterdir()}


def made(store, text="weights"):
    directory = store.work / "making"
    directory.mkdir(parents=True)
    (directory / "variables").write_text(text)
    return directory


def test_artifacts_that_no_record_refers_to_go_and_nothing_else_in_the_directory(store):
    kept, dropped = store.keep(made(store, "kept")), "0" * 64
    store.put("a", Judged("pass", {"reason": "", "content": kept}), LIMITS)
    (store.artifacts / dropped).mkdir()
    (store.artifacts / "notes").mkdir()
    store.close()
    assert {path.name for path in store.artifacts.iterdir()} == {kept, "notes"}


def test_logs_go_with_their_records(store):
    keys = [f"{number:064x}"[::-1] for number in range(KEPT + 2)]
    for key in keys:
        (store.logs / f"{key[:16]}.log").write_text("")
        store.put(key, Judged("fail"), LIMITS, ["load", "a"])
    (store.logs / "install-tf2.21.log").write_text("")
    store.close()
    left = {f"{key[:16]}.log" for key in keys[-KEPT:]} | {"install-tf2.21.log"}
    assert {path.name for path in store.logs.iterdir()} == left


def test_what_a_killed_run_left_in_the_hidden_place_goes(store):
    store.close()
    (store.work / "step-1").mkdir(parents=True)
    (store.directory.unfinished / ".matrix.csv.1.tmp").write_text("half")
    store.open()
    assert not list(store.work.iterdir())
    assert not list(store.directory.unfinished.iterdir())

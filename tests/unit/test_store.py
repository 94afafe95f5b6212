"""Records are appended whole; torn lines and impossible directories are survived."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.store import Store, locked, read_records

PASS = {"status": "pass"}


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path)
    store.open()
    yield store
    store.close()


def reopened(store):
    store.close()
    again = Store(store.results)
    again.open()
    again.close()
    return again


def test_what_is_put_is_known_after(store):
    store.put("a", PASS)
    assert reopened(store).records == {"a": PASS}


def test_the_last_record_of_a_key_holds(store):
    store.put("a", {"status": "fail"})
    store.put("a", PASS)
    assert reopened(store).records == {"a": PASS}


@given(st.integers(min_value=1, max_value=40))
def test_a_torn_last_line_costs_only_itself(tmp_path_factory, torn):
    results = tmp_path_factory.mktemp("results")
    store = Store(results)
    store.open()
    store.put("a", PASS)
    store.put("b", {"status": "fail", "reason": "x" * 40})
    store.close()
    file = results / "records.jsonl"
    os.truncate(file, file.stat().st_size - torn)
    again = Store(results)
    again.open()
    assert "a" in again.records
    again.put("c", PASS)
    again.close()
    known = dict(read_records(file))
    assert known["a"] == PASS
    assert known["c"] == PASS


def test_not_run_is_never_known(store):
    store.put("a", {"status": "not-run"})
    assert store.known_load("a", 120) is None


def test_a_timeout_is_known_only_for_as_much_time(store):
    store.put("a", {"status": "timeout", "limit": 60})
    assert store.known_load("a", 60)
    assert store.known_load("a", 120) is None


def test_a_save_without_its_artifact_is_not_known(store):
    store.put("a", PASS)
    assert store.known_save("a", 60) is None
    store.artifact("a").mkdir()
    assert store.known_save("a", 60)


def test_a_second_run_in_one_directory_is_refused(tmp_path):
    with locked(tmp_path), pytest.raises(UserError, match="Another run"), locked(tmp_path):
        pass


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(UserError, match="cannot be written"), locked(tmp_path / "results"):
        pass


def test_lines_are_json(store):
    store.put("a", PASS | {"reason": "two\nlines"})
    assert json.loads((store.results / "records.jsonl").read_text())["reason"] == "two\nlines"

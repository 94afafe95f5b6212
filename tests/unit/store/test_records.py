"""A record is found by its key, whatever else stands in the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.records import Records
from tests.unit.store.test_journal import JSON


@pytest.fixture
def file(tmp_path):
    return tmp_path / "records.jsonl"


def put(file, *judgements):
    records = Records(file)
    for key, judged in judgements:
        records.put(key, judged)
    records.close()


def known(file, *keys):
    records = Records(file)
    found = [records.get(key) for key in keys]
    records.close()
    return [one and one.status for one in found]


RECORDS = st.dictionaries(st.sampled_from(["key", "seconds", "a"]) | st.text(), JSON, max_size=4)


KEYS = st.text("0123456789abcdef", min_size=1)


@given(st.lists(st.tuples(KEYS, RECORDS), max_size=6))
def test_what_is_put_is_read_back_whole_and_the_last_of_a_key_holds(tmp_path_factory, given_):
    file = tmp_path_factory.mktemp("records") / "r"
    wanted = {key: {"inner": inner, "status": "fail"} for key, inner in given_}
    put(file, *((key, Judged("fail", {"inner": inner})) for key, inner in given_))
    records = Records(file)
    found = {key: records.get(key) for key in wanted}
    records.close()
    assert {key: one and one.record for key, one in found.items()} == wanted


def test_a_member_of_an_object_within_is_not_taken_for_the_key(file):
    put(file, ("a", Judged("pass", {"feeds": {"key": "b"}, "message": '"key": "c"'})))
    assert known(file, "a", "b", "c") == ["pass", None, None]


def test_what_is_put_is_known_at_once_and_after_closing(file):
    records = Records(file)
    records.put("a", Judged("pass"))
    assert records.get("a") == Judged("pass")
    records.close()
    records.close()
    assert records.get("a") == Judged("pass")
    assert records.get("b") is None


@pytest.mark.parametrize(
    "line",
    [
        '{"key": "b", "status": "not-run"}',
        '{"key": "b", "status": "no such status"}',
        '{"key": "b"}',
        '{"status": "pass"}',
        '{"key": ["b"], "status": "pass"}',
        '"b"',
        "null",
        '{"key": "b", "status": "pass", "message": "}',
        "[" * 100_000 + '"key": "b"}',
        "\x00" * 4096,
    ],
)
def test_a_line_that_is_no_judgement_is_not_known(file, line):
    put(file, ("a", Judged("pass")))
    with file.open("a") as more:
        more.write(line + "\n")
    put(file, ("c", Judged("crash")))
    assert known(file, "a", "b", "c") == ["pass", None, "crash"]


def test_a_line_that_was_torn_leaves_the_one_before(file):
    put(file, ("a", Judged("pass")), ("a", Judged("fail", {"message": "x" * 100})))
    with file.open("rb+") as torn:
        torn.truncate(file.stat().st_size - 30)
    assert known(file, "a") == ["pass"]

"""What artifacts say is remembered as long as the code that read them is the same."""

import pytest

from savedmodel_matrix.store.told import FILE, read_told, write_told

TOLD = {"a": {"libtensorflow": {"verdict": "runs"}}, "b": {}}


def test_it_comes_back_and_what_is_not_there_any_more_is_forgotten(tmp_path):
    write_told(tmp_path, "code", TOLD, ["a", "gone"])
    assert read_told(tmp_path, "code") == {"a": TOLD["a"]}


def test_what_other_code_found_is_forgotten(tmp_path):
    write_told(tmp_path, "code", TOLD, TOLD)
    assert read_told(tmp_path, "other") == {}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'"text"', b'{"code": "code"}', b"\xff"])
def test_what_is_damaged_is_nothing(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    assert read_told(tmp_path, "code") == {}

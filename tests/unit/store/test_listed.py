"""A directory is replaced only if everything in it is on its list."""

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.listed import LIST, check_replaceable, is_begun, listed


def write(directory, *places, theirs=()):
    for place in (*places, *theirs):
        (directory / place).parent.mkdir(parents=True, exist_ok=True)
        (directory / place).write_text(place)
    (directory / LIST).write_bytes(listed(places))


def test_what_was_listed_may_be_replaced(tmp_path):
    write(tmp_path, "index.html", "data/ä/x.csv")
    check_replaceable(tmp_path)
    (tmp_path / "index.html").unlink()
    check_replaceable(tmp_path)
    assert is_begun(tmp_path)


def test_what_is_not_there_or_empty_may_be_written(tmp_path):
    check_replaceable(tmp_path)
    check_replaceable(tmp_path / "new")
    assert not is_begun(tmp_path)


@pytest.mark.parametrize("theirs", ["CNAME", "data/mine.csv", ".savedmodel-matrix2"])
def test_a_file_that_was_added_is_named(tmp_path, theirs):
    write(tmp_path, "index.html", "data/run.json", theirs=[theirs])
    with pytest.raises(UserError, match=theirs) as refused:
        check_replaceable(tmp_path)
    assert "move it away" in str(refused.value)


@pytest.mark.parametrize("text", [None, "", "index.html\n", "\xff"])
def test_without_a_list_nothing_may_be_replaced(tmp_path, text):
    write(tmp_path, "index.html")
    (tmp_path / LIST).unlink()
    if text is not None:
        (tmp_path / LIST).write_text(text, encoding="latin-1")
    with pytest.raises(UserError):
        check_replaceable(tmp_path)


def test_links_are_not_followed(tmp_path):
    write(tmp_path / "ours", "index.html")
    (tmp_path / "link").symlink_to("ours")
    with pytest.raises(UserError, match="link"):
        check_replaceable(tmp_path / "link")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours" / "data").symlink_to(tmp_path / "theirs")
    with pytest.raises(UserError, match="data"):
        check_replaceable(tmp_path / "ours")

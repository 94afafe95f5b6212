"""The files that a case declares."""

import pytest

from savedmodel_matrix.workspace.catalogue import read_case

REST = "\nimport numpy\ninputs = {'x': 1}\ndef build(): ...\n"


def case(tmp_path, line):
    path = tmp_path / "case.py"
    path.write_text(line + REST)
    return read_case(path)


@pytest.mark.parametrize("form", ["files = {}", "files: list[str] = {}"])
def test_declared_files_are_read_without_running_the_case(tmp_path, form):
    (tmp_path / "vocab.txt").touch()
    found = case(tmp_path, form.format('["vocab.txt", "."]'))
    assert found.files == ("vocab.txt", ".")
    assert not found.complaint


def test_no_case_has_to_declare_any(tmp_path):
    assert case(tmp_path, "other = 1").files == ()
    assert not case(tmp_path, "def f():\n    files = 1").complaint


@pytest.mark.parametrize("value", ['"vocab.txt"', "[1]", "glob('*.txt')", "{'a': 1}"])
def test_anything_but_a_list_of_paths_is_named_with_its_line(tmp_path, value):
    found = case(tmp_path, f"'''A title.'''\nfiles = {value}")
    assert found.complaint == (
        f'{tmp_path}/case.py:2: files must be a list of paths in quotes, such as ["vocab.txt"]'
    )
    assert found.files == ()


def test_a_file_that_is_not_there_is_named(tmp_path):
    found = case(tmp_path, 'files = ["vocab.txt"]')
    assert found.complaint.startswith(
        f"{tmp_path}/case.py:1: files names 'vocab.txt', which is not"
    )
    assert found.files == ("vocab.txt",)  # it may come

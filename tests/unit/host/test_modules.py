"""Plugins as modules: what they may import from beside themselves, and what they must not hide."""

import sys

import pytest

from savedmodel_matrix.host.modules import load_plain


def write(directory, **files):
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text)


@pytest.mark.parametrize("line", ["from . import _helper", "from ._helper import word as found"])
def test_a_plugin_imports_what_is_beside_it(tmp_path, line):
    write(tmp_path, mine=f"{line}\n", _helper="word = 'beside'\n")
    module = load_plain(tmp_path / "mine.py")
    assert getattr(module, "found", "") or module._helper.word == "beside"


def test_helpers_of_one_name_in_two_directories_are_two(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, mine="from ._helper import word\n", _helper=f"word = {name!r}\n")
    found = [load_plain(tmp_path / name / "mine.py").word for name in ("one", "two", "one")]
    assert found == ["one", "two", "one"]


def test_a_loader_named_like_a_package_does_not_hide_it(tmp_path):
    write(tmp_path, json="import json\n\nloaded = json.loads('[1]')\n")
    before = list(sys.path)
    assert load_plain(tmp_path / "json.py").loaded == [1]
    assert sys.path == before

"""What is gone or cut short in an environment is found; what is whole, or written again, is not."""

import shutil

import pytest

from savedmodel_matrix.environments.integrity import damage, distributions, site_packages

RECORD = """keras/__init__.py,sha256=abc,6
"keras/a, b.py",sha256=abc,4
../../../bin/tool,sha256=abc,3
keras/__pycache__/__init__.cpython-311.pyc,,
keras/unsized.py,,
keras-3.15.1.dist-info/RECORD,,
"""


@pytest.fixture
def venv(tmp_path):
    place = tmp_path / "lib" / "python3.11" / "site-packages"
    (place / "keras-3.15.1.dist-info").mkdir(parents=True)
    (place / "keras-3.15.1.dist-info" / "RECORD").write_text(RECORD)
    (place / "keras").mkdir()
    (place / "keras" / "__init__.py").write_text("x = 1\n")
    (place / "keras" / "a, b.py").write_text("1234")
    (place / "keras" / "unsized.py").write_text("whatever")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").write_text("abc")
    return tmp_path


def test_what_is_whole_is_whole(venv):
    assert damage(venv) == ""
    assert distributions(venv) == ["keras-3.15.1.dist-info"]


@pytest.mark.parametrize("file", ["keras/__init__.py", "keras/a, b.py", "keras/unsized.py"])
def test_a_file_that_is_gone(venv, file):
    (venv / "lib/python3.11/site-packages" / file).unlink()
    assert damage(venv) == f"{file} is missing"


def test_a_file_that_is_cut_short(venv):
    (venv / "bin" / "tool").write_text("a")
    assert damage(venv) == "../../../bin/tool has 1 bytes instead of 3"


def test_a_record_that_is_gone(venv):
    (venv / "lib/python3.11/site-packages/keras-3.15.1.dist-info/RECORD").unlink()
    assert damage(venv) == "keras-3.15.1.dist-info/RECORD cannot be read"


def test_what_is_over_another_environment_is_looked_over_too(venv):
    (venv / "lib/python3.11/site-packages").rename(venv / "packages")
    shutil.rmtree(venv / "lib")
    (venv / "packages/keras-3.15.1.dist-info/RECORD").write_text("keras/unsized.py,,9\n")
    assert site_packages(venv) == [venv / "packages"]
    assert distributions(venv) == ["keras-3.15.1.dist-info"]
    assert damage(venv) == "keras/unsized.py has 8 bytes instead of 9"


def test_a_directory_that_is_no_venv_has_nothing_to_lose(tmp_path):
    assert damage(tmp_path) == ""
    assert distributions(tmp_path / "nowhere") == []

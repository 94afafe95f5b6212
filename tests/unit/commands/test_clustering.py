"""`matrix --dask`: what is refused before anything is written, each in one sentence."""

import sys
import tarfile

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands import clustering
from savedmodel_matrix.commands.cli import main


def matrix(*arguments):
    return CliRunner().invoke(main, ["matrix", *arguments])


def refused(tmp_path, *arguments):
    result = matrix(*arguments, "--results", str(tmp_path / "r"))
    assert result.exit_code == 2
    assert not (tmp_path / "r").exists()
    assert result.stderr.startswith("savedmodel-matrix: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_without_the_extra_both_ways_to_install_it_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(clustering, "find_spec", lambda _: None)
    said = refused(tmp_path, "--dask", "tcp://127.0.0.1:1")
    assert f'`{sys.executable} -m uv pip install "distributed>=2024.8"`' in said
    assert 'pip install "savedmodel-matrix[dask]"' in said


@pytest.mark.parametrize(
    "option", [("--dask-storage", "s3://bucket"), ("--dask-seconds", "30")], ids=str
)
def test_what_goes_with_dask_goes_with_nothing_else(tmp_path, option):
    assert f"{option[0]} goes with --dask ADDRESS" in refused(tmp_path, *option)


def test_an_old_tarfile_is_not_trusted_with_what_comes_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(clustering, "find_spec", lambda _: True)
    monkeypatch.delattr(tarfile, "tar_filter", raising=False)
    assert "needs Python 3.11.4 or newer" in refused(tmp_path, "--dask", "tcp://127.0.0.1:1")


def test_the_help_says_what_it_takes():
    said = " ".join(matrix("--help").output.split())
    assert "--dask ADDRESS Run on the workers of this Dask scheduler" in said
    assert "Needs the extra `dask`, here and there." in said

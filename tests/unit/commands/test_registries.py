"""The table of op registries: one file, the same bytes for the same libraries."""

import gzip
import json
from types import SimpleNamespace
from typing import Any

import pytest

from savedmodel_matrix.commands import registries
from savedmodel_matrix.environments.installer import InstallerFailed
from savedmodel_matrix.environments.op_libraries import RELEASES, Registered
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.protowire import delimited
from savedmodel_matrix.savedmodel.registry import TABLE, Registry, registry


def test_the_table_that_ships_is_what_the_command_writes_and_small():
    data = TABLE.read_bytes()
    assert len(data) < 400_000
    assert registries.packed(json.loads(gzip.decompress(data))) == data
    assert [release.version for release in registry().releases] == list(RELEASES)


@pytest.fixture
def table(tmp_path, monkeypatch):
    file = tmp_path / "table.json.gz"
    monkeypatch.setattr(registries, "TABLE", file)
    monkeypatch.setattr(registries, "find_uv", lambda: tmp_path / "uv")

    class Results:
        logs = tmp_path / "logs"

        def claim(self):
            return None

    monkeypatch.setattr(registries, "of_project", lambda results: Results())
    return file


PROJECT: Any = SimpleNamespace(results=None)


def test_every_release_is_read_in_order(table, monkeypatch, tmp_path):
    op = b"".join(delimited(1, delimited(1, [b"MyOp"])))

    async def read(release, uv, log, kept):
        assert kept == tmp_path
        said = {"version": release, "file": "f", "sha256": "0" * 64, "stablehlo": [None, None]}
        return Registered(said, op, b"")

    monkeypatch.setattr(registries, "read_release", read)
    assert registries.run_registries(PROJECT, tmp_path) == 0
    found: Any = Registry(json.loads(gzip.decompress(table.read_bytes())))
    assert [release.version for release in found.releases] == list(RELEASES)
    assert found.op("MyOp").known == found.all


def test_a_library_that_cannot_be_read_leaves_the_table_as_it_was(table, monkeypatch):
    async def read(release, uv, log, kept):
        raise InstallerFailed("no network")

    monkeypatch.setattr(registries, "read_release", read)
    with pytest.raises(UserError, match=r"TensorFlow 2\.4\.4 cannot be read: no network"):
        registries.run_registries(PROJECT, None)
    assert not table.exists()

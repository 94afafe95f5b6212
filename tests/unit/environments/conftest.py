"""An environment that is not there yet, and a stand-in for uv that fills it."""

import sys
from pathlib import Path

import pytest

from savedmodel_matrix.model.environment import Environment
from tests.unit.fake_uv import FAKE_UV, LOCK


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    lock = tmp_path / "locks" / "tf2.21.txt"
    lock.parent.mkdir()
    lock.write_text(LOCK)
    return Environment(
        name="tf2.21",
        python="3.11",
        tensorflow="2.21.0",
        tf_keras="2.21.0",
        lock=lock,
        directory=tmp_path / ".nox" / "environments" / "tf2.21",
    )


@pytest.fixture
def uv(tmp_path: Path) -> Path:
    program = tmp_path / "fake" / "uv"
    program.parent.mkdir()
    program.write_text(FAKE_UV.format(python=sys.executable))
    program.chmod(0o755)
    (program.parent / "interpreter").write_text("stands for a Python")
    return program

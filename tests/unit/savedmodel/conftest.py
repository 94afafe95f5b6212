"""Real artifacts that a test may damage."""

import shutil
from pathlib import Path

import pytest

from tests.unit.savedmodel.graphs import ARTIFACTS


@pytest.fixture
def copy_of(tmp_path):
    """Return a function that copies an artifact to where it may be damaged."""

    def copy(name):
        return Path(shutil.copytree(ARTIFACTS / name, tmp_path / name))

    return copy

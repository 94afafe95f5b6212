"""A against A on real TensorFlow: cells that agree, and one that is flaky by its nature."""

import json
import subprocess
import sys

import pytest

from tests.integration.test_matrix import PLAINLY, ROOT

FLAKY = '''
"""A case that fails in another way each time."""
import time
import numpy as np

inputs = {"x": np.ones(3, "float32")}


def build():
    raise ValueError("".join(chr(97 + int(digit)) for digit in str(time.time_ns())))
'''


def selfcheck(results, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "selfcheck", "--results", str(results)]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="session")
def small(environment):
    return ("--environment", environment.name, "--remedy", "as-written", *PLAINLY)


def test_cells_that_come_out_the_same_twice_agree(small, tmp_path):
    done = selfcheck(tmp_path, *small, "--case", "module_dense")
    assert done.returncode == 0, done.stderr
    assert "Two runs agree in each of 3 cells." in done.stdout
    kept = json.loads((tmp_path / "selfcheck.json").read_text())
    assert (kept["cells"], kept["flaky"]) == (3, [])
    first, second = ((tmp_path / run / "matrix.csv").read_bytes() for run in ("first", "second"))
    assert first == second


def test_a_cell_that_does_not_agree_is_named_and_not_run_until_it_does(small, tmp_path):
    cases = tmp_path / "cases"
    cases.mkdir()
    (cases / "clock.py").write_text(FLAKY.lstrip())
    arguments = (*small, "--cases", str(cases), "--case", "clock")
    results = tmp_path / "results"
    done = selfcheck(results, *arguments)
    assert done.returncode == 1, done.stderr
    kept = json.loads((results / "selfcheck.json").read_text())
    assert [one["case"] for one in kept["flaky"]] == ["clock"] * 3
    assert "3 of 3 cells are flaky" in done.stdout
    assert "✗ fail build, but not in the same way" in done.stdout
    again = selfcheck(results, *arguments)  # what ran once is known, and stays as it was
    assert again.stdout == done.stdout


def test_a_part_is_not_published(small, tmp_path):
    before = (ROOT / "results" / "accepted").stat().st_mtime_ns
    done = selfcheck(tmp_path, *small, "--case", "module_dense", "--accept")
    assert done.returncode == 2
    assert "Only a full selfcheck" in done.stderr
    assert (ROOT / "results" / "accepted").stat().st_mtime_ns == before

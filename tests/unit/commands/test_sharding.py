"""`matrix --shard I/N`: what is refused, what a part says, and what it leaves for merging."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands import sharding
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.commands.job import ONE_PART
from savedmodel_matrix.commands.selection import SELECTING, select
from savedmodel_matrix.workspace.project import find_project

PROJECT = find_project(Path(__file__))
NOTHING: dict[str, Any] = dict.fromkeys(SELECTING, ()) | {"cross": False, "all": False}
ONE_SAVE = (
    *("--case", "module_dense", "--remedy", "as-written", "--environment", "tf2.21"),
    *("--loader", "libtensorflow"),
)


def matrix(*arguments):
    return CliRunner().invoke(main, ["matrix", *arguments])


def test_a_part_is_never_accepted(tmp_path):
    result = matrix("--shard", "1/3", "--accept", "--results", str(tmp_path / "r"))
    assert (result.exit_code, result.stderr) == (2, f"savedmodel-matrix: {ONE_PART}\n")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("stated", ["0/3", "4/3", "x"])
def test_what_is_no_part_is_one_sentence_and_nothing_is_written(stated, tmp_path):
    result = matrix("--shard", stated, "--results", str(tmp_path / "r"))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"savedmodel-matrix: --shard '{stated}'")
    assert result.stderr.count("\n") == 1
    assert "such as --shard 2/3" in result.stderr
    assert not (tmp_path / "r").exists()


def test_a_part_without_cells_says_so_and_can_be_merged(tmp_path):
    """One save is one part; the others have nothing to run, and need no environment."""
    parts = {}
    options = NOTHING | {
        "case": ["module_dense"],
        "remedy": ["as-written"],
        "environment": ["tf2.21"],
    }
    cells = select(PROJECT, options | {"loader": ["libtensorflow"]}).cells
    for part in (1, 2, 3):
        shared: Any = sharding.share(PROJECT, cells, f"{part}/3", full=False)
        parts[part] = len(shared.cells)
    assert sorted(parts.values()) == [0, 0, 1]
    empty = next(part for part, number in parts.items() if not number)
    result = matrix(*ONE_SAVE, "--shard", f"{empty}/3", "--results", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert f"Part {empty} of 3: 0 of 1 cells" in result.stdout
    assert "savedmodel-matrix merge" in result.stdout
    stated = json.loads((tmp_path / "run.json").read_text())
    assert (stated["shard"]["parts"], stated["shard"]["of"]) == ([empty], 3)
    assert (stated["shard"]["cells"], stated["full"]) == (1, False)
    assert (tmp_path / "matrix.csv").read_text().count("\n") == 1
    again = matrix(*ONE_SAVE, "--shard", f"{empty}/3", "--results", str(tmp_path))
    assert again.stdout == result.stdout


def test_parts_of_one_plan_say_so_and_those_of_another_do_not():
    cells = select(PROJECT, NOTHING | {"case": ["module_dense"]}).cells
    parts: list[Any] = [sharding.share(PROJECT, cells, one, full=True) for one in ("1/2", "2/2")]
    stated = [one.stated["shard"] for one in parts]
    assert stated[0]["plan"] == stated[1]["plan"]
    assert stated[0]["full"] is True
    other: Any = sharding.share(PROJECT, cells[1:], "1/2", full=True)
    assert other.stated["shard"]["plan"] != stated[0]["plan"]
    assert sharding.share(PROJECT, cells, "", full=True) is None

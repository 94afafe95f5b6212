"""A matrix in three parts on real TensorFlow, merged, against the same in one run."""

import json
import subprocess
import sys

from savedmodel_matrix.commands.maintenance import run_install
from tests.integration.conftest import PROJECT, ROOT

SELECTED = (
    *("--case", "module_dense", "--environment", "tf2.21"),
    *("--remedy", "as-written", "--remedy", "resave", "--remedy", "track-tf-variables"),
    *("--loader", "libtensorflow"),
)
# What two runs of one cell may differ in (docs/scale.md): clocks, the bytes of an artifact, and which
# of the variables that cannot be found an error names.
VARYING = ("seconds", "artifact", "artifact_hash", "artifact_bytes", "message", "traceback")


def call(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "savedmodel_matrix", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cells_of(place):
    cells = [json.loads(line) for line in (place / "cells.jsonl").read_text().splitlines()]
    return [{name: cell[name] for name in cell.keys() - set(VARYING)} for cell in cells]


def test_three_parts_merged_are_the_whole(tmp_path):
    assert run_install(PROJECT, ["tf2.21"]) == 0
    parts = [tmp_path / f"part-{number}" for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        said = call("matrix", *SELECTED, "--shard", f"{number}/3", "--results", part)
        assert f"Part {number} of 3: 1 of 3 cells" in said
    whole, merged = tmp_path / "whole", tmp_path / "merged"
    call("matrix", *SELECTED, "--results", whole)
    call("merge", *parts, "--into", merged)
    assert (merged / "matrix.csv").read_bytes() == (whole / "matrix.csv").read_bytes()
    assert cells_of(merged) == cells_of(whole)
    before = (merged / "cells.jsonl").read_bytes()
    assert "Nothing to run: all 3 cells were known already." in call(
        "matrix", *SELECTED, "--results", merged
    )
    assert (merged / "cells.jsonl").read_bytes() == before

"""A matrix in three parts, in three clones, merged, against the same in one run.

What runs are the steps of `.github/workflows/sharded.yml`, with bash, as the CI service runs them:
only what installs programs and what carries files between machines is done by the test.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from savedmodel_matrix.commands.maintenance import run_install
from tests.integration.conftest import PROJECT, ROOT

SELECTED = (
    "--case module_dense --environment tf2.21 --remedy as-written --remedy resave "
    "--remedy track-tf-variables --loader libtensorflow"
)
SHARDS = "3"
# What two runs of one cell may differ in (docs/scale.md): clocks, the bytes of an artifact, and which
# of the variables that cannot be found an error names.
VARYING = ("seconds", "artifact", "artifact_hash", "artifact_bytes", "message", "traceback")
JOBS = yaml.safe_load((ROOT / ".github" / "workflows" / "sharded.yml").read_text())["jobs"]
# Programs that the steps call, for this Python and the clone that a step runs in.
PROGRAMS = {
    "savedmodel-matrix": 'exec {python} -m savedmodel_matrix "$@"',
    "nox": '[ "$1 $3" = "-s --" ] && exec {python} -m savedmodel_matrix "$2" "${{@:4}}"',
}


@pytest.fixture
def programs(tmp_path):
    directory = tmp_path / "bin"
    directory.mkdir()
    for name, text in PROGRAMS.items():
        file = directory / name
        file.write_text(f"#!/bin/bash\n{text.format(python=shlex.quote(sys.executable))}\n")
        file.chmod(0o755)
    return directory


@pytest.fixture
def clones(tmp_path):
    """Return three clones of what is committed here, with the environments of this checkout."""
    assert run_install(PROJECT, ["tf2.21"]) == 0
    made = [tmp_path / f"clone-{number}" for number in (1, 2, 3)]
    for clone in made:
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        (clone / ".nox").mkdir()
        (clone / ".nox" / "environments").symlink_to((ROOT / ".nox" / "environments").resolve())
    return made


class Runner:
    """Runs the steps of a job in a clone; what it puts out is kept by job."""

    def __init__(self, programs):
        self._programs = programs

    def run(self, job, clone, **variables):
        """Return what the steps of a job print, and what they put out for other jobs."""
        files = {name: clone / f".git/{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        said = ""
        for step in JOBS[job]["steps"]:
            if "run" in step and "pip install" not in step["run"]:
                said += self.shell(step["run"], clone, **files, **variables)
        put = files["GITHUB_OUTPUT"]
        lines = put.read_text().splitlines() if put.exists() else []
        return said, dict(line.split("=", 1) for line in lines)

    def shell(self, script, clone, **variables):
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=clone,
            env={
                **{name: value for name, value in os.environ.items() if "GITHUB_" not in name},
                "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(clone / "src"),
                **{name: str(value) for name, value in variables.items()},
            },
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


def test_three_parts_of_three_clones_merged_are_the_whole(clones, programs):
    ci, merging = Runner(programs), clones[-1]
    _, put = ci.run("parts", merging, SHARDS=SHARDS)
    numbers = json.loads(put["numbers"])
    assert numbers == [1, 2, 3]
    (merging / "packed").mkdir()
    for number, clone in zip(numbers, clones, strict=True):
        said, _ = ci.run("part", clone, PART=number, SHARDS=SHARDS, SELECT=SELECTED)
        assert f"Part {number} of 3: 1 of 3 cells" in said
        shutil.move(clone / f"part-{number}.tar.zst", merging / "packed")
    _, put = ci.run("merge", merging)
    assert put["status"] == "0"
    assert (merging / "comparison.md").read_text()
    merged, whole = merging / "merged", clones[0] / "whole"
    assert (merged / "report" / "index.html").is_file()
    ci.shell(f"savedmodel-matrix matrix {SELECTED} --results whole", clones[0])
    assert (merged / "matrix.csv").read_bytes() == (whole / "matrix.csv").read_bytes()
    assert cells_of(merged) == cells_of(whole)
    before = (merged / "cells.jsonl").read_bytes()
    again = ci.shell(f"savedmodel-matrix matrix {SELECTED} --results merged", merging)
    assert "Nothing to run: all 3 cells were known already." in again
    assert (merged / "cells.jsonl").read_bytes() == before

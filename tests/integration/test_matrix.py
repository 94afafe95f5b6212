"""The whole command on real TensorFlow: outcomes, agreement with plain scripts, damage control."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import drawn_by
from tests.integration import plain
from tests.integration.conftest import turn_of

ROOT = Path(__file__).parents[2]
# The ways of saving and loading that plain.py knows; test_loaders.py is about the others.
LOADERS = ("saved_model_cli", "libtensorflow", "tf.saved_model.load")
PLAINLY = tuple(word for name in LOADERS for word in ("--loader", name))
ORIGIN = ("--case", "module_dense", *PLAINLY)


def matrix(results, *arguments):
    command = [sys.executable, "-m", "savedmodel_matrix", "matrix", "--results", str(results)]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=900
    )


def rows(results):
    with (results / "matrix.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def outcomes(results):
    keys = ("case", "remedy", "producer", "loader")
    return {tuple(r[k] for k in keys): (r["status"], r["stage"]) for r in rows(results)}


@pytest.fixture(scope="session")
def origin(environment, tmp_path_factory):
    """Run module_dense in one environment, once, for all that look at it."""
    results = tmp_path_factory.mktemp(f"origin-{environment.name}")
    done = matrix(results, *ORIGIN, "--environment", environment.name)
    return environment, results, done


def test_the_origin_shows_what_the_issue_reports(origin):
    environment, results, done = origin
    assert done.returncode in (0, 1), done.stderr
    keras3 = environment.name != "tf2.15"
    for (_, remedy, _, loader), (status, stage) in outcomes(results).items():
        lost = remedy in ("as-written", "track-keras-variables") and loader != "tf.saved_model.load"
        assert (status, stage) == (("fail", "run") if keras3 and lost else ("pass", "values"))


def test_again_computes_nothing_and_gives_the_same_bytes(origin):
    environment, results, _ = origin
    before = (results / "matrix.csv").read_bytes()
    done = matrix(results, *ORIGIN, "--environment", environment.name)
    assert "Nothing to run" in done.stdout
    assert (results / "matrix.csv").read_bytes() == before


def test_fresh_gives_the_same_bytes_although_another_variable_is_named(origin):
    environment, results, _ = origin
    before = (results / "matrix.csv").read_bytes()
    arguments = (*ORIGIN, "--environment", environment.name, "--fresh")
    assert "Ran 27 of 27" in matrix(results, *arguments).stdout
    assert (results / "matrix.csv").read_bytes() == before


def test_cells_jsonl_holds_the_same_cells_whole(origin):
    _, results, _ = origin
    cells = [json.loads(line) for line in (results / "cells.jsonl").read_text().splitlines()]
    assert len(cells) == len(rows(results)) == 27
    for cell in cells:
        assert cell["versions"]["producer"]["keras"]
        assert cell["seconds"]["save"] > 0
        assert (results / cell["log"]).is_file() or not cell["log"]


def test_a_process_per_step_gives_the_same_table(origin, tmp_path, request):
    """Each commit draws every third remedy: three minutes of a core less than with all of them."""
    environment, results, _ = origin
    remedies = sorted({row["remedy"] for row in rows(results)})
    drawn = remedies[turn_of(drawn_by(request.config)) % 3 :: 3]
    chosen = [word for name in drawn for word in ("--remedy", name)]
    arguments = (*ORIGIN, *chosen, "--environment", environment.name)
    matrix(tmp_path, *arguments, "--process-per-step")
    header, *lines = (results / "matrix.csv").read_text().splitlines()
    place = header.split(",").index("remedy")
    kept = [line for line in lines if line.split(",")[place] in drawn]
    assert len(kept) == 3 * len(drawn)
    assert (tmp_path / "matrix.csv").read_text().splitlines() == [header, *kept]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("remedy", ["as-written", "resave"])
def test_plain_scripts_agree(origin, remedy, loader):
    environment, results, _ = origin
    said = plain.outcome(
        case=str(ROOT / "cases" / "module_dense.py"),
        remedy=remedy,
        producer=str(environment.python),
        consumer=str(environment.python),
        loader=loader,
    )
    ours = outcomes(results)["module_dense", remedy, environment.name, loader]
    assert (said["status"], said["stage"]) == ours


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--case", "modul_dense"), "did you mean 'module_dense'?"),
        (("--environment", "tf2.51"), "did you mean 'tf2."),
        (("--remedy", "resafe"), "did you mean 'resave'?"),
        (("--loader", "saved_model_clj"), "did you mean 'saved_model_cli'?"),
        (("--cases", "/nowhere"), "/nowhere is not a directory"),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path, arguments, sentence):
    done = matrix(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

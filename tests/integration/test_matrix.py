"""The whole command on real TensorFlow: outcomes, agreement with plain scripts, damage control."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration import plain

ROOT = Path(__file__).parents[2]
HEAD = '"""Title."""\nimport numpy as np\nimport tensorflow as tf\n'
SIMPLE = (
    HEAD
    + 'inputs = {"x": np.ones((2, 3), "float32")}\n'
    + "class M(tf.Module):\n"
    + "    def __init__(self):\n"
    + "        self.w = tf.Variable(2.0)\n"
    + "    @tf.function(input_signature=[tf.TensorSpec([None, 3])])\n"
    + "    def f(self, x):\n"
    + "        return {'y': x * self.w}\n"
    + "def build():\n"
    + "    {before}\n"
    + "    return M()\n"
)


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
    done = matrix(results, "--case", "module_dense", "--environment", environment.name)
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
    done = matrix(results, "--case", "module_dense", "--environment", environment.name)
    assert "Nothing to run" in done.stdout
    assert (results / "matrix.csv").read_bytes() == before


def test_fresh_gives_the_same_bytes_although_another_variable_is_named(origin):
    environment, results, _ = origin
    before = (results / "matrix.csv").read_bytes()
    arguments = ("--case", "module_dense", "--environment", environment.name, "--fresh")
    assert "Ran 21 of 21" in matrix(results, *arguments).stdout
    assert (results / "matrix.csv").read_bytes() == before


def test_cells_jsonl_holds_the_same_cells_whole(origin):
    _, results, _ = origin
    cells = [json.loads(line) for line in (results / "cells.jsonl").read_text().splitlines()]
    assert len(cells) == len(rows(results)) == 21
    for cell in cells:
        assert cell["versions"]["producer"]["keras"]
        assert cell["seconds"]["save"] > 0
        assert (results / cell["log"]).is_file() or not cell["log"]


def test_a_process_per_step_gives_the_same_table(origin, tmp_path):
    environment, results, _ = origin
    arguments = ("--case", "module_dense", "--environment", environment.name)
    matrix(tmp_path, *arguments, "--process-per-step")
    assert (tmp_path / "matrix.csv").read_bytes() == (results / "matrix.csv").read_bytes()


@pytest.mark.parametrize("loader", ["saved_model_cli", "libtensorflow", "tf.saved_model.load"])
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


HOSTILE = {
    "segfault": ("import ctypes; ctypes.string_at(0)", "crash", "build"),
    "abort": ("import os; os.abort()", "crash", "build"),
    "exit_early": ("import os; os._exit(0)", "fail", "build"),
    "sys_exit": ("raise SystemExit(0)", "fail", "build"),
    "interrupt": ("raise KeyboardInterrupt", "fail", "build"),
    "raises": ("raise ValueError('no such thing')", "fail", "build"),
    "hang": (
        "import time, signal; signal.signal(15, signal.SIG_IGN); time.sleep(999)",
        "timeout",
        "build",
    ),
    "memory": ("b = [bytearray(1 << 30) for _ in range(64)]", "fail", "build"),
    "forks": ("import os, time; os.fork() or time.sleep(999)", "pass", "values"),
    "flood": ("import sys; [sys.stdout.write('x' * 1000000) for _ in range(50)]", "pass", "values"),
    "protocol": ("import os; [os.write(f, b'{\"id\": 1}\\n') for f in (1, 2)]", "pass", "values"),
    "closes": ("import os; os.closerange(0, 64)", "pass", "values"),
    "fine": ("pass", "pass", "values"),
}


def test_a_hostile_case_costs_its_own_cells_only(tmp_path):
    cases = tmp_path / "cases"
    cases.mkdir()
    for name, (before, _, _) in HOSTILE.items():
        (cases / f"{name}.py").write_text(SIMPLE.replace("{before}", before))
    (cases / "syntax.py").write_text("def build(:\n")
    (cases / "no_inputs.py").write_text("def build():\n    return None\n")
    results = tmp_path / "results"
    chosen = [word for name in (*HOSTILE, "syntax", "no_inputs") for word in ("--case", name)]
    done = matrix(
        results,
        *("--cases", str(cases), "--environment", "tf2.21", "--remedy", "as-written"),
        *("--loader", "tf.saved_model.load", "--timeout", "10", *chosen),
    )
    assert done.returncode == 0, done.stderr
    expected = {name: (status, stage) for name, (_, status, stage) in HOSTILE.items()}
    expected |= {"syntax": ("fail", "build"), "no_inputs": ("fail", "build")}
    assert {key[0]: outcome for key, outcome in outcomes(results).items()} == expected
    assert "syntax.py:1: SyntaxError" in done.stderr
    assert "raises.py:12: no such thing" in done.stdout
    assert not (results / "work").exists()
    left = subprocess.run(["pgrep", "-f", "bootstrap.py serve"], capture_output=True, check=False)
    assert str(tmp_path) not in left.stdout.decode()


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

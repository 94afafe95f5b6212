"""`pytest --savedmodel-matrix`: cells of a project are tests, by what is known of them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from xml.etree import ElementTree as ET

import pytest

from savedmodel_matrix.commands import cells_as_tests, harness
from savedmodel_matrix.commands.cells_as_tests import choose
from savedmodel_matrix.commands.job import worked
from savedmodel_matrix.commands.pytest_plugin import NO_OPTION, XDIST, node_name
from savedmodel_matrix.model.table import csv_bytes, from_cells, read_csv, rows_of
from tests.unit.commands.known_project import (
    UNINITIALISED,
    failing,
    known_project,
    nothing_to_do,
)
from tests.unit.core import ROOT

pytest_plugins = ("pytester",)

MODULE = "savedmodel_matrix.commands.pytest_plugin"
FAILS = {("as-written", "libtensorflow"): failing}
FAILED = "net[as-written-tf2.21-libtensorflow]"
PASSED = "net[as-written-tf2.21-tf.saved_model.load]"


@pytest.fixture
def project(pytester):
    """Return what makes a project here, with what is known in it, and runs pytest there."""

    def made(ends=FAILS):
        known_project(pytester.path, {names: end() for names, end in ends.items()})
        return pytester.path

    return made


@pytest.fixture
def run(pytester):
    installed = entry_points(group="pytest11", name="savedmodel-matrix")
    loads = [] if installed else ["-p", MODULE]

    def ran(*words, option="--savedmodel-matrix"):
        quiet = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", *loads]
        return pytester.runpytest_inprocess(*quiet, *words, *([option] if option else []))

    return ran


def accept(root, **changed):
    """Accept what the last run found, with one row changed."""
    rows = rows_of(read_csv(root / "results" / "matrix.csv"))
    one = next(r for r in rows if (r["remedy"], r["loader"]) == ("as-written", "libtensorflow"))
    one.update(changed)
    (root / "results" / "accepted").mkdir()
    (root / "results" / "accepted" / "matrix.csv").write_bytes(csv_bytes(from_cells(rows)))


def test_pyproject_names_this_plugin():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = stated["entry-points"]["pytest11"]
    assert names == {"savedmodel-matrix": MODULE}
    assert import_module(names["savedmodel-matrix"]).pytest_addoption


def test_it_imports_nothing_but_pytest():
    program = (
        f"import sys, pytest; before = set(sys.modules); import {MODULE}; "
        "print(*sorted({m.partition('.')[0] for m in sys.modules.keys() - before}))\n"
        "print(*sorted(m for m in sys.modules if m.startswith('savedmodel_matrix')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    others, ours = done.stdout.splitlines()
    assert others == "savedmodel_matrix"
    assert ours.split() == ["savedmodel_matrix", "savedmodel_matrix.commands", MODULE]


def test_without_the_option_no_cell_is_a_test_and_nothing_is_written(project, run, pytester):
    root = project()
    before = sorted(root.rglob("*"))
    pytester.makepyfile("def test_it(): pass")
    run(option="").assert_outcomes(passed=1)
    assert not (root / "results" / "matrix.csv").exists()
    assert {path.suffix for path in set(root.rglob("*")) - set(before)} <= {".py", "", ".pyc"}


def test_a_cell_is_a_test_and_a_failure_says_stage_message_and_what_runs_it_again(project, run):
    project()
    result = run()
    result.assert_outcomes(passed=3, failed=1)
    assert result.ret == 1
    text = result.stdout.str()
    assert f"run: {UNINITIALISED}\n" in text
    assert "and a second line" not in text
    assert "log: results/logs/0123.log" in text
    again = "savedmodel-matrix matrix --case=net --remedy=as-written --loader=libtensorflow"
    assert f"run it again: {again} --environment=tf2.21 --fresh" in text
    result.stdout.fnmatch_lines([f"FAILED pyproject.toml::{FAILED.replace('[', '[[]')}*run: *"])
    assert "Traceback" not in text


def test_the_run_is_that_of_the_project_and_there_is_one(project, run, monkeypatch):
    root = project()
    runs = []

    def counted(project, cells, *more):
        runs.append(cells)
        return worked(project, cells, *more)

    monkeypatch.setattr(cells_as_tests, "worked", counted)
    run()
    assert [len(cells) for cells in runs] == [4]
    table = rows_of(read_csv(root / "results" / "matrix.csv"))
    assert [row["status"] for row in table] == ["fail", "pass", "pass", "pass"]
    for name in ("run.json", "matrix.md", "cells.jsonl", "report/index.html"):
        assert (root / "results" / name).exists()


def test_tests_of_the_suite_and_cells_go_together(project, run, pytester):
    project()
    pytester.makepyfile("def test_it(): pass")
    run().assert_outcomes(passed=4, failed=1)
    run(".").assert_outcomes(passed=4, failed=1)
    run("pyproject.toml").assert_outcomes(passed=3, failed=1)


def test_a_cell_can_be_typed_as_a_node_id_and_selected_by_k(project, run):
    root = project()
    run(f"pyproject.toml::{PASSED}").assert_outcomes(passed=1)
    assert len(rows_of(read_csv(root / "results" / "matrix.csv"))) == 1
    run("-k", "resave").assert_outcomes(passed=2, deselected=2)


def test_options_of_matrix_select(project, run):
    root = project()
    run(option="--savedmodel-matrix=--case net --loader libtensorflow --remedy as-written")
    table = rows_of(read_csv(root / "results" / "matrix.csv"))
    assert [(row["remedy"], row["loader"]) for row in table] == [("as-written", "libtensorflow")]


def test_collecting_runs_nothing(project, run):
    root = project()
    result = run("--collect-only", "-q")
    assert f"pyproject.toml::{FAILED}" in result.stdout.str()
    assert not (root / "results" / "matrix.csv").exists()


def test_what_is_accepted_as_failing_is_quiet(project, run):
    accept_root = project()
    run()
    accept(accept_root)
    result = run("-rx")
    result.assert_outcomes(passed=3, xfailed=1)
    assert result.ret == 0
    assert (
        "accepted as failing, fail at stage run: Could not find variable <name>"
        in result.stdout.str()
    )


def test_what_starts_to_pass_is_loud(project, run):
    root = project({})
    run()
    accept(root, status="fail", stage="run", reason="no bias", fingerprint="no bias")
    result = run()
    result.assert_outcomes(passed=3, failed=1)
    assert "[XPASS(strict)] accepted as failing, fail at stage run: no bias" in result.stdout.str()
    assert "savedmodel-matrix matrix --accept" in result.stdout.str()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": "another", "fingerprint": "another"}, "Failure changed: fails both times"),
        ({"status": "pass", "stage": "values", "reason": "", "fingerprint": ""}, "Regressed: "),
        ({"signature": "serving_default(x) -> (y)"}, "Signature changed: ends the same way"),
    ],
)
def test_what_differs_from_the_accepted_outcome_fails_and_says_how(project, run, changed, said):
    root = project()
    run()
    accept(root, **changed)
    result = run()
    result.assert_outcomes(passed=3, failed=1)
    assert said in result.stdout.str()
    assert "accepted: " in result.stdout.str()


def test_not_applicable_is_skipped_with_its_reason(project, run):
    project({("resave", ""): nothing_to_do})
    result = run("-rs")
    result.assert_outcomes(passed=2, skipped=2)
    assert "not applicable: The object is no Keras model." in result.stdout.str()


def test_not_run_is_an_error_and_no_failing_cell(project, run):
    root = project()
    (root / "locks" / "tf2.21.txt").unlink()
    result = run()
    result.assert_outcomes(errors=4)
    assert "not run, not-run at stage environment: locks/tf2.21.txt is missing" in (
        result.stdout.str()
    )


def test_junit_has_the_stage_and_the_reason(project, run):
    root = project({**FAILS, ("resave", ""): nothing_to_do})
    run("--junitxml=junit.xml")
    cases = {one.get("name"): one for one in ET.parse(root / "junit.xml").iter("testcase")}
    failure = cases[FAILED].find("failure")
    assert failure is not None
    assert f"run: {UNINITIALISED}" in str(failure.get("message"))
    skipped = cases["net[resave-tf2.21-libtensorflow]"].find("skipped")
    assert skipped is not None
    assert "no Keras model" in str(skipped.get("message"))


def test_xdist_is_refused_in_a_sentence_unless_it_is_off(project, run):
    project()
    for words in (["-n", "2"], ["-n", "auto"]):
        result = run("-p", "xdist", *words)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert result.stderr.str().strip() == f"ERROR: {XDIST}"
    run("-p", "xdist", "-n", "0").assert_outcomes(passed=3, failed=1)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--savedmodel-matrix=tests", NO_OPTION.format(word="tests")),
        ("--savedmodel-matrix=--case 'net", "No closing quotation"),
        ("--savedmodel-matrix=--cas net", "No such option"),
        ("--savedmodel-matrix=--case nte", "net"),
        ("--savedmodel-matrix=--accept", "`savedmodel-matrix matrix --accept` for that"),
        ("--savedmodel-matrix=--shard 1/2", "`savedmodel-matrix matrix --shard` for that"),
    ],
)
def test_a_mistake_is_one_sentence_and_no_test_runs(project, run, option, said):
    project()
    result = run(option=option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = result.stderr.str().strip()
    assert errors.startswith("ERROR: ")
    assert said in errors
    assert "Traceback" not in errors + result.stdout.str()


def test_where_there_is_no_project_that_is_said(run):
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "pyproject.toml" in result.stderr.str()


def test_where_the_extra_is_missing_that_is_said(project, run, monkeypatch):
    project()
    monkeypatch.setattr(harness, "MODULES", ("no_such_package",))
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().strip() == (
        "ERROR: `pytest --savedmodel-matrix` needs the extra `matrix` (no_such_package is not "
        'installed): run pip install "savedmodel-matrix[matrix]".'
    )


def test_results_in_use_end_the_session_with_a_sentence(project, run):
    root = project()
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "thesis.txt").write_text("mine")
    result = run(option="--savedmodel-matrix=--results elsewhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "elsewhere" in result.stderr.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_help_explains_the_option(run, pytester):
    text = " ".join(run("--help", option="").stdout.str().split())
    assert "--savedmodel-matrix=[OPTIONS] Run cells of the savedmodel-matrix project here" in text
    assert "what starts to pass fails" in text


def test_a_cell_that_another_environment_loads_names_both():
    words = "--case module_dense --remedy as-written --loader libtensorflow --cross"
    crossed = choose(words.split(), ROOT)
    names = [node_name(cell) for cell in crossed.cells]
    assert len(set(names)) == len(names)
    assert "module_dense[as-written-tf2.15-to-tf2.21-libtensorflow]" in names
    again = {node_name(cell): cells_as_tests.again(cell, crossed.options) for cell in crossed.cells}
    assert again["module_dense[as-written-tf2.15-to-tf2.21-libtensorflow]"].endswith(
        "--producer=tf2.15 --consumer=tf2.21 --fresh"
    )
    own = choose(["--case", "module_dense", "--loader", "openvino"], ROOT)
    assert "module_dense[as-written-tf2.21-openvino]" in map(node_name, own.cells)

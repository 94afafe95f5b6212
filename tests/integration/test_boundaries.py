"""Releases at which an outcome changes, found by hand before: `bisect` has to name the same.

One of them at each commit, of those that need no environment of TensorFlow more; `--every-case`
(`nox -s crosscheck`) searches them all.
"""

import json
import subprocess
import sys
import tomllib

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from tests.conftest import drawn_by
from tests.integration.conftest import PROJECT, ROOT, sample, turn_of

PLACE = ROOT / "tests" / "data" / "boundaries"
KNOWN = tomllib.loads((PLACE / "boundaries.toml").read_text(encoding="utf-8"))["boundary"]
OVER = "tf2.21"
A_FEW = 1
OPTIONS = ("remedy", "loader", "side", "package", "outcome")
SECONDS = 600


def named(one):
    return f"{one['case']}-{one.get('loader', one['package'])}"


def pytest_generate_tests(metafunc):
    if "boundary" in metafunc.fixturenames:
        chosen = KNOWN
        if not metafunc.config.getoption("every_case"):
            quick = [one for one in KNOWN if one["package"] != "tensorflow"]
            chosen = sample(quick, turn_of(drawn_by(metafunc.config)), A_FEW)
        metafunc.parametrize("boundary", chosen, ids=named)


def test_the_release_is_the_one_that_plain_scripts_found(boundary, tmp_path):
    assert run_install(PROJECT, [OVER]) == 0
    command = [sys.executable, "-m", "savedmodel_matrix", "bisect", "--case", boundary["case"]]
    command += ["--cases", str(PLACE), "--results", str(tmp_path / "results"), "--over", OVER]
    for option in OPTIONS:
        command += [f"--{option}", boundary[option]] if option in boundary else []
    done = subprocess.run(
        [*command, "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    told = f"{found['sentence']}\n{done.stderr}"
    assert [[one["before"], one["after"]] for one in found["changes"]] == boundary["changes"], told
    if "is" in boundary:
        assert {one["side"] for one in found["changes"]} == {boundary["is"]}, told


def test_there_is_a_case_for_each_and_none_without():
    cases = {path.stem for path in PLACE.glob("*.py")}
    assert cases == {one["case"] for one in KNOWN}
    assert len(KNOWN) == 50
    assert len({named(one) for one in KNOWN}) == len(KNOWN)


@pytest.mark.parametrize("one", KNOWN, ids=named)
def test_every_change_is_stated_as_bisect_states_it(one):
    assert set(one) <= {"case", "changes", "is", *OPTIONS}
    assert one.get("is", "saving") in {"saving", "loading"}
    assert all(len(change) == 2 for change in one["changes"])

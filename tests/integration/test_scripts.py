"""The scripts that pages and `bisect` offer, run as they stand, against the accepted table.

Another few at each commit, drawn as those of `test_crosscheck`; `--every-case` (`nox -s crosscheck`)
runs the script of every case, way of saving and loader in every environment of the default group.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.views.plain_script import READS, plain_script
from savedmodel_matrix.views.report.case_scripts import LOADERS
from savedmodel_matrix.workspace.catalogue import find_remedies
from tests.conftest import drawn_by
from tests.integration.conftest import CASES, PROJECT, installed, sample, turn_of, values_asked_for
from tests.integration.test_crosscheck import ACCEPTED

A_FEW = 4  # scripts: a minute or so
SECONDS = 300
# What scripts of `bisect` load with besides, some in environments of their own.
MORE = ("libtensorflow", "tflite", "frozen-graph", "TFSMLayer")
ELSEWHERE = ("openvino", "litert", "onnxruntime", "tflite-runtime")
SETTINGS = {
    one.name: tuple(one.settings.items()) for one in find_remedies(PROJECT.plugins.remedies)
}
TEXTS = {name: case.path.read_text(encoding="utf-8") for name, case in CASES.items()}
VERDICTS = ("pass", "fail", "crash", "timeout")


def script_of(case, remedy, loader, *, apart=False):
    """Return the script of a case for a way of saving and a loader, if it has one."""
    apart = apart or loader in ELSEWHERE
    return plain_script(TEXTS[case], remedy, SETTINGS[remedy], loader, apart=apart)


def written_down():
    """Return the accepted status of every script, by case, remedy, environment and loader."""
    found = {}
    for row in ACCEPTED:
        place = tuple(row[name] for name in ("case", "remedy", "producer", "loader"))
        loader = row["loader"]
        if loader not in (*LOADERS, *MORE, *ELSEWHERE):
            continue
        if row["consumer"] != (loader if loader in ELSEWHERE else row["producer"]):
            continue
        if row["producer"] not in PROJECT.groups["default"] or row["case"] not in TEXTS:
            continue
        if row["status"] in VERDICTS and script_of(row["case"], row["remedy"], loader):
            found[place] = row["status"]
    return found


EXPECTED = written_down()


def pytest_generate_tests(metafunc):
    if "place" not in metafunc.fixturenames:
        return
    places = sorted(EXPECTED)
    wanted = metafunc.config.getoption("environment")
    if wanted:
        places = [one for one in places if one[2] in wanted]
    if not metafunc.config.getoption("every_case"):
        places = sample(places, turn_of(drawn_by(metafunc.config)), A_FEW)
    metafunc.parametrize("place", places, ids=" in ".join, scope="module")


def run(place, directory, *, apart=False):
    """Run a script in the environment of its cell; return exit status and what it said.

    With `apart`, another process of the same environment loads.
    """
    case, remedy, name, loader = place
    environment, needed = installed(PROJECT.environments[name], case)
    file = directory / "script.py"
    file.write_text(script_of(case, remedy, loader, apart=apart).text, encoding="utf-8")
    # One way of saving is a command of this project.
    commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"HOME": os.environ["HOME"], "TMPDIR": str(directory), "PATH": commands}
    variables |= needed
    if apart:
        variables["LOADS_WITH"] = str(environment.executable)
    elif loader in ELSEWHERE:
        reader, _ = installed(PROJECT.environments[loader], case)
        variables["LOADS_WITH"] = str(reader.executable)
    done = subprocess.run(
        [str(environment.executable), str(file)],
        cwd=directory,
        env=variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def answers(request, tmp_path_factory):
    """Return what scripts ended with, run on all cores from the first question on."""
    places = values_asked_for(request, "place")
    assert (
        run_install(
            PROJECT,
            sorted(
                {name for place in places for name in place[2:] if name in PROJECT.environments}
            ),
        )
        == 0
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            place: pool.submit(run, place, tmp_path_factory.mktemp("script")) for place in places
        }
        pool.shutdown(cancel_futures=True)


def test_there_is_something_to_run():
    assert len(EXPECTED) > 3000
    assert {place[1] for place in EXPECTED} == set(SETTINGS)
    assert {place[3] for place in EXPECTED} == {*LOADERS, *MORE, *ELSEWHERE}
    assert {"pass", "fail"} <= set(EXPECTED.values())


def test_a_script_ends_as_the_accepted_cell(answers, place):
    status, said, complaint = answers[place].result()
    told = f"exit status {status}, accepted {EXPECTED[place]}\n{said[-1000:]}\n{complaint[-3000:]}"
    assert (status == 0) == (EXPECTED[place] == "pass"), told


@pytest.mark.parametrize("remedy", sorted(READS))
def test_what_reads_files_of_keras_may_be_another_python(remedy, tmp_path):
    place = ("module_dense", remedy, "tf2.21", READS[remedy])
    assert run_install(PROJECT, ["tf2.21"]) == 0
    assert EXPECTED[place] == "pass"
    status, _, complaint = run(place, tmp_path, apart=True)
    assert status == 0, complaint[-3000:]
    (made,) = tmp_path.glob("tmp*")
    assert (made / "wanted.npy").exists()

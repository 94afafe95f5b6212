"""The noxfile: what it lists, what it passes on, and when it installs.

nox itself runs here, on a copy of the noxfile, with stand-ins for uv and for the command.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from savedmodel_matrix.commands.harness import PYTHON

ROOT = Path(__file__).resolve().parents[2]
NOXFILE = ROOT / "noxfile.py"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

if sys.platform == "win32":
    pytest.skip("the stand-ins are scripts that start by their first line", allow_module_level=True)

# The module that nox and the noxfile ask for the path of uv.
FAKE_UV_MODULE = """
from pathlib import Path

def find_uv_bin():
    return str(Path(__file__).with_name("fake-uv"))
"""

# Makes the venv, or puts the stand-in for the command into it.
FAKE_UV = """#!{python} -ISB
import os, pathlib, shutil, sys
here = pathlib.Path(__file__).parent
if sys.argv[1] not in ("venv", "pip"):
    sys.exit()
with (here / "calls.txt").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if os.environ.get("FAKE_UV") == sys.argv[1]:
    sys.exit("no network")
if sys.argv[1] == "venv":
    (pathlib.Path(sys.argv[-1]) / "bin").mkdir(parents=True)
else:
    python = pathlib.Path(sys.argv[sys.argv.index("--python") + 1])
    shutil.copy(here / "command", python.with_name("savedmodel-matrix"))
"""

# Says what it was given, and ends with the status that it is asked for.
FAKE_COMMAND = """#!{python} -ISB
import json, os, sys
print(json.dumps(sys.argv[1:]))
print("an error", file=sys.stderr)
print(f"keeps bytecode: {{'PYTHONDONTWRITEBYTECODE' not in os.environ}}", file=sys.stderr)
sys.exit(int(os.environ.get("FAKE_STATUS", "0")))
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root, module = tmp_path / "check out", tmp_path / "modules" / "uv"
    (root / "src").mkdir(parents=True)
    (root / "src" / "module.py").touch()
    shutil.copy(NOXFILE, root)
    shutil.copy(ROOT / "pyproject.toml", root)
    module.mkdir(parents=True)
    (module / "__init__.py").write_text(FAKE_UV_MODULE)
    for name, text in (("fake-uv", FAKE_UV), ("command", FAKE_COMMAND)):
        (module / name).write_text(text.format(python=sys.executable))
        (module / name).chmod(0o755)
    return root


def run_nox(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=checkout,
        env=os.environ
        | {
            "PYTHONPATH": str(checkout.parent / "modules"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NOX_SCRIPT_MODE": "none",
        }
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def given(done: subprocess.CompletedProcess[str]) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


def installations(checkout: Path) -> int:
    """Count how often the harness was installed, or was begun to be."""
    calls = checkout.parent / "modules" / "uv" / "calls.txt"
    return len(re.findall("(?m)^venv ", calls.read_text())) if calls.exists() else 0


def edit(checkout: Path, old: str, new: str) -> None:
    file = checkout / "pyproject.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_ci_service_can_shard_by_the_environments(checkout: Path) -> None:
    listed = json.loads(run_nox(checkout, "-l", "--json").stdout)
    environments = PROJECT["tool"]["savedmodel-matrix"]["environments"]
    assert [session["call_spec"] for session in listed if session["name"] == "install"] == [
        {"environment": name} for name in environments
    ]
    names = {session["session"] for session in listed}
    assert "install(environment='tf2.15')" in names
    assert {"matrix", "lock", "tests", "lint", "typing"} <= names


def test_the_list_reads_like_documentation(checkout: Path) -> None:
    listing = run_nox(checkout, "-l").stdout
    sessions = re.findall(r"(?m)^([*-]) (\S+)(.*)$", listing)
    assert [name for mark, name, _ in sessions if mark == "*"] == ["matrix"]
    assert all(re.fullmatch(r".* -> [A-Z].*\.", rest) for _, _, rest in sessions), listing
    assert "savedmodel-matrix" in listing.partition("Sessions defined")[0]


def test_it_runs_by_itself_too() -> None:
    text = NOXFILE.read_text(encoding="utf-8")
    block = re.search(r"(?ms)^# /// script$\n(.*?)^# ///$", text)
    assert block
    script = tomllib.loads(re.sub(r"(?m)^# ?", "", block[1]))
    # The core goes further back than the harness, which the noxfile is for.
    assert script["requires-python"] == ">=" + ".".join(map(str, PYTHON))
    assert [word.partition(">")[0] for word in script["dependencies"]] == ["nox[uv]"]
    assert script["dependencies"][0] in PROJECT["dependency-groups"]["tests"]
    assert f'needs_version = "{script["dependencies"][0].removeprefix("nox[uv]")}"' in text
    assert text.endswith('if __name__ == "__main__":\n    nox.main()\n')
    assert len(text.splitlines()) < 250


@pytest.mark.parametrize(("status", "of_nox"), [("0", 0), ("1", 1), ("2", 2), ("130", 2)])
def test_the_exit_status_of_the_command_reaches_the_shell(
    checkout: Path, status: str, of_nox: int
) -> None:
    assert run_nox(checkout, "-s", "matrix", FAKE_STATUS=status).returncode == of_nox


def test_a_command_that_is_killed_has_not_done_its_work(checkout: Path) -> None:
    command = checkout.parent / "modules" / "uv" / "command"
    command.write_text(f"#!{sys.executable} -ISB\nimport os\nos.kill(os.getpid(), 9)\n")
    assert run_nox(checkout, "-s", "matrix").returncode == 2


def test_arguments_pass_through_untouched(checkout: Path) -> None:
    arguments = ["--case", "a b", "--strict", "--", "-s", "*"]
    done = run_nox(checkout, "-s", "matrix", "--", *arguments)
    assert given(done) == [["matrix", *arguments]]
    done = run_nox(checkout, "-s", "install(environment='tf2.16')", "--", "--x")
    assert given(done) == [["install", "--environment", "tf2.16", "--x"]]
    done = run_nox(checkout, "-s", "lock", "matrix", "--", "--upgrade")
    assert given(done) == [["lock", "--upgrade"], ["matrix", "--upgrade"]]


def test_output_and_errors_stay_apart(checkout: Path) -> None:
    done = run_nox(checkout)
    assert given(done) == [["matrix"]]
    assert "an error" not in done.stdout
    assert "an error" in done.stderr


def test_the_harness_is_installed_once_for_all_sessions(checkout: Path) -> None:
    run_nox(checkout, "-s", "matrix", "lock", "install(environment='tf2.15')")
    run_nox(checkout, "-s", "lock")
    assert installations(checkout) == 1
    calls = (checkout.parent / "modules" / "uv" / "calls.txt").read_text().splitlines()
    assert calls[0].startswith("venv ")
    assert calls[1].startswith("pip install --python ")
    assert calls[1].endswith(" -e .[matrix]")


def test_the_bytecode_of_the_harness_is_kept_where_the_user_asks_python_to_keep_none(
    checkout: Path,
) -> None:
    assert "keeps bytecode: True" in run_nox(checkout, "-s", "lock").stderr
    assert "keeps bytecode: True" in run_nox(checkout, "-s", "lock").stderr


def test_what_the_harness_rests_on_installs_it_anew(checkout: Path) -> None:
    run_nox(checkout)
    edit(
        checkout, "[tool.savedmodel-matrix.environments]", "[tool.savedmodel-matrix.environments]\n"
    )
    run_nox(checkout)
    assert installations(checkout) == 1
    edit(checkout, '"click>=8.1"', '"click>=8.2"')
    run_nox(checkout)
    assert installations(checkout) == 2
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    run_nox(moved)
    assert installations(moved) == 3


@pytest.mark.parametrize("step", ["venv", "pip"])
def test_an_installation_that_fails_never_looks_whole(checkout: Path, step: str) -> None:
    failed = run_nox(checkout, FAKE_UV=step)
    assert failed.returncode == 2
    assert "no network" in failed.stderr
    assert given(failed) == []
    assert given(run_nox(checkout)) == [["matrix"]]
    assert installations(checkout) == 2


def test_a_directory_in_its_place_that_is_not_ours_is_left(checkout: Path) -> None:
    theirs = checkout / ".nox" / "harness"
    theirs.mkdir(parents=True)
    (theirs / "thesis.txt").write_text("mine")
    for _ in range(2):
        done = run_nox(checkout)
        assert done.returncode == 2
        assert "holds something that is not ours" in done.stderr
        assert [path.name for path in theirs.iterdir()] == ["thesis.txt"]
    assert installations(checkout) == 0


def test_two_at_once_install_it_once(checkout: Path) -> None:
    run_nox(checkout, "-l")
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "nox", "-s", "matrix"],
            cwd=checkout,
            env=os.environ
            | {"PYTHONPATH": str(checkout.parent / "modules"), "NOX_SCRIPT_MODE": "none"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    assert [process.wait(60) for process in both] == [0, 0]
    assert installations(checkout) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[tool.savedmodel-matrix.environments]", "[tool.savedmodel-matrix.environments"),
        ("[tool.savedmodel-matrix.environments]", "[tool.savedmodel-matrix.others]"),
    ],
)
def test_a_mistake_in_pyproject_gets_a_sentence(checkout: Path, old: str, new: str) -> None:
    edit(checkout, old, new)
    done = run_nox(checkout)
    assert done.returncode == 2
    assert "pyproject.toml does not state the environments as TOML: " in done.stderr
    assert "Traceback" not in done.stderr

"""The pre-commit hook and the GitHub action, as others run them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SAVEDMODELS = ROOT / "tests" / "data" / "savedmodels"
KERAS_FILES = ROOT / "tests" / "data" / "keras_files"
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
(STEP,) = ACTION["runs"]["steps"]

# Installs nothing, and says so; runs everything else with the package of this checkout.
PYTHON = """#!/bin/sh
if [ "$2" = pip ]; then echo "$@" >> "$RUNNER_TEMP/pip.txt"; exit; fi
PYTHONPATH={source} exec {python} "$@"
"""

if sys.platform == "win32":
    pytest.skip("the stand-in for Python is a shell script", allow_module_level=True)


@pytest.fixture
def repository(tmp_path):
    """Make somebody's repository with two sound artifacts, and files that are none."""
    root = tmp_path / "their repository"
    shutil.copytree(SAVEDMODELS / "dense-2.15", root / "models" / "sound")
    shutil.copy(KERAS_FILES / "dense-2.21.keras", root / "models")
    (root / "assets").mkdir()
    (root / "assets" / "logo.svg").write_text("<svg/>")
    (root / "README.md").write_text("ours")
    return root


def add_broken(repository):
    shutil.copytree(SAVEDMODELS / "dense-2.21", repository / "models" / "broken")


def run_hook(repository):
    """Run what pre-commit runs: the entry, on the files that the hook asks for."""
    files = [path.relative_to(repository) for path in repository.rglob("*") if path.is_file()]
    asked = [str(file) for file in files if re.search(HOOK["files"], file.as_posix())]
    command, *arguments = shlex.split(HOOK["entry"])
    assert command in SCRIPTS
    return subprocess.run(
        [sys.executable, "-m", "savedmodel_matrix", *arguments, *asked],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_hook_states_what_pre_commit_needs():
    assert HOOK["id"] == "savedmodel-matrix"
    assert HOOK["language"] == "python"
    assert HOOK["require_serial"] is True
    assert re.compile(HOOK["files"])


def test_the_hook_passes_what_is_sound_and_names_what_is_not(repository):
    done = run_hook(repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 artifacts: 2 sound, 0 defect, 0 unreadable" in done.stdout
    add_broken(repository)
    done = run_hook(repository)
    assert done.returncode == 1
    assert "models/broken" in done.stdout


def test_the_hook_says_nothing_against_a_repository_without_artifacts(repository):
    shutil.rmtree(repository / "models")
    done = run_hook(repository)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No file that is named belongs to an artifact.\n"


def test_the_hook_asks_for_every_file_of_an_artifact():
    for artifact in ("dense-2.21", "vocabulary"):
        for file in (SAVEDMODELS / artifact).rglob("*"):
            if file.is_file():
                assert re.search(HOOK["files"], file.relative_to(SAVEDMODELS).as_posix()), file
    for name in ("a.h5", "b/a.weights.h5", "a.tflite", "ckpt-1.index", "c.data-00000-of-00002"):
        assert re.search(HOOK["files"], name)
    for name in ("README.md", "src/keras.py", "index.html", "my_assets/a.txt", "a.keras.py"):
        assert not re.search(HOOK["files"], name)


def run_action(repository, tmp_path, **inputs):
    """Run the action's step as GitHub does, with a Python that installs nothing."""
    temporary = tmp_path / "temp"
    temporary.mkdir(exist_ok=True)
    python = tmp_path / "python"
    source = shlex.quote(str(ROOT / "src"))
    python.write_text(PYTHON.format(source=source, python=shlex.quote(sys.executable)))
    python.chmod(0o755)
    values = {name: one["default"] for name, one in ACTION["inputs"].items()}
    values |= {"python": str(python)} | {name.replace("_", "-"): v for name, v in inputs.items()}
    known = {f"inputs.{name}": value for name, value in values.items()}
    known["github.action_path"] = str(ROOT)
    variables = {
        name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], text)
        for name, text in STEP["env"].items()
    }
    summary = {"RUNNER_TEMP": str(temporary), "GITHUB_STEP_SUMMARY": str(temporary / "summary.md")}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=repository,
        env=os.environ | variables | summary,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_describes_its_inputs_and_runs_none_of_them():
    assert ACTION["runs"]["using"] == "composite"
    assert all(one["description"] and "default" in one for one in ACTION["inputs"].values())
    used = set(re.findall(r"inputs\.([a-z-]+)", " ".join(STEP["env"].values())))
    assert used == ACTION["inputs"].keys()
    assert "${{" not in STEP["run"]  # what an input says is data, never script
    assert STEP["shell"] == "bash"


def test_the_action_passes_what_is_sound_and_fails_on_what_is_not(repository, tmp_path):
    done = run_action(repository, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    installed = (tmp_path / "temp" / "pip.txt").read_text()
    assert installed.startswith("-m pip install ")
    assert installed.endswith(f" {ROOT}\n")
    assert "models/sound" in (tmp_path / "temp" / "summary.md").read_text()
    add_broken(repository)
    done = run_action(repository, tmp_path, sarif="found.sarif")
    assert done.returncode == 1
    assert "models/broken" in done.stdout
    assert '"2.1.0"' in (repository / "found.sarif").read_text()


def test_the_action_reads_the_paths_that_it_is_given(repository, tmp_path):
    add_broken(repository)
    hostile = "models/sound\n\nmodels/$(touch ran)\n"
    done = run_action(repository, tmp_path, paths=hostile)
    assert done.returncode == 2  # there is no such file
    assert "models/$(touch ran)" in done.stdout
    assert not (repository / "ran").exists()
    done = run_action(repository, tmp_path, paths="models/sound\nmodels/dense-2.21.keras")
    assert done.returncode == 0
    done = run_action(repository, tmp_path, paths="\n")
    assert (done.returncode, done.stdout) == (2, "::error::The input paths names nothing.\n")


def test_the_documentation_states_the_hook_and_the_action_as_they_are():
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"(?ms)^```yaml\n(.*?)^```$", text)]
    hooks, workflow = blocks
    assert hooks["repos"][0]["hooks"][0]["id"] == HOOK["id"]
    steps = workflow["jobs"]["diagnose"]["steps"]
    ours = next(step for step in steps if "savedmodel-matrix@" in step["uses"])
    assert ours["with"].keys() <= ACTION["inputs"].keys()
    for name in ACTION["inputs"]:
        assert f"`{name}`" in text

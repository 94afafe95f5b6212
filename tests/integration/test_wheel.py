"""The package as it is published: built, installed with nothing but the core, used elsewhere."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.environments.installer import find_uv
from tests.integration.conftest import PROJECT, ROOT

ARTIFACT = ROOT / "tests" / "data" / "savedmodels" / "dense-2.21"
SEVEN = [name for name in PROJECT.groups["default"] if re.fullmatch(r"tf2\.\d+", name)]
NAME = re.compile("^[a-z]+")
ERROR = "FAILED_PRECONDITION: Could not find variable dense/bias. This could mean that"
# A line of uv's of what it would do: `+` is new, `-` is taken away, `~` is put in again.
CHANGE = re.compile(r"(?m)^ ([-+~]) ([A-Za-z0-9._-]+)==")

SAVED_AND_REPAIRED = """
import sys
import tensorflow as tf
from tensorflow import keras
from savedmodel_matrix import diagnose, repair

class Model(tf.Module):
    def __init__(self):
        self.dense = keras.layers.Dense(3)
        self.dense.build((None, 4))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def serve(self, x):
        return {"y": self.dense(x)}

model, saved, repaired = Model(), *sys.argv[1:]
tf.saved_model.save(model, saved, signatures=model.serve)
result = repair(saved, repaired)
print(diagnose(saved).verdict, len(result.changes), diagnose(repaired).verdict)
x = tf.ones([2, 4])
found = tf.saved_model.load(repaired).signatures["serving_default"](x)["y"]
tf.debugging.assert_near(found, model.serve(x)["y"])
"""


def run(*command, directory=None, environment=None):
    """Run a program in which nothing of this checkout, nor of this venv, is found by chance."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=directory,
        env=variables | {"NO_COLOR": "1"} | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def done_well(*command, **more):
    done = run(*command, **more)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    directory = tmp_path_factory.mktemp("dist")
    done_well(find_uv(), "build", "--quiet", "--out-dir", directory, ROOT)
    (wheel,), (sdist,) = directory.glob("*.whl"), directory.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def wheel(built):
    return built[0]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the directory of the commands of a new venv with the core and nothing else."""
    venv = tmp_path_factory.mktemp("core") / "venv"
    done_well(find_uv(), "venv", "--no-project", "--python", sys.executable, venv)
    done_well(find_uv(), "pip", "install", "--python", venv, wheel)
    return venv / ("Scripts" if sys.platform == "win32" else "bin")


def test_the_wheel_has_all_of_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = ROOT / "src"
    source = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {
        f"savedmodel_matrix/shipped/{path.relative_to(ROOT).as_posix()}"
        for place in ("cases", "locks", "patches")
        for path in (ROOT / place).rglob("*.*")
        if path.suffix != ".pyc"
    } | {"savedmodel_matrix/shipped/pyproject.toml"}
    assert {name for name in names if ".dist-info/" not in name} == source | shipped
    assert {Path(name).suffix for name in source} >= {".toml", ".json", ".gz", ".html", ".jinja"}


def test_the_sdist_builds_and_has_no_report(built):
    _, sdist = built  # from which the wheel was built
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "noxfile.py"} <= names
    assert not {name for name in names if name.startswith(("report/", ".nox/", ".ci/"))}


def test_its_metadata_say_what_it_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    required = metadata.get_all("Requires-Dist", [])
    core = {each for line in required if "extra ==" not in line for each in NAME.findall(line)}
    assert core == {"click", "protobuf", "rich", "tomli"}
    assert {"crc", "matrix"} <= set(metadata.get_all("Provides-Extra", []))


def test_the_core_works_outside_of_a_checkout(installed, tmp_path):
    command = installed / "savedmodel-matrix"
    found = run(command, "diagnose", "--format", "json", ARTIFACT, directory=tmp_path)
    assert (found.returncode, found.stderr) == (1, "")
    assert json.loads(found.stdout)[0]["verdict"] == "defect"
    done_well(command, "repair", ARTIFACT, "repaired", directory=tmp_path)
    done_well(command, "diagnose", "repaired", directory=tmp_path)
    (tmp_path / "error.txt").write_text(ERROR)
    explained = done_well(command, "explain", "error.txt", directory=tmp_path)
    assert "TensorFlow 2.16" in explained.stdout
    python = installed / "python"
    program = "import savedmodel_matrix as s; print(s.diagnose('repaired').verdict)"
    assert done_well(python, "-c", program, directory=tmp_path).stdout == "sound\n"


def test_what_needs_the_extra_says_so_there(installed, tmp_path):
    done = run(installed / "savedmodel-matrix", "matrix", directory=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "savedmodel-matrix: `matrix` needs the extra `matrix` (jinja2 is not installed): run "
        'pip install "savedmodel-matrix[matrix]".\n'
    )


def test_a_new_project_runs_from_the_wheel(wheel, tmp_path):
    assert run_install(PROJECT, ["tf2.21"]) == 0
    venv, root = tmp_path / "venv", tmp_path / "mine"
    done_well(find_uv(), "venv", "--no-project", "--python", sys.executable, venv)
    done_well(find_uv(), "pip", "install", "--python", venv, f"{wheel}[matrix]")
    command = venv / "bin" / "savedmodel-matrix"
    root.mkdir()
    done_well(command, "init", "--environment", "tf2.21", directory=root)
    environments = root / ".nox" / "environments"
    environments.mkdir(parents=True)
    installed = PROJECT.environments["tf2.21"].directory.resolve()
    (environments / "tf2.21").symlink_to(installed)
    taken = ("--remedy", "as-written", "--remedy", "repair", "--loader", "libtensorflow")
    done = done_well(command, "matrix", *taken, directory=root)
    table = (root / "results" / "matrix.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in table.splitlines()[1:]]
    assert {row[1]: row[5] for row in rows} == {"as-written": "fail", "repair": "pass"}, done
    assert (root / "results" / "report" / "index.html").is_file()


@pytest.mark.parametrize("name", SEVEN)
def test_it_goes_beside_tensorflow_and_changes_nothing(name, wheel):
    assert run_install(PROJECT, [name]) == 0
    python = PROJECT.environments[name].executable
    done = done_well(find_uv(), "pip", "install", "--dry-run", "--python", python, wheel)
    changes = CHANGE.findall(done.stderr)
    assert ("+", "savedmodel-matrix") in changes
    assert {kind for kind, _ in changes} == {"+"}, done.stderr


def test_a_model_is_repaired_in_the_process_that_saved_it(environment, wheel, tmp_path):
    here = ("pip", "install", "--no-deps", "--target", tmp_path / "package")
    done_well(find_uv(), *here, "--python", environment.python, wheel)
    done = done_well(
        *(environment.python, "-c", SAVED_AND_REPAIRED, "saved", "repaired"),
        directory=tmp_path,
        # Nothing in the environment is written, bytecode neither.
        environment={"PYTHONPATH": str(tmp_path / "package"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    verdict, changes, then = done.stdout.split()
    assert then == "sound"
    # Keras 2, which TensorFlow 2.15 has, tracks its variables itself.
    assert (verdict, changes != "0") == (
        ("sound", False) if environment.name == "tf2.15" else ("defect", True)
    )

"""Scripts that show a change without this project: whole programs, or none."""

from __future__ import annotations

import ast
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from savedmodel_matrix.views import plain_script
from savedmodel_matrix.views.reproduction import LOADS, SAVES, Place, Told, files
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders, find_remedies
from savedmodel_matrix.workspace.project import find_project

if TYPE_CHECKING:
    from savedmodel_matrix.model.plugin import Loader

CASE = '''"""A model."""

import keras

inputs = {"x": 1}


def build():
    return keras.Sequential()
'''
OLDER = Place("3.11", {"keras": "3.4.0", "absl-py": "2.0"}, {"TF_USE_LEGACY_KERAS": "1"})
NEWER = replace(OLDER, packages={"keras": "3.4.1", "absl-py": "2.0"})
SERVER = Place("3.12", {"openvino": "2026.0.0"}, {})
TOLD = Told(
    source=CASE,
    remedy="as-written",
    loader="tf.saved_model.load",
    title="keras 3.4.0 fails, 3.4.1 passes.",
    heads=("keras 3.4.0 fails", "keras 3.4.1 passes"),
    changing=(OLDER, NEWER),
)
READS = {"SavedModel", "TFLite"}
PROJECT = find_project(Path(__file__).parent)
SOURCES = {
    case.name: case.path.read_text()
    for case in find_cases(PROJECT.case_directories)
    if not case.complaint
}
REMEDIES = [one.name for one in find_remedies(PROJECT.plugins.remedies)]
LOADERS = [one for one in find_loaders(PROJECT.plugins.loaders) if READS & {*one.reads}]


@pytest.mark.parametrize("loader", LOADERS, ids=lambda one: one.name)
def test_every_loader_of_what_tensorflow_saves_has_a_script_in_an_environment_of_its_own(
    loader: Loader,
) -> None:
    told = replace(
        TOLD,
        source=SOURCES["module_dense"],
        loader=loader.name,
        stays=(LOADS, SERVER) if loader.environment else None,
    )
    made = files(told)
    compile(made["reproduce.py"], loader.name, "exec")
    assert ("LOADS_WITH" in made["reproduce.py"]) == bool(loader.environment)


@pytest.mark.parametrize("apart", [False, True])
def test_every_remedy_but_our_own_command_has_a_script(*, apart: bool) -> None:
    for remedy in REMEDIES:
        loader = plain_script.READS.get(remedy, plain_script.PYTHON)
        told = replace(
            TOLD,
            source=SOURCES["module_dense"],
            remedy=remedy,
            loader=loader,
            stays=(LOADS, OLDER) if apart else None,
        )
        made = files(told)
        assert bool(made) == (remedy != "repair")
        if made:
            compile(made["reproduce.py"], remedy, "exec")
            assert ('os.environ["LOADS_WITH"]' in made["reproduce.py"]) == apart


def test_a_change_of_signatures_can_be_seen() -> None:
    told = replace(TOLD, source=SOURCES["module_dense"])
    assert "structured_outputs" not in files(told)["reproduce.py"]
    made = files(replace(told, signature=True))["reproduce.py"]
    compile(made, "reproduce.py", "exec")
    assert "structured_outputs" in made


def test_there_is_none_for_what_no_script_says() -> None:
    assert files(replace(TOLD, remedy="keras-file", loader="libtensorflow")) == {}
    assert files(replace(TOLD, loader="of-their-own")) == {}
    assert files(replace(TOLD, source=CASE + "\ncheck = 1\n")) == {}
    assert files(replace(TOLD, source="build = 1")) == {}


def test_what_stays_is_pinned_once() -> None:
    loads = files(replace(TOLD, loader="openvino", stays=(LOADS, SERVER)))
    assert loads["loads.txt"] == "# what loads, on both sides\nopenvino==2026.0.0\n"
    assert loads["before.txt"] != loads["after.txt"]
    newer = replace(SERVER, packages={"openvino": "2026.1.0"})
    saves = files(replace(TOLD, loader="openvino", changing=(SERVER, newer), stays=(SAVES, OLDER)))
    assert saves["saves.txt"].startswith("# what saves, on both sides\nabsl-py==2.0\n")
    assert saves["after.txt"] == "# keras 3.4.1 passes\nopenvino==2026.1.0\n"


def test_both_sides_are_pinned() -> None:
    made = files(TOLD)
    assert made["before.txt"] == "# keras 3.4.0 fails\nabsl-py==2.0\nkeras==3.4.0\n"
    assert made["after.txt"] == "# keras 3.4.1 passes\nabsl-py==2.0\nkeras==3.4.1\n"
    assert ast.parse(made["reproduce.py"])


def run(told: Told, directory: Path) -> tuple[list[str], str]:
    """Run the shell script with a uv that makes Pythons which say how they were called."""
    for name, text in files(told).items():
        (directory / name).write_text(text)
    sh = shutil.which("sh")
    assert sh
    uv = directory / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(
        '#!/bin/sh\necho "uv $*" >> calls\n[ "$1" = venv ] || exit 0\nfor last; do :; done\n'
        'mkdir -p "$last/bin"\n'
        'printf "#!/bin/sh\\necho $last \\$1 \\$TF_USE_LEGACY_KERAS'
        ' \\${LOADS_WITH##*/venv-}\\nexit 3\\n"'
        ' > "$last/bin/python"\nchmod +x "$last/bin/python"\n'
    )
    uv.chmod(0o755)
    done = subprocess.run(
        [sh, str(directory / "reproduce.sh")],
        env={"PATH": f"{uv.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines(), (directory / "calls").read_text()


def test_the_shell_script_runs_both_sides(tmp_path: Path) -> None:
    said, calls = run(TOLD, tmp_path)
    assert said == [
        *("== before: # keras 3.4.0 fails", "venv-before reproduce.py 1", "exit status 3"),
        *("== after: # keras 3.4.1 passes", "venv-after reproduce.py 1", "exit status 3"),
    ]
    assert "--python 3.11 venv-before" in calls
    assert "pip sync --quiet --python venv-after/bin/python after.txt" in calls


def test_it_saves_in_one_environment_and_loads_in_the_other(tmp_path: Path) -> None:
    (tmp_path / "loads").mkdir()
    told = replace(TOLD, loader="openvino", stays=(LOADS, SERVER))
    said, calls = run(told, tmp_path / "loads")
    assert said[1::3] == [
        "venv-before reproduce.py 1 loads/bin/python",
        "venv-after reproduce.py 1 loads/bin/python",
    ]
    assert "--python 3.12 venv-loads" in calls
    (tmp_path / "saves").mkdir()
    newer = replace(SERVER, packages={"openvino": "2026.1.0"})
    told = replace(told, changing=(SERVER, newer), stays=(SAVES, OLDER))
    said, calls = run(told, tmp_path / "saves")
    assert said[1::3] == [
        "venv-saves reproduce.py 1 before/bin/python",
        "venv-saves reproduce.py 1 after/bin/python",
    ]
    assert "--python 3.12 venv-after" in calls
    assert "--python 3.11 venv-saves" in calls


def test_without_uv_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "reproduce.sh").write_text(files(TOLD)["reproduce.sh"])
    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "reproduce.sh")],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "uv is not on PATH" in done.stderr

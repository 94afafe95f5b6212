"""Scripts that show a change without this project: whole programs, or none."""

from __future__ import annotations

import ast
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from savedmodel_matrix.views.reproduction import Told, files, script
from savedmodel_matrix.workspace.catalogue import find_cases
from savedmodel_matrix.workspace.project import find_project

CASE = '''"""A model."""

import keras

inputs = {"x": 1}


def build():
    return keras.Sequential()
'''
SIGNATURES = CASE + "\n\ndef signatures(obj):\n    return obj.serve\n"
TOLD = Told(
    source=CASE,
    remedy="as-written",
    loader="tf.saved_model.load",
    python="3.11",
    title="keras 3.4.0 fails, 3.4.1 passes.",
    heads=("keras 3.4.0 fails", "keras 3.4.1 passes"),
    packages=({"keras": "3.4.0", "absl-py": "2.0"}, {"keras": "3.4.1", "absl-py": "2.0"}),
    variables={"TF_USE_LEGACY_KERAS": "1"},
)
PROJECT = find_project(Path(__file__).parent)
CASES = [one for one in find_cases(PROJECT.case_directories) if not one.complaint]


@pytest.mark.parametrize("remedy", ["as-written", "model-export", "keras-file"])
@pytest.mark.parametrize("loader", ["tf.saved_model.load", "keras.models.load_model"])
def test_a_script_of_every_case_is_a_program_that_begins_with_the_case(
    remedy: str, loader: str
) -> None:
    for case in CASES:
        source = case.path.read_text()
        text = script(source, remedy, loader)
        assert text, case.name
        assert text.startswith(source.rstrip())
        compile(text, case.name, "exec")
        assert not any(
            f"{{{name}}}" in text for name in ("helper", "saving", "loading", "expected")
        )


def test_it_saves_as_the_case_does() -> None:
    plain = script(CASE, "as-written", "tf.saved_model.load")
    assert "    tf.saved_model.save(obj, directory)\n" in plain
    stated = script(SIGNATURES, "as-written", "tf.saved_model.load")
    assert "    tf.saved_model.save(obj, directory, signatures=signatures(obj))\n" in stated
    assert "expected_of(obj, name)" in stated
    own = CASE + "\n\ndef save(obj, directory):\n    pass\n"
    assert "    save(obj, directory)\n" in script(own, "as-written", "tf.saved_model.load")
    made = CASE + "\n\ndef as_model(obj):\n    return obj\n"
    assert "    as_model(obj).export(directory)\n" in script(
        made, "model-export", "tf.saved_model.load"
    )


@pytest.mark.parametrize("remedy", ["as-written", "export-archive", "patch-keras", "resave"])
@pytest.mark.parametrize("loader", ["libtensorflow", "saved_model_cli", "tflite"])
def test_what_a_few_lines_do_not_say_the_script_of_a_cases_page_does(
    remedy: str, loader: str
) -> None:
    (source,) = [case.path.read_text() for case in CASES if case.name == "module_dense"]
    text = script(source, remedy, loader)
    compile(text, remedy, "exec")
    assert ("TFLiteConverter" in text) == (loader == "tflite")
    assert ("v1.Session" in text) == (loader != "tflite")


def test_there_is_none_for_what_no_script_says() -> None:
    (source,) = [case.path.read_text() for case in CASES if case.name == "module_dense"]
    assert script(source, "repair", "libtensorflow") == ""  # which calls a command of this project
    assert script(source, "as-written", "openvino") == ""
    assert script(source, "keras-file", "libtensorflow") == ""
    assert script(CASE + "\ncheck = 1\n", "as-written", "tf.saved_model.load") == ""
    assert files(replace(TOLD, loader="openvino")) == {}


def test_both_sides_are_pinned() -> None:
    made = files(TOLD)
    assert made["before.txt"] == "# keras 3.4.0 fails\nabsl-py==2.0\nkeras==3.4.0\n"
    assert made["after.txt"] == "# keras 3.4.1 passes\nabsl-py==2.0\nkeras==3.4.1\n"
    assert ast.parse(made["reproduce.py"])


def test_the_shell_script_runs_both_sides(tmp_path: Path) -> None:
    for name, text in files(TOLD).items():
        (tmp_path / name).write_text(text)
    sh = shutil.which("sh")
    assert sh
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(
        '#!/bin/sh\necho "uv $*" >> calls\n[ "$1" = venv ] || exit 0\nfor last; do :; done\n'
        'mkdir -p "$last/bin"\nprintf "#!/bin/sh\\necho ran \\$1 \\$TF_USE_LEGACY_KERAS\\nexit 3\\n"'
        ' > "$last/bin/python"\nchmod +x "$last/bin/python"\n'
    )
    uv.chmod(0o755)
    command = [sh, str(tmp_path / "reproduce.sh")]
    done = subprocess.run(
        command,
        env={"PATH": f"{uv.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        *("== before: # keras 3.4.0 fails", "ran reproduce.py 1", "exit status 3"),
        *("== after: # keras 3.4.1 passes", "ran reproduce.py 1", "exit status 3"),
    ]
    calls = (tmp_path / "calls").read_text()
    assert "--python 3.11 venv-before" in calls
    assert "pip sync --quiet --python venv-after/bin/python after.txt" in calls


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

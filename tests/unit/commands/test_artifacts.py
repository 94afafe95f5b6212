"""The commands `diagnose` and `repair` as they are typed, and the same as functions."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import savedmodel_matrix
from savedmodel_matrix.commands.cli import main

ARTIFACTS = Path(__file__).parents[2] / "data" / "savedmodels"
FILES = Path(__file__).parents[2] / "data" / "keras_files"


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_the_answer_comes_first_and_the_remedy_can_be_pasted():
    result = run("diagnose", ARTIFACTS / "dense-2.21")
    assert result.exit_code == 1
    assert result.output.startswith("✗ defect")
    text = " ".join(result.output.split())
    for said in (
        "signature 'serving_default' reads variable dense/bias, variable dense/kernel",
        "dense/kernel object dense._kernel checkpoint key dense/_kernel/.ATTRIBUTES/VARIABLE_VALUE",
        "restored instead: Variable_1",
        "saved_model_cli, libtensorflow",
        f"savedmodel-matrix repair {ARTIFACTS / 'dense-2.21'} OUT",
    ):
        assert said in text
    assert len(result.output.splitlines()) < 25


@pytest.mark.parametrize(
    ("name", "status", "verdict"),
    [("dense-2.15", 0, "sound"), ("dense-2.21", 1, "defect"), ("nowhere", 2, "unreadable")],
)
def test_status_and_json(name, status, verdict):
    result = run("diagnose", ARTIFACTS / name, "--format", "json")
    assert result.exit_code == status
    [diagnosis] = json.loads(result.output)
    assert diagnosis["verdict"] == verdict
    assert diagnosis["path"] == str(ARTIFACTS / name)
    expected = {"sound": "runs", "defect": "fails", "unreadable": "fails"}[verdict]
    assert diagnosis["loaders"]["libtensorflow"]["verdict"] == expected
    assert set(diagnosis["loaders"]["libtensorflow"]) == {"verdict", "from", "until", "because"}
    for finding in diagnosis["findings"]:
        assert set(finding) == {"rule", "severity", "where", "message", "evidence", "remedy"}


def test_a_tree_is_searched_and_ends_in_a_count():
    result = run("diagnose", ARTIFACTS)
    assert result.exit_code == 1
    assert "7 artifacts: 4 sound, 3 defect, 0 unreadable" in result.output
    both = run("diagnose", ARTIFACTS / "dense-2.15", "nowhere")
    assert both.exit_code == 2


def test_the_severity_that_fails_is_chosen(tmp_path):
    path = shutil.copytree(ARTIFACTS / "dense-2.15", tmp_path / "one")
    assert run("diagnose", path, "--fail-on", "low").exit_code == 0
    assert run("diagnose", ARTIFACTS / "dense-2.21", "--fail-on", "critical").exit_code == 1


def test_repair_says_what_it_changed_and_the_result_is_sound(tmp_path):
    result = run("repair", ARTIFACTS / "dense-2.21", tmp_path / "out")
    assert result.exit_code == 0
    assert "changed 4 inputs of nodes" in result.output
    assert "Variable_1 → dense/kernel" in result.output
    assert run("diagnose", tmp_path / "out").exit_code == 0
    again = run("repair", ARTIFACTS / "dense-2.21", tmp_path / "out")
    assert again.exit_code == 2
    assert again.stderr.count("\n") == 1
    assert "exists already" in again.stderr


def test_repair_as_json_and_dry(tmp_path):
    result = run("repair", ARTIFACTS / "dense-2.21", "--dry-run", "--format", "json")
    assert result.exit_code == 0
    done = json.loads(result.output)
    assert len(done["changes"]) == 4
    assert done["after"] is None
    assert "would change 4 inputs" in run("repair", ARTIFACTS / "dense-2.21", "--dry-run").output


def test_in_place(tmp_path):
    path = shutil.copytree(ARTIFACTS / "dense-2.21", tmp_path / "one")
    assert run("repair", path).exit_code == 2
    assert run("repair", path, tmp_path / "two", "--in-place").exit_code == 2
    assert run("repair", path, "--in-place").exit_code == 0
    assert run("diagnose", path).exit_code == 0
    assert "nothing to repair" in run("repair", path, "--in-place").output


def test_a_tree_is_repaired_into_the_same_places_and_ends_in_a_count(tmp_path):
    shutil.copytree(ARTIFACTS, tmp_path / "in")
    dry = run("repair", tmp_path / "in", "--recursive", "--dry-run")
    assert dry.exit_code == 0
    assert "7 SavedModels: 3 would be changed, 4 already right" in dry.output
    result = run("repair", tmp_path / "in", tmp_path / "out", "--recursive", "--slim")
    assert result.exit_code == 0
    assert "7 SavedModels: 4 changed, 3 already right" in result.output
    assert run("diagnose", tmp_path / "out").exit_code == 0
    assert run("diagnose", tmp_path / "in").exit_code == 1  # as it was
    again = run("repair", tmp_path / "in", tmp_path / "out", "--recursive")
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_what_is_refused_in_a_tree_keeps_nobody_else_from_being_repaired(tmp_path):
    shutil.copytree(ARTIFACTS / "dense-2.21", tmp_path / "in" / "one")
    shutil.copytree(ARTIFACTS / "dense-2.21", tmp_path / "in" / "two")
    (tmp_path / "in" / "one" / "saved_model.pb").write_bytes(b"\xff")
    result = run("repair", tmp_path / "in", "--in-place", "--recursive", "--format", "json")
    assert result.exit_code == 2
    first, second = json.loads(result.output)
    assert "is damaged" in first["error"]
    assert second["after"]["verdict"] == "sound"
    assert run("diagnose", tmp_path / "in" / "two").exit_code == 0


def test_many_are_repaired_in_several_processes(tmp_path):
    for number in range(70):
        shutil.copytree(ARTIFACTS / "dense-2.21", tmp_path / "in" / f"{number:02}")
    result = run("repair", tmp_path / "in", "--in-place", "--recursive", "--jobs", 2)
    assert result.exit_code == 0
    assert "70 SavedModels: 70 changed" in result.output
    assert "46 more are not shown" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--in-place", "--slim"], "name OUT"),
        (["--in-place", "--prove"], "name both"),
        (["out", "--trust"], "are for --prove"),
        (["out", "--resave", "--slim"], "--resave takes one IN and OUT"),
    ],
)
def test_options_that_do_not_go_together_are_one_sentence(arguments, said):
    result = run("repair", ARTIFACTS / "dense-2.21", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_an_empty_tree_is_one_sentence(tmp_path):
    result = run("repair", tmp_path, "--recursive", "--dry-run")
    assert result.exit_code == 2
    assert "has no SavedModel in it" in result.stderr


def test_what_cannot_be_repaired_is_one_sentence(tmp_path):
    result = run("repair", tmp_path / "nowhere", tmp_path / "out")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
    assert result.stderr.count("\n") == 1


def test_names_in_an_artifact_do_not_act_on_the_terminal(tmp_path):
    path = Path(shutil.copytree(ARTIFACTS / "dense-2.21", tmp_path / "one"))
    data = (path / "saved_model.pb").read_bytes()
    (path / "saved_model.pb").write_bytes(data.replace(b"dense/kernel", b"dense\x1b[2Jell"))
    result = run("diagnose", path)
    assert "\x1b" not in result.output
    assert "denseell" in result.output


def test_the_functions_are_there_without_the_command(tmp_path):
    assert savedmodel_matrix.diagnose(ARTIFACTS / "dense-2.21").verdict == "defect"
    done = savedmodel_matrix.repair(ARTIFACTS / "dense-2.21", tmp_path / "out")
    assert done.after
    assert done.after.sound
    with pytest.raises(savedmodel_matrix.RepairRefused):
        savedmodel_matrix.repair(tmp_path / "out", tmp_path / "out" / "inside")
    with pytest.raises(AttributeError, match="has no attribute 'mend'"):
        savedmodel_matrix.mend  # noqa: B018


def test_the_package_itself_imports_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import savedmodel_matrix\n"
        "print([m for m in set(sys.modules) - before if m.partition('.')[0] != 'savedmodel_matrix'"
        " and m.partition('.')[0] not in sys.stdlib_module_names])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_of_other_formats_are_diagnosed_alone_and_in_a_tree():
    result = run("diagnose", FILES / "dense-2.21.keras")
    assert result.exit_code == 0
    assert "(Keras file, written by Keras 3.15.1)" in result.output
    assert "layers/dense/vars/0 float32[4,3]" in result.output
    result = run("diagnose", FILES / "dense-2.21.tflite")
    assert "tflite runs, from TensorFlow 1.5 on" in " ".join(result.output.split())
    assert "operators: FULLY_CONNECTED 1" in result.output
    result = run("diagnose", FILES)
    assert result.exit_code == 1  # the lambdas and links are high
    assert "17 artifacts" in result.output


def test_the_json_of_a_keras_file_has_what_it_holds():
    [found] = json.loads(run("diagnose", FILES / "dense-2.21.keras", "--format", "json").output)
    assert (found["keras"], found["format"]) == ("3.15.1", "Keras file")
    assert found["saved"]
    assert {"name": "layers/dense/vars/0", "dtype": "float32", "shape": [4, 3], "size": 48} in (
        found["weights"]
    )
    assert found["loaders"]["keras.models.load_model"]["verdict"] == "unknown"
    [found] = json.loads(run("diagnose", FILES / "dense-2.21.tflite", "--format", "json").output)
    assert found["operators"] == {"FULLY_CONNECTED": 1}
    assert found["loaders"]["tflite"]["from"] == "1.5"
    diagnosis = savedmodel_matrix.diagnose(FILES / "lambda-2.21.keras")
    assert [finding.rule for finding in diagnosis.at_least("high")] == ["lambda"]


def test_who_can_read_it_is_said_with_what_keeps_the_others_out():
    text = " ".join(run("diagnose", ARTIFACTS / "dense-2.15").output.split())
    assert (
        "Who reads it libtensorflow, saved_model_cli: TensorFlow from 2.10 (in TensorFlow 2.9 the"
        in text
    )


def test_an_artifact_is_made_for_an_older_tensorflow(tmp_path):
    out = tmp_path / "out"
    result = run("repair", ARTIFACTS / "dense-2.21", out, "--for", "tf2.9")
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert "2 nodes taken out, unknown to TensorFlow 2.9: " in text
    assert "changed 4 inputs of nodes" in text
    [after] = json.loads(run("diagnose", out, "--format", "json").output)
    assert after["verdict"] == "sound"
    assert after["loaders"]["libtensorflow"]["from"] in {"2.5", "2.6", "2.7", "2.8", "2.9", None}


def test_a_release_that_is_not_known_is_one_sentence(tmp_path):
    result = run("repair", ARTIFACTS / "dense-2.21", tmp_path / "out", "--for", "tf1.15")
    assert result.exit_code == 2
    assert result.output == (
        "savedmodel-matrix: 'tf1.15' is no release known here: name one from tf2.4 to tf2.21.\n"
    )
    assert not list(tmp_path.iterdir())


def test_what_is_taken_out_is_in_the_json_of_a_dry_run(tmp_path):
    result = run(
        "repair", ARTIFACTS / "dense-2.15", "--dry-run", "--for", "2.9", "--format", "json"
    )
    taken_out = json.loads(result.output)["taken_out"]
    assert [name.rpartition("/")[2] for name in taken_out["nodes"]] == ["DisableCopyOnRead"] * 2
    assert any(name.endswith(".debug_name") for name in taken_out["attributes"])

"""The forms in which `diagnose` answers, each checked against what it is a form of."""

import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner
from rich.console import Console

from savedmodel_matrix.commands import diagnosing
from savedmodel_matrix.commands.cli import main

ROOT = Path(__file__).parents[3]
ARTIFACTS = ROOT / "tests" / "data" / "savedmodels"
NAMES = sorted(path.name for path in ARTIFACTS.iterdir() if path.is_dir())


def run(*arguments):
    wide = {"COLUMNS": "300"}
    return CliRunner().invoke(main, ["diagnose", *(str(a) for a in arguments)], env=wide)


def schema():
    return json.loads((ROOT / "docs" / "diagnosis.schema.json").read_text())


def test_the_schema_is_one_and_refuses_what_is_no_diagnosis():
    jsonschema.Draft202012Validator.check_schema(schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{"path": "x"}], schema())


def test_json_is_what_the_schema_says(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    found = json.loads(run(ARTIFACTS, tmp_path, "nowhere", "--format", "json").output)
    jsonschema.validate(found, schema())
    assert len(found) == len(NAMES) + 2
    assert {d["verdict"] for d in found} == {"sound", "defect", "unreadable"}
    assert any(variable["bytes"] for d in found[:1] for variable in d["about"]["variables"])


# What SARIF 2.1.0 (OASIS, sections 3.13, 3.14, 3.27) requires of what is written here.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id", "shortDescription"],
                                            "properties": {
                                                "shortDescription": {"required": ["text"]},
                                                "defaultConfiguration": {
                                                    "properties": {
                                                        "level": {
                                                            "enum": ["note", "warning", "error"]
                                                        }
                                                    }
                                                },
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "items": {
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "message": {
                                    "required": ["text"],
                                    "properties": {"text": {"minLength": 1}},
                                },
                                "locations": {
                                    "minItems": 1,
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {
                                                            "uri": {"pattern": "^[^ \\\\]+$"}
                                                        },
                                                    }
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}


def test_sarif_has_a_result_per_finding_that_names_a_rule_and_a_file(tmp_path, monkeypatch):
    path = tmp_path / "a model #1"
    shutil.copytree(ARTIFACTS / "dense-2.21", path)
    monkeypatch.chdir(tmp_path)
    result = run("a model #1", ARTIFACTS, "nowhere", "--format", "sarif")
    assert result.exit_code == 2
    log = json.loads(result.output)
    jsonschema.validate(log, SARIF)
    [found] = log["runs"]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert rules == ["unreadable", "unwritten-resource"]
    for one in found["results"]:
        assert rules[one["ruleIndex"]] == one["ruleId"]
    places = [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in found["results"]
    ]
    assert places[0] == "a%20model%20%231/saved_model.pb"
    assert places[1].startswith("file:///")
    assert not found["invocations"][0]["executionSuccessful"]
    assert (
        json.loads(run(ARTIFACTS / "tf1", "--format", "sarif").output)["runs"][0]["results"] == []
    )


def test_junit_has_a_test_per_artifact_that_fails_as_the_exit_status_says():
    result = run(ARTIFACTS, "nowhere", "--format", "junit")
    suite = ET.fromstring(result.output)
    counts = {key: suite.get(key) for key in ("tests", "failures", "errors")}
    assert counts == {"tests": "8", "failures": "3", "errors": "1"}
    assert len(suite.findall("testcase")) == 8
    assert len(suite.findall("testcase/failure")) == 3


def test_markdown_is_a_table_in_which_names_do_nothing(tmp_path):
    path = tmp_path / "a|<b>`c"
    shutil.copytree(ARTIFACTS / "dense-2.21", path)
    result = run(path, "--format", "markdown")
    assert "| --- | --- | --- |" in result.output
    assert r"a\|\<b\>\`c" in result.output


def test_many_end_in_one_table_with_the_worst_first():
    lines = run(ARTIFACTS, "nowhere").output.splitlines()
    assert "unreadable" in lines[1]
    assert all("defect" in line for line in lines[2:5])
    assert lines[-1] == "8 artifacts: 4 sound, 3 defect, 1 unreadable"
    assert any("tf1" in line for line in run(ARTIFACTS, "-v").output.splitlines())


def test_many_more_than_a_screen_are_a_screen(tmp_path):
    for number in range(60):
        (tmp_path / f"m{number:02}").symlink_to(ARTIFACTS / "dense-2.21")
    found = run(*sorted(tmp_path.iterdir()), "--jobs", 1)
    assert len(found.output.splitlines()) <= 28
    assert "36 more are not shown: --verbose has all" in found.output
    assert found.output.count("m59") == 0
    assert run(*sorted(tmp_path.iterdir()), "--jobs", 1, "-v").output.count("unwritten") == 60


def test_verbose_has_variables_assets_and_reasons():
    text = " ".join(run(ARTIFACTS / "vocabulary", "-v").output.split())
    for said in ("asset words.txt", "the root object is a", "table hash_table"):
        assert said in text
    text = " ".join(run(ARTIFACTS / "dense-2.21", "-v").output.split())
    assert "variable dense/kernel float[4,2] 32 bytes object dense._kernel" in text


def test_the_object_graph_is_a_tree():
    lines = run(ARTIFACTS / "vocabulary", "--tree").output.splitlines()
    assert lines[0].startswith("root")
    assert "  table  resource" in lines
    assert "TensorFlow 1" in run(ARTIFACTS / "tf1", "--tree").output
    result = run("nowhere", "--tree")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_against_another_as_a_client_sees_it():
    same = run(ARTIFACTS / "dense-2.15", "--against", ARTIFACTS / "dense-2.15")
    assert same.exit_code == 0
    assert "does not notice" in same.output
    worse = run(ARTIFACTS / "dense-2.21", "--against", ARTIFACTS / "dense-2.15")
    assert worse.exit_code == 1
    assert "does not any more" in " ".join(worse.output.split())
    better = run(
        ARTIFACTS / "dense-2.15", "--against", ARTIFACTS / "lookup-2.21", "--format", "json"
    )
    assert better.exit_code == 1
    assert {d["risk"] for d in json.loads(better.output)} >= {"breaks"}
    missing = run(ARTIFACTS / "tf1", "--against", "nowhere")
    assert (missing.exit_code, missing.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "arguments",
    [("--tree", "--against", "x"), ("b", "--tree"), ("--tree", "--format", "json")],
)
def test_options_that_do_not_go_together_are_refused(arguments):
    assert run("a", *arguments).exit_code == 2


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_plain_lines_or_a_live_one(terminal, monkeypatch):
    monkeypatch.setattr(diagnosing, "PLAIN_EVERY", 0.0)
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=100)
    given = [ARTIFACTS / "tf1"] * 70
    assert len(diagnosing.diagnosed(given, 1, console)) == 70
    said = shown.getvalue()
    assert ("\x1b[" in said) == terminal
    assert ("70 of 70 artifacts, 0 not sound" in said) != terminal

"""The data for programs: read back by readers that are not ours."""

import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given

from savedmodel_matrix.views.report import formats
from tests.unit.pages import HOSTILE, hostile
from tests.unit.views.report.generated import cell, failed

CELLS = [
    cell("a"),
    cell("b", **failed()),
    cell("c", **failed(status="crash", reason="signal 11")),
    cell("d", status="not-applicable", stage="", reason="does not apply"),
    cell("e", status="not-run", stage="environment", reason="no network"),
    cell("f", producer="tf2.17", consumer="tf2.15"),
]


def test_lines_read_back_and_fit_the_schema():
    schema = formats.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    of_a_run = [
        one | {"key": "ab" * 32, "artifact": "cd" * 32, "log": "logs/ab.log"} for one in CELLS
    ]
    lines = formats.cells_lines(of_a_run).decode().splitlines()
    kept = [{k: v for k, v in one.items() if k not in formats.OF_THE_RUN} for one in CELLS]
    kept[-1]["seconds"] = {}  # a cross cell
    assert [json.loads(line) for line in lines] == kept
    assert set(formats.OF_THE_RUN) == {"artifact", "key", "log"}
    for line in lines:
        jsonschema.validate(json.loads(line), schema)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "ok"},
        {"stage": "later"},
        {"reason": None},
        {"seconds": {"run": -1}},
        {"numbers": {}},
        {"artifact_bytes": 1.5},
    ],
)
def test_the_schema_refuses_what_is_not_a_cell(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(cell(**wrong), formats.schema())


def test_the_schema_wants_every_column():
    lacking = cell()
    del lacking["fingerprint"]
    with pytest.raises(jsonschema.ValidationError, match="fingerprint"):
        jsonschema.validate(lacking, formats.schema())


def test_cross_cells_are_in_the_lines_without_times_and_not_in_junit():
    crossed = cell("f", producer="tf2.17", consumer="tf2.15", seconds={"run": 1.5}, **failed("why"))
    cells = [*CELLS[:2], cell("f", producer="tf2.15", seconds={"run": 1.5}), crossed]
    told = [json.loads(line)["seconds"] for line in formats.cells_lines(cells).splitlines()]
    assert told[-2:] == [{"run": 1.5}, {}]
    root = ET.fromstring(formats.junit(cells))
    assert len(list(root.iter("testcase"))) == 3
    assert "why" not in {failure.get("message") for failure in root.iter("failure")}
    assert all(case.get("time") for case in root.iter("testcase"))


def test_lines_tell_artifacts_apart_by_the_beginning_of_their_hash():
    digests = ["0123456789abcdef" * 4, "fedcba9876543210" * 4, ""]
    lines = formats.cells_lines([cell(artifact_hash=digest) for digest in digests]).splitlines()
    told = [json.loads(line)["artifact_hash"] for line in lines]
    assert told == [digest[: formats.HASH_DIGITS] for digest in digests]
    assert len(set(told)) == len(digests)


def test_junit_counts_failures_errors_and_skips_apart():
    cells = [*CELLS[:-1], cell("f", producer="tf2.17", consumer="tf2.17")]
    root = ET.fromstring(formats.junit(cells))
    first, second = root
    assert dict(first.attrib) == {
        "name": "tf2.16",
        "tests": "5",
        "failures": "1",
        "errors": "2",
        "skipped": "1",
    }
    assert second.attrib["name"] == "tf2.17"
    tags = {case.get("classname"): [child.tag for child in case] for case in root.iter("testcase")}
    assert tags == {
        "a": [],
        "b": ["failure"],
        "c": ["error"],
        "d": ["skipped"],
        "e": ["error"],
        "f": [],
    }
    assert second[0].get("name") == "as-written, saved_model_cli"


@given(hostile)
def test_junit_is_xml_whatever_a_case_says(text):
    made = formats.junit([cell(text, **failed(text, message=text))])
    root = ET.fromstring(made)
    assert len(list(root.iter("testcase"))) == 1
    assert len(list(root.iter())) == 4


def test_junit_survives_all_hostile_texts_at_once():
    everything = "\n".join(HOSTILE) + "\udce4\x00"
    root = ET.fromstring(formats.junit([cell("x", **failed(everything, message=everything))]))
    assert root[0][0][0].text


def test_the_badge_is_an_image_that_says_how_many():
    root = ET.fromstring(formats.badge(CELLS))
    assert root.get("aria-label") == "SavedModel cells: 2 of 4 pass"
    assert root.tag == "{http://www.w3.org/2000/svg}svg"

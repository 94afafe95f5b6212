"""The data of a report for programs: JSON Lines, JSON Schema, JUnit XML and a badge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET  # only written here, never read
from xml.sax.saxutils import escape

from savedmodel_matrix.analysis.crossing import apart
from savedmodel_matrix.model.table import COLUMNS, FAILURES, STAGES, STATUSES
from savedmodel_matrix.views.harmless import block, one_line
from savedmodel_matrix.views.report.findings import counts
from savedmodel_matrix.views.report.views import sentence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from savedmodel_matrix.views.report.facts import Cell

TEXT = {"type": "string"}
NUMBER = {"type": ["number", "null"]}
TEXTS = {"type": "array", "items": TEXT}
VERSIONS = {"type": "object", "additionalProperties": TEXT}
HASH_DIGITS = 12  # hexadecimal: enough to tell artifacts apart, and a sixth of the file less
OF_THE_RUN = (
    "artifact",
    "key",
    "log",
)  # of a cell, what leads to files that a report does not have
_ERRORS = {"absolute": NUMBER, "relative": NUMBER}


def cells_lines(cells: Sequence[Cell]) -> bytes:
    """Return the cells as JSON lines, without what means something in the run directory only.

    Cross cells have no times, whose digits would be a tenth of the file.
    """
    encode = json.JSONEncoder(sort_keys=True).encode
    timed = {id(cell) for cell in apart(cells)[0]}
    return "".join(f"{encode(_shown(cell, timed=id(cell) in timed))}\n" for cell in cells).encode()


def _shown(cell: Cell, *, timed: bool) -> Cell:
    shown = {name: value for name, value in cell.items() if name not in OF_THE_RUN}
    if not timed:
        shown["seconds"] = {}
    elif seconds := cell.get("seconds"):
        shown["seconds"] = {stage: round(took, 2) for stage, took in seconds.items()}
    if digest := cell.get("artifact_hash"):
        shown["artifact_hash"] = digest[:HASH_DIGITS]
    return shown


def schema() -> dict[str, Any]:
    """Return the JSON Schema of one line of cells.jsonl."""
    properties: dict[str, Any] = dict.fromkeys(COLUMNS, TEXT)
    properties |= {
        "status": {"enum": list(STATUSES)},
        "stage": {"enum": ["", *STAGES]},
        "message": TEXT | {"description": "The message as it was raised."},
        "traceback": TEXT,
        "missing": TEXT | {"description": "The Python module that was not found, if one was."},
        "where": TEXT | {"description": "File and line in the case, if it could not be built."},
        "seconds": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
        "largest_error": {
            "oneOf": [
                {"type": "null"},
                {"type": "object", "properties": {"output": TEXT, **_ERRORS}},
            ]
        },
        "numbers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("signature", "output", "dtype", "wrong"), TEXT),
                    "shape": {"type": "array", "items": {"type": "integer"}},
                    "index": {"type": "integer", "minimum": 0},
                    "expected": TEXTS,
                    "actual": TEXTS,
                    **_ERRORS,
                },
            },
        },
        "predicted": {
            "description": "What the files of the artifact say, without running anything.",
            "oneOf": [
                {"type": "null"},
                {"type": "object", "properties": {"verdict": TEXT, "because": TEXT}},
            ],
        },
        "keras": VERSIONS,
        "versions": {
            "type": "object",
            "properties": {"producer": VERSIONS, "consumer": VERSIONS},
        },
        "lost_signatures": TEXTS,
        "lost_outputs": TEXTS,
        "functions": TEXTS,
        "artifact_bytes": {"type": "integer", "minimum": 0},
        "artifact_hash": TEXT
        | {"description": f"The first {HASH_DIGITS} digits: equal where the artifacts are."},
        "show": TEXT,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A cell: one case, remedy, producer, loader and consumer, and how it ended",
        "type": "object",
        "required": list(COLUMNS),
        "properties": properties,
    }


def junit(cells: Sequence[Cell]) -> bytes:
    """Return JUnit XML: a suite per producer, a test case per cell.

    Cross cells are left out: a suite would have each of its cases once for every consumer. All of
    them are in cells.jsonl, and in matrix.csv.
    """
    cells, _ = apart(cells)
    root = ET.Element("testsuites", name="savedmodel-matrix")
    suites: dict[str, ET.Element] = {}
    for cell in cells:
        name = one_line(cell["producer"])
        suite = suites.get(name)
        if suite is None:
            suite = suites[name] = ET.SubElement(root, "testsuite", name=name)
        _junit_case(suite, cell)
    for name, suite in suites.items():
        ended = [cell for cell in cells if one_line(cell["producer"]) == name]
        told = counts(ended)
        suite.set("tests", str(len(ended)))
        suite.set("failures", str(told.by_status.get("fail", 0)))
        errors = told.failed - told.by_status.get("fail", 0) + told.not_run
        suite.set("errors", str(errors))
        suite.set("skipped", str(told.by_status.get("not-applicable", 0)))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _junit_case(suite: ET.Element, cell: Cell) -> None:
    name = f"{cell['remedy']}, {cell['loader']}"
    case = ET.SubElement(suite, "testcase", classname=one_line(cell["case"]), name=one_line(name))
    case.set("time", f"{sum((cell.get('seconds') or {}).values()):.1f}")
    message = one_line(cell["reason"])
    if cell["status"] == "not-applicable":
        ET.SubElement(case, "skipped", message=message)
    elif cell["status"] in FAILURES or cell["status"] == "not-run":
        # A failed assertion to JUnit is a failure; a dead process or an unknown is an error.
        tag = "failure" if cell["status"] == "fail" else "error"
        kind = one_line(sentence_of(cell))
        ET.SubElement(case, tag, message=message, type=kind).text = block(cell.get("message", ""))


def badge(cells: Sequence[Cell]) -> str:
    """Return an SVG that says how many cells pass."""
    told = counts(cells)
    label, value = "SavedModel cells", f"{told.passed} of {told.applicable} pass"
    left, right = 7 * len(label) + 14, 7 * len(value) + 14
    colour = "#12603a" if told.passed == told.applicable else "#8a4600"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{escape(label)}: {escape(value)}">'
        f'<rect width="{left}" height="20" fill="#3d4046"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" '
        f'text-anchor="middle"><text x="{left / 2:g}" y="14" textLength="{left - 14}">'
        f'{escape(label)}</text><text x="{left + right / 2:g}" y="14" '
        f'textLength="{right - 14}">{escape(value)}</text></g></svg>\n'
    )

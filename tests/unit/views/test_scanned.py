"""The comparison of scanners: what is counted, the table, the page, and plain data."""

import io
import json
import re

import pytest
from rich.console import Console

from savedmodel_matrix.analysis.scanned import (
    FLAGGED,
    NO_VERDICT,
    NOT_READ,
    PASSED,
    Artifact,
    Comparison,
    Scan,
    Scanner,
    Speed,
)
from savedmodel_matrix.views.scanned import page, speed, table

GOOD, BAD = Artifact("dense", "/a/dense", "SavedModel"), Artifact("evil", "/a/e", ".h5", "a | b")
MB = 1 << 20


def scanner(name, healthy, hostile):
    scans = (Scan(GOOD, healthy, 0.2, 100 * MB), Scan(BAD, hostile, 0.4, 300 * MB))
    return Scanner(name, f"{name} 1.0", 2.5, scans)


FOUND = Comparison(
    "2026-01-31",
    "2 cores",
    [
        scanner("show", NO_VERDICT, NOT_READ),
        scanner("alarmist", FLAGGED, FLAGGED),
        scanner("blind", PASSED, NOT_READ),
        scanner("ours", PASSED, FLAGGED),
        Scanner("absent", missing="not installed: no wheel"),
    ],
    [GOOD, BAD],
    Speed(0.005, 6.0),
    set_aside=3,
)


def test_what_is_not_read_is_a_miss_and_no_false_alarm():
    show, alarmist, blind, ours, absent = FOUND.scanners
    assert [len(s.false_alarms) for s in FOUND.scanners] == [0, 1, 0, 0, 0]
    assert [len(s.misses) for s in FOUND.scanners] == [1, 0, 1, 0, 0]
    assert (show.judges, blind.judges, absent.judges) == (False, True, False)
    assert blind.cpu == pytest.approx(0.2)  # of what it read
    assert ours.cpu == pytest.approx(0.3)
    assert alarmist.memory == 300 * MB


def test_the_table_has_a_line_for_each_and_says_what_is_absent():
    written = io.StringIO()
    console = Console(file=written, width=140)
    console.print(table(FOUND))
    text = written.getvalue()
    rows = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()[3:] if line.strip()]
    assert rows == [
        ["show", NO_VERDICT, NO_VERDICT, "1 of 2", "0.200", "2.50", "300"],
        ["alarmist", "1 of 1", "0 of 1", "0 of 2", "0.300", "2.50", "300"],
        ["blind", "0 of 1", "1 of 1", "1 of 2", "0.200", "2.50", "300"],
        ["ours", "0 of 1", "0 of 1", "0 of 2", "0.300", "2.50", "300"],
        ["absent", "not installed: no wheel"],
    ]


def test_the_page_names_every_hostile_artifact_and_every_false_alarm():
    text = page(FOUND)
    assert "| `evil` | a \\| b | flagged | not read | flagged |" in text
    assert "- alarmist: `dense`" in text
    assert "3 artifacts of the run directory hold a Lambda layer" in text
    assert "on 2026-01-31, 2 cores" in text
    assert "Versions: show 1.0, alarmist 1.0, blind 1.0, ours 1.0." in text
    assert speed(FOUND) in text
    assert "1,200 times as fast" in text


def test_the_numbers_are_plain_data():
    found = json.loads(json.dumps(FOUND.to_json()))
    assert found["speed"] == {"ours": 0.005, "show": 6.0, "ratio": 1200.0}
    assert found["scanners"][2]["hostile"] == {NOT_READ: 1}
    assert found["artifacts"][1]["verdicts"]["ours"] == FLAGGED
    assert found["artifacts"][1]["verdicts"]["absent"] == ""

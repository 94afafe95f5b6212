"""Failures grouped by fingerprint, and explanations read from their file."""

from tests.unit.report.generated import cell, facts_of, failed

from savedmodel_matrix.explanations import explanations
from savedmodel_matrix.report.causes import causes

ENTRY = """
[one]
fingerprints = ["abc", "def"]
title = "T"
what = "W"
why = "Y"
since = "S"
do = "D"
links = ["https://example.org"]
"""


def test_failures_with_one_fingerprint_are_one_cause_the_largest_first():
    cells = [
        cell("a", **failed("small", "f1")),
        cell("b", **failed("large", "f2")),
        cell("c", **failed("large", "f2", status="crash")),
        cell("d"),
        cell("e", status="not-run", stage="environment", fingerprint="f2", reason="large"),
        cell("f", status="not-applicable", stage="", fingerprint="f1"),
    ]
    found = causes(facts_of(cells), {})
    assert [(one.fingerprint, one.title, len(one.cells)) for one in found] == [
        ("f2", "large", 2),
        ("f1", "small", 1),
    ]


def test_an_explanation_stands_for_each_of_its_fingerprints(tmp_path):
    file = tmp_path / "explanations.toml"
    file.write_text(ENTRY)
    known = explanations(file)
    assert known["abc"] is known["def"]
    [cause] = causes(facts_of([cell(**failed("r", "def"))]), known)
    assert cause.title == "T"

"""Failures grouped by fingerprint, and explanations read from their file."""

from savedmodel_matrix.analysis.explanations import Explanations, explanations
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.report.causes import by_cell, causes
from tests.unit.views.report.generated import cell, facts_of, failed

NOTHING = Explanations({})

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
    found = causes(facts_of(cells), NOTHING)
    assert [(one.fingerprint, one.title, len(one.cells)) for one in found] == [
        ("f2", "large", 2),
        ("f1", "small", 1),
    ]


def test_cross_cells_are_counted_apart_and_never_put_a_cause_first():
    crossed = [
        cell(name, consumer="tf2.15", **failed("crossed", f"f{number}"))
        for number, name in ((1, "a"), (2, "a"), (2, "c"))
    ]
    cells = [cell("b", **failed("large", "f1")), cell("z", producer="tf2.15"), *crossed]
    found = causes(facts_of(cells), NOTHING)
    assert [(one.fingerprint, one.title, len(one.cells), len(one.crossed)) for one in found] == [
        ("f1", "large", 1, 1),
        ("f2", "crossed", 0, 2),
    ]


def test_an_explanation_stands_for_each_of_its_fingerprints(tmp_path):
    file = tmp_path / "explanations.toml"
    file.write_text(ENTRY)
    known = explanations(file)
    for fingerprint in ("abc", "def"):
        [cause] = causes(facts_of([cell(**failed("r", fingerprint))]), known)
        assert cause.title == "T"
        assert cause.anchor == fingerprint


def test_cells_of_one_fingerprint_with_two_explanations_are_two_causes(tmp_path):
    file = tmp_path / "explanations.toml"
    limited = ENTRY.replace("[one]", "[frozen]").replace('"T"', '"F"')
    file.write_text(f'{limited}loaders = ["tflite"]\n{ENTRY}')
    cells = [cell(loader=name, **failed("r", "abc")) for name in ("tflite", "saved_model_cli")]
    found = causes(facts_of(cells), explanations(file))
    assert [(one.title, one.anchor) for one in found] == [("T", "abc"), ("F", "abc.frozen")]
    assert by_cell(found)[key_of(cells[0])].title == "F"

"""Failures grouped by fingerprint, and explanations read from their file."""

import pytest
from tests.unit.report.generated import cell, facts_of, failed

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.report.causes import causes, explanations

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


def test_every_shipped_explanation_reads_and_names_a_remedy_there_is():
    from savedmodel_matrix.catalogue import find_remedies

    remedies = {one.name for one in find_remedies()}
    known = explanations()
    assert known
    for one in known.values():
        assert one.remedy in remedies | {""}
        assert all(link.startswith("https://") for link in one.links)


@pytest.mark.parametrize("lacking", ["title", "links", "fingerprints"])
def test_an_entry_that_lacks_something_is_named(tmp_path, lacking):
    file = tmp_path / "explanations.toml"
    lines = [line for line in ENTRY.splitlines() if not line.startswith(lacking)]
    file.write_text("\n".join(lines))
    with pytest.raises(UserError, match=rf"\[one\] states no {lacking}"):
        explanations(file)


def test_a_file_that_is_not_toml_is_named(tmp_path):
    file = tmp_path / "explanations.toml"
    file.write_text("[")
    with pytest.raises(UserError, match=r"explanations\.toml cannot be read"):
        explanations(file)

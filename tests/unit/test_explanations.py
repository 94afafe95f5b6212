"""Explanations: read from their file, and those that are shipped."""

from pathlib import Path

import pytest

from savedmodel_matrix.accepted import load_table
from savedmodel_matrix.catalogue import find_remedies
from savedmodel_matrix.errors import UserError
from savedmodel_matrix.explanations import explanations
from savedmodel_matrix.table import FAILURES, rows_of

ROOT = Path(__file__).parents[2]

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


def test_every_shipped_explanation_reads_and_names_a_remedy_there_is():
    remedies = {one.name for one in find_remedies()}
    known = explanations()
    assert known
    for one in known.values():
        assert one.remedy in remedies | {""}
        assert all(link.startswith("https://") for link in one.links)


def test_every_accepted_failure_is_explained_and_nothing_else_is():
    rows = rows_of(load_table(ROOT / "results" / "accepted"))
    failing = {row["fingerprint"]: row["reason"] for row in rows if row["status"] in FAILURES}
    known = explanations().keys()
    assert {name: reason for name, reason in failing.items() if name not in known} == {}
    assert known - failing.keys() == set()


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


def test_an_entry_that_states_what_means_nothing_is_named(tmp_path):
    file = tmp_path / "explanations.toml"
    file.write_text(ENTRY + 'sinec = "2.16"\n')
    with pytest.raises(UserError, match=r"\[one\] states 'sinec', which means nothing"):
        explanations(file)


def test_a_fingerprint_has_one_explanation(tmp_path):
    file = tmp_path / "explanations.toml"
    file.write_text(ENTRY + ENTRY.replace("one", "two").replace('"abc", ', ""))
    with pytest.raises(UserError, match=r"\[two\] explains def, as an entry before it"):
        explanations(file)

"""Explanations: read from their file, and those that are shipped."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import FAILURES, key_of, rows_of
from savedmodel_matrix.store.accepted import load_table
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders, find_remedies
from savedmodel_matrix.workspace.project import find_project

ROOT = Path(__file__).parents[3]
# How the sentence begins that says since when: with the first Keras 3 of all, or with a later one.
FIRST = r"TensorFlow 2\.16, the first release in which tf\.keras is Keras 3\.$|Keras (?P<keras>3\.\d+)\."

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


def entries(known):
    return {one for entries in known.by_fingerprint.values() for one in entries}


def test_every_shipped_explanation_reads_and_names_a_remedy_there_is():
    remedies = {one.name for one in find_remedies()}
    known = explanations()
    assert known.by_fingerprint
    for one in entries(known):
        assert one.remedy in remedies | {""}
        assert all(link.startswith("https://") for link in one.links)
        assert set(one.cases) <= {case.name for case in find_cases([ROOT / "cases"])}
        assert set(one.loaders) <= {loader.name for loader in find_loaders()}


def test_every_accepted_failure_is_explained_and_nothing_else_is():
    rows = rows_of(load_table(ROOT / "results" / "accepted"))
    failing = [row for row in rows if row["status"] in FAILURES]
    known = explanations()
    plain = known.of(rows)
    assert {(r["fingerprint"], r["reason"]) for r in failing if key_of(r) not in plain} == set()
    used = {(plain[key].name, r["fingerprint"]) for r in failing if (key := key_of(r)) in plain}
    stated = {(one.name, name) for name, them in known.by_fingerprint.items() for one in them}
    assert stated - used == set()


def test_the_release_that_an_explanation_names_is_the_first_of_its_grid_that_fails_so():
    stated = find_project(ROOT).environments
    grid = sorted((n for n in stated if n.startswith("keras3.")), key=lambda n: int(n[7:]))
    rows = [r for r in rows_of(load_table(ROOT / "results" / "accepted")) if r["producer"] in grid]
    found = defaultdict(set)
    for key, one in explanations().of(rows).items():
        found[one].add(grid.index(key[2]))
    checked = 0
    for one, numbers in found.items():
        if said := re.match(FIRST, " ".join(one.since.split())):
            first = f"keras{said['keras'] or '3.0'}"
            assert (one.name, grid[min(numbers)]) == (one.name, first)
            checked += 1
    assert checked > 10


def row(case="a", loader="tflite", fingerprint="abc", status="fail", producer="tf2.21"):
    named = {"case": case, "remedy": "as-written", "producer": producer, "loader": loader}
    return named | {"consumer": producer, "status": status, "fingerprint": fingerprint}


@pytest.mark.parametrize(
    ("limit", "explained"),
    [
        ('cases = ["a"]', [True, False, True, True]),
        ('loaders = ["tflite"]', [True, True, False, True]),
        ('beside = ["lost"]', [True, False, True, False]),
        ('cases = ["a"]\nbeside = ["lost"]', [True, False, True, False]),
    ],
)
def test_an_entry_that_is_limited_explains_what_its_limits_leave(tmp_path, limit, explained):
    file = tmp_path / "explanations.toml"
    file.write_text(ENTRY + limit)
    cells = [row(), row(case="b"), row(loader="openvino"), row(producer="tf2.15")]
    cells.append(row(loader="saved_model_cli", fingerprint="lost"))
    plain = explanations(file).of(cells)
    assert [key_of(one) in plain for one in cells] == [*explained, False]


def test_how_others_failed_is_looked_up_in_what_was_accepted_too(tmp_path):
    file = tmp_path / "explanations.toml"
    file.write_text(ENTRY + 'beside = ["lost"]')
    accepted = [row(loader="saved_model_cli", fingerprint="lost")]
    assert set(explanations(file).of([row()], accepted)) == {key_of(row())}
    passed = [accepted[0] | {"status": "pass"}]
    assert explanations(file).of([row()], passed) == {}


def test_the_first_entry_that_applies_explains_a_cell(tmp_path):
    file = tmp_path / "explanations.toml"
    limited = ENTRY.replace("[one]", "[two]") + 'loaders = ["openvino"]\n'
    file.write_text(limited + ENTRY)
    cells = [row(), row(loader="openvino")]
    assert [one.name for one in explanations(file).of(cells).values()] == ["one", "two"]


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

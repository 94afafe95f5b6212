"""The shipped cases keep to what a reader of the tour is promised."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from savedmodel_matrix.model.table import rows_of
from savedmodel_matrix.store.accepted import load_table
from savedmodel_matrix.views.guide import guide
from savedmodel_matrix.views.report.publish import WRITTEN, accepted_facts
from savedmodel_matrix.workspace.catalogue import find_cases
from savedmodel_matrix.workspace.project import find_project
from savedmodel_matrix.workspace.tour import read_groups

ROOT = Path(__file__).parents[2]

CASES = find_cases([ROOT / "cases"])
GROUPS = read_groups(ROOT / "cases")


def test_there_are_at_least_45_and_every_group_has_one():
    assert len(CASES) >= 45
    assert {case.group for case in CASES} == set(GROUPS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_short_and_says_what_the_user_meant_and_who_reported_it(case):
    assert not case.complaint
    assert case.title.endswith(".")
    assert 15 <= case.length <= 40
    assert len(re.findall(r"[.:?](?=\s|$)", case.story)) >= 2
    assert case.issues
    for url in case.issues:
        assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+", url)


# Measured by `nox -s bisect -- --case static_batch --remedy model-export --outcome fingerprint`: the
# environments of each Keras have the cells as written only.
BY_BISECT = {"static_batch"}


@pytest.fixture(scope="module")
def plainly():
    """Return how each case comes out as written, by case, environment and loader."""
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in rows_of(load_table(ROOT / "results" / "accepted")):
        if row["remedy"] == "as-written" and row["producer"] == row["consumer"]:
            outcome = (row["status"], row["stage"], row["fingerprint"])
            found[row["case"], row["producer"]][row["loader"]] = outcome
    return found


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.changed and case.name not in BY_BISECT],
    ids=lambda case: case.name,
)
def test_the_change_that_a_case_names_is_in_the_accepted_table(case, plainly):
    if named := re.match(r"Keras 3\.(\d+)\.", case.changed):
        sides = f"keras3.{int(named[1]) - 1}", f"keras3.{named[1]}"
    else:
        assert case.changed == "TensorFlow 2.16, where tf.keras became Keras 3"
        sides = "tf2.15", "keras3.0"
    before, after = (plainly[case.name, side] for side in sides)
    assert any(before[loader] != after[loader] for loader in before.keys() & after.keys())


def test_the_page_of_the_cases_is_the_one_that_report_writes():
    table = accepted_facts(find_project(ROOT)).table
    assert (ROOT / "docs" / "cases.md").read_text() == WRITTEN + guide(CASES, GROUPS, table)

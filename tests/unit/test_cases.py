"""The shipped cases keep to what a reader of the tour is promised."""

import re
from pathlib import Path

import pytest

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


def test_the_page_of_the_cases_is_the_one_that_report_writes():
    table = accepted_facts(find_project(ROOT)).table
    assert (ROOT / "docs" / "cases.md").read_text() == WRITTEN + guide(CASES, GROUPS, table)

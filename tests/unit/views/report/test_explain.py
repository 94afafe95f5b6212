"""The page that explains a pasted error, and the data that its script works with."""

import json
import re

from savedmodel_matrix.analysis import error_index, error_text
from savedmodel_matrix.analysis.error_building import entries
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.views.report.causes import causes
from savedmodel_matrix.views.report.explain import NUMBERS, script
from savedmodel_matrix.views.report.site import files
from tests.unit.views.report.generated import cell, facts_of

UNINITIALISED = "5eebae428f26"


def facts(**more):
    failed = {"status": "fail", "stage": "run", "reason": "r", "fingerprint": UNINITIALISED}
    return facts_of([cell(), cell(case="other", **failed)], **more)


def data_of(text):
    assert text.startswith("window.explanations = ")
    assert text.endswith(";\n")
    return json.loads(text.removeprefix("window.explanations = ").removesuffix(";\n"))


def test_the_script_has_the_index_and_every_explanation():
    made = facts()
    data = data_of(script(causes(made)))
    assert data["index"] == error_index.index()
    assert data["rules"] == error_text.RULES
    assert data["causes"].keys() == {one.name for one in entries(explanations())}
    assert data["numbers"] == NUMBERS
    assert {sign["cause"] for sign in data["index"]["signs"]} <= data["causes"].keys()


def test_a_cause_that_the_report_has_is_linked_and_others_are_not():
    made = facts()
    data = data_of(script(causes(made)))
    linked = {name: one["href"] for name, one in data["causes"].items() if one["href"]}
    assert linked == {"uninitialised-variable": f"causes.html#{UNINITIALISED}"}


def test_the_report_has_the_page_once_and_it_reads_without_javascript():
    made = dict(files(facts()))
    page = made["explain.html"].decode()
    [without] = re.findall(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert 'href="causes.html"' in without
    for place in ("data/explain.js", "assets/explain.js"):
        assert place in made
        assert f'src="{place}"' in page
    for place, content in made.items():
        if place.endswith(".html"):
            root = "../" * place.count("/")
            assert f'href="{root}explain.html"' in content.decode(), place

"""What pages say beside the matrix: cases that behave alike, the tour's order, flaky cells."""

import json
import re
from dataclasses import replace

import pytest

from savedmodel_matrix.views.report.facts import gather
from savedmodel_matrix.views.report.pages import Pages
from savedmodel_matrix.workspace.catalogue import find_loaders, find_remedies
from tests.unit.pages import HOSTILE
from tests.unit.views.report.generated import cell, cells_of, facts_of, failed

BOTH = {
    "first": {"status": "pass", "stage": "values", "reason": ""},
    "second": {"status": "fail", "stage": "run", "reason": "no such thing"},
}
KEY = {
    "case": "case_000",
    "remedy": "as-written",
    "producer": "tf2.16",
    "loader": "libtensorflow",
    "consumer": "tf2.16",
}


@pytest.fixture
def facts():
    """Three cases, of which the first and the last behave alike."""
    return facts_of(cells_of(3), groups=1)


def pages(facts):
    return dict(Pages(facts).all())


def test_cases_that_behave_alike_are_one_group_led_by_the_first(facts):
    made = pages(facts)
    assert "3 cases behave in 2 ways" in made["cases.html"]
    assert "1 case behaves like <code>case_000</code>" in made["cases.html"]
    assert made["cases.html"].index("case_002") < made["cases.html"].index("Like no other")
    assert made["cases.html"].index("Like no other") < made["cases.html"].index("case_001")
    assert "Behaves like" in made["cases/case_002.html"]
    assert "1 other case behaves like it" in made["cases/case_000.html"]
    assert "Behaves like" not in made["cases/case_001.html"]


def test_the_release_that_changed_a_case_is_named(facts):
    cases = dict(facts.cases)
    cases["case_001"] = replace(cases["case_001"], changed="Keras 3.9.0")
    made = pages(replace(facts, cases=cases))
    assert "Changed in Keras 3.9.0." in made["cases/case_001.html"]
    assert "Changed in" not in made["cases/case_000.html"]


def test_groups_come_in_the_order_of_the_tour(facts):
    cases = {
        name: replace(source, group=group)
        for (name, source), group in zip(facts.cases.items(), ["Z", "Unknown", "A"], strict=True)
    }
    ordered = replace(facts, cases=cases, groups=["Z", "A"])
    assert ordered.case_names == ("case_000", "case_002", "case_001")


def test_a_flaky_cell_is_marked_wherever_it_is_shown(facts):
    selfcheck = {"cells": 441, "commit": "abc", "finished": "2026", "flaky": [{**KEY, **BOTH}]}
    made = Pages(replace(facts, selfcheck=selfcheck))
    told = dict(made.all())
    cells = told["cases/case_000.html"]
    assert "The first passes; the second fails at run (no such thing)." in " ".join(cells.split())
    assert cells.count("<strong>Flaky:</strong>") == 1
    fronts = [page for place, page in told.items() if place.startswith(("index", "loaders/"))]
    assert [page.count("✓ pass, flaky") > 0 for page in fronts].count(True) == 1
    assert "Of 441 cells, run twice, 1 does not come out the same." in told["data.html"]
    data = json.loads(made.script()[1].removeprefix("window.matrix = ").rstrip(";\n"))
    assert "pass, flaky" in {outcome["word"] for outcome in data["outcomes"]}


def test_runs_that_agree_are_told_and_mark_nothing(facts):
    made = pages(replace(facts, selfcheck={"cells": 441, "flaky": []}))
    assert "441 cells were run twice, and both runs agree in each of them." in made["data.html"]
    assert not any("flaky" in page.lower() for page in made.values())
    assert "A against A" not in pages(facts)["data.html"]


@pytest.mark.parametrize("name", HOSTILE[:6])
def test_what_a_flaky_cell_says_is_text(name):
    facts = facts_of([cell(**failed())])
    way = {**BOTH["second"], "reason": f"<script>{name}"}
    flaky = [
        {**KEY, "case": "module_dense", "loader": "saved_model_cli", "first": way, "second": way}
    ]
    made = pages(replace(facts, selfcheck={"cells": 1, "flaky": flaky}))
    page = made["cases/module_dense.html"]
    assert "Flaky" in page
    assert "<script>" not in page.replace("<script src", "")


def test_a_loader_of_another_format_has_what_it_reads_as_its_first_column():
    keras = {"loader": "keras.models.load_model", "signature": ""}
    cells = [
        cell(),
        cell(remedy="h5-file", **keras),
        cell(remedy="keras-file", **keras),
        cell(case="other"),
    ]
    made = pages(facts_of(cells))
    assert ">As written</th>" in made["index.html"]
    page = made["loaders/keras.models.load_model.html"]
    assert ">With h5-file</th>" in page
    assert "saved with h5-file, beside the best remedy," in page
    assert page.count('<td class="advised"></td>') == 1


def test_a_message_that_several_cells_share_is_shown_once_on_their_page():
    shared = failed("reason", message="all that the converter said")
    cells = [cell(loader=name, **shared) for name in ("tflite", "litert")]
    cells.append(cell(loader="openvino", **failed("reason", message="something else")))
    page = dict(Pages(facts_of(cells)).all())["cases/module_dense.html"]
    assert page.count("all that the converter said") == 1
    assert page.count("something else") == 1
    assert page.count('<article class="cell"') == 1


def test_a_root_cause_of_some_cells_of_a_fingerprint_has_a_place_of_its_own():
    cells = [
        cell(loader="tflite", **failed("wrong values: <n> of <n> values differ", "1e152b94bdc5")),
        cell(loader="saved_model_cli", **failed("FAILED_PRECONDITION", "5eebae428f26")),
    ]
    made = dict(Pages(facts_of(cells)).all())
    place = "1e152b94bdc5.frozen-without-values"
    assert f'id="{place}"' in made["causes.html"]
    assert f'causes.html#{place}"' in made["cases/module_dense.html"]


def test_loaders_come_by_how_much_fails_those_that_load_elsewhere_or_something_else_behind():
    lost = failed()
    made = [cell(), cell(loader="libtensorflow", **lost), cell(loader="tflite", **lost)]
    made.append(cell(loader="openvino", consumer="openvino", **lost))
    made.append(cell(loader="keras.models.load_model", remedy="h5-file", **lost))
    facts = facts_of(made)
    converted = replace(facts.loaders["tflite"], converted=True)
    facts = replace(facts, loaders={**facts.loaders, "tflite": converted})
    assert facts.loader_names == (
        "libtensorflow",
        "saved_model_cli",
        "openvino",
        "tflite",
        "keras.models.load_model",
    )


def test_selections_that_were_accepted_later_say_what_was_asked_for_where_that_is_known():
    facts = facts_of(cells_of(1))
    one = {"finished": "2026-02-03", "commit": "fedcba9876543210", "cells": 7}
    elsewhere = {"architecture": "aarch64", "model": ""}
    run = dict(facts.run) | {
        "selections": [one, one | {"asked": "--case a"}, one | {"processor": elsewhere}]
    }
    text = re.sub(r"<[^>]+>", "", pages(replace(facts, run=run))["data.html"])
    assert "2026-02-03: 7 cells at fedcba987654" in text
    assert "fedcba987654, --case a" in text
    assert "fedcba987654, on aarch64" in text


def test_a_loader_that_reads_what_no_remedy_writes_reads_what_is_converted():
    loaders = find_loaders()
    facts = gather([], {}, [], find_remedies(), loaders)
    converted = {name for name, source in facts.loaders.items() if source.converted}
    assert converted == {"tflite", "litert", "tflite-runtime"}

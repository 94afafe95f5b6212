"""Code to paste: one click copies a script that is whole, with what it runs with and gives."""

import ast
from dataclasses import replace

import pytest

from savedmodel_matrix.views.report.facts import Source
from savedmodel_matrix.views.report.site import build
from tests.unit.views.report.generated import cell, facts_of, failed
from tests.unit.views.test_plain_script import CASES

CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture(scope="module")
def page_with_scripts(tmp_path_factory):
    python = {"loader": "tf.saved_model.load"}
    versions = {"producer": {"tensorflow-cpu": "2.16.2", "keras": "3.15.1", "python": "3.11.7"}}
    cells = [
        cell(producer="tf2.15", **python),
        cell(producer="tf2.16", versions=versions, **python, **failed("no <such> variable")),
        cell(remedy="legacy-keras", versions=versions, **python),
    ]
    facts = facts_of(cells)
    legacy = Source("legacy-keras", "Keras 2", settings={"TF_USE_LEGACY_KERAS": "1"})
    facts = replace(
        facts,
        cases={"module_dense": Source("module_dense", "A layer.", CASES["module_dense"])},
        remedies={**facts.remedies, "legacy-keras": legacy},
    )
    place = tmp_path_factory.mktemp("scripts") / "report"
    build(facts, place)
    return place / "cases" / "module_dense.html"


def copied(page, remedy, number):
    one = page.locator(f"[id='script~{remedy}']")
    one.locator("summary").click()
    one.get_by_role("button", name="Copy script").nth(number).click()
    one.get_by_text("Copied", exact=True).wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def test_one_click_copies_a_whole_script_with_its_packages_and_what_comes_out(
    visit, page_with_scripts, accessible
):
    page = visit(page_with_scripts, permissions=CLIPBOARD)
    text = copied(page, "as-written", 1)
    first, second, *rest = text.splitlines()
    assert first == (
        "# uv run --python 3.11 --with tensorflow-cpu==2.16.2 --with keras==3.15.1 script.py"
    )
    assert second.startswith("# tf2.16, tf.saved_model.load: fails at ")
    assert second.endswith(": no <such> variable")
    program = ast.parse("\n".join(rest))
    assert (ast.get_docstring(program) or "").startswith("A Dense layer in a tf.Module.")
    assert text.count("import tensorflow as tf\n") == 2  # its own, and the process that loads
    assert 'tf.saved_model.save(scorer, "saved"' in text
    assert text.endswith("check(expected(scorer))\n")
    accessible(page)


def test_what_has_to_be_set_first_is_copied_first(visit, page_with_scripts):
    page = visit(page_with_scripts, permissions=CLIPBOARD)
    text = copied(page, "legacy-keras", 0)
    ast.parse(text)
    assert text.index("os.environ['TF_USE_LEGACY_KERAS'] = '1'") < text.index("import tensorflow")


def test_without_javascript_the_parts_are_there_in_their_order(visit, page_with_scripts):
    page = visit(page_with_scripts, java_script_enabled=False)
    parts = ["#program\\~", "#check\\~", "#script\\~as-written .save"]
    text = "\n\n\n".join(page.locator(part).text_content() for part in parts)
    ast.parse(text)
    assert page.get_by_role("button").count() == 0
    assert "check(expected(scorer))" in text

"""My situation: every answer on the page, one of them shown, and its state in the address."""

import pytest

from savedmodel_matrix.views.report.site import build
from tests.unit.views.report.test_situation import ended, facts_with


@pytest.fixture(scope="module")
def page_of_situations(tmp_path_factory):
    cells = []
    for case in ("module_dense", "functional_direct"):
        cells += ended(case, "as-written", passes=True, producer="tf2.15")
        cells += ended(case, "as-written", passes=False, producer="tf2.16")
        cells += ended(case, "resave", passes=True, producer="tf2.16")
        cells += ended(case, "as-written", passes=True, loaders=("tf.saved_model.load",))
    place = tmp_path_factory.mktemp("situation") / "report"
    build(facts_with(cells), place)
    return place / "situation.html"


def shown(page):
    return [one.get_attribute("id") for one in page.locator(".situation:visible").all()]


def test_fields_choose_one_answer_and_the_address_keeps_it(visit, page_of_situations, accessible):
    page = visit(page_of_situations)
    assert shown(page) == ["module.serve"]
    assert page.locator(".take:visible h3").inner_text() == "tf2.16: Load in Python, save again"
    page.get_by_label("saved by").select_option("tf2.15")
    assert page.locator(".take:visible h3").inner_text() == "tf2.15: As written"
    page.get_by_label("I have").select_option("A SavedModel on disk")
    assert shown(page) == ["savedmodel.serve"]
    address = page.url
    assert address.endswith("?have=savedmodel&version=tf2.15&use=serve")
    accessible(page)
    again = visit(address)
    assert shown(again) == ["savedmodel.serve"]
    again.get_by_label("I have").select_option("Code with a Keras model")
    again.go_back()
    assert shown(again) == ["savedmodel.serve"]


def test_a_link_to_an_answer_shows_it(visit, page_of_situations):
    page = visit(f"{page_of_situations.as_uri()}#model.python")
    assert shown(page) == ["model.python"]
    assert page.get_by_label("I have").input_value() == "model"


def test_without_javascript_every_answer_is_there(visit, page_of_situations, accessible):
    page = visit(page_of_situations, java_script_enabled=False)
    assert len(shown(page)) == 6
    assert page.locator("#situation").is_hidden()
    assert page.locator(".take:visible").count() > 6


@pytest.mark.parametrize("width", [360, 2560])
def test_it_fits(visit, page_of_situations, width):
    page = visit(page_of_situations, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

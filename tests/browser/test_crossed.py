"""Grids of producers and consumers, and two environments compared, in a real browser."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from savedmodel_matrix.views.report.names import anchor_of
from savedmodel_matrix.views.report.site import build
from tests.browser.steps import follow
from tests.unit.views.report.generated import ENVIRONMENTS, crossed_cells, facts_of

CELLS = "cases/case_001.html"
FIELD = anchor_of("as-written", "tf2.15", "saved_model_cli", "tf2.16")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 390, "height": 844, "has_touch": True},
}


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """Build a report of cross cells; Keras changes after tf2.15, and NumPy after tf2.17."""
    facts = facts_of(crossed_cells(6))
    environments = {
        name: {
            "lock": "ab" * 32,
            "python": "CPython 3.11.9",
            "packages": {
                "tensorflow-cpu": f"{name.removeprefix('tf')}.1",
                "keras": "2.15.0" if name == "tf2.15" else "3.15.1",
                "numpy": "1.26.4" if name in ("tf2.15", "tf2.16", "tf2.17") else "2.0.2",
                f"only-{name}": "1.0",
            },
        }
        for name in ENVIRONMENTS
    }
    place = tmp_path_factory.mktemp("crossed") / "report"
    build(replace(facts, run=dict(facts.run) | {"environments": environments}), place)
    return place


def unfold(page):
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    "place", [CELLS, "environments.html", "releases.html", "index.html", "data.html"]
)
def test_pages_with_cross_cells_are_accessible_and_stay_within_the_window(
    crossed, visit, accessible, place, look
):
    page = visit(crossed / place, **LOOKS[look])
    accessible(page)
    unfold(page)
    accessible(page)
    wide = page.locator("html").evaluate("html => html.scrollWidth")
    assert wide <= page.viewport_size["width"]


def test_the_front_page_has_a_column_per_producer_for_every_loader(crossed, visit):
    page = visit(crossed / "index.html")
    for loader in ("openvino", "saved_model_cli"):
        page.get_by_label("Loader", exact=True).select_option(loader)
        assert page.locator("#matrix th.env:visible").all_inner_texts() == [*ENVIRONMENTS] * 2
        link = page.locator("tr[data-case='1'] td.o a").nth(1)
        follow(link)
        anchor = anchor_of(
            "as-written", "tf2.16", loader, "openvino" if loader == "openvino" else "tf2.16"
        )
        assert page.url.endswith(f"#{anchor}")
        assert page.locator("article:has(:target)").count() == 1
        page.go_back()


def test_every_cross_cell_has_a_place_and_every_field_of_a_grid_leads_to_its_outcome(
    crossed, visit, accessible
):
    page = visit(f"{(crossed / CELLS).as_uri()}#{FIELD}")
    outcome = page.locator("article:has(:target)")
    assert "fails at run" in outcome.inner_text()
    box = outcome.bounding_box()
    assert 0 <= box["y"] < page.viewport_size["height"]
    where = outcome.get_attribute("id")
    field = page.locator("table.grid").first.locator("tbody tr").first.locator("td").nth(1)
    follow(field.get_by_role("link"))
    outcome = page.locator("article:target")
    assert outcome.get_attribute("id") == where
    assert "tf2.15 → every other environment" in outcome.text_content()
    assert "of another Keras" in outcome.inner_text()
    accessible(page)


def test_a_grid_is_read_by_its_headers_and_scrolls_in_its_own_box(crossed, visit):
    page = visit(crossed / CELLS, width=390, height=844)
    region = page.get_by_role("region", name="Producers and consumers").first
    table = region.get_by_role("table")
    assert table.get_by_role("rowheader").all_inner_texts() == list(ENVIRONMENTS)
    assert table.get_by_role("columnheader").all_inner_texts() == list(ENVIRONMENTS)
    assert region.evaluate("one => one.scrollWidth > one.clientWidth")
    region.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(50):
        if region.evaluate("one => one.scrollLeft"):
            break
        page.wait_for_timeout(100)
    assert region.evaluate("one => one.scrollLeft") > 0


def test_the_diagonal_leads_to_the_cell_itself(crossed, visit):
    page = visit(crossed / CELLS, java_script_enabled=False)
    follow(page.locator("table.grid").last.locator("td.straight a").first)
    article = page.locator("article:target")
    assert article.locator("[id='as-written.tf2.15.saved_model_cli']").count() == 1


def test_pairs_that_break_are_seen_at_a_glance(crossed, visit):
    page = visit(crossed / "environments.html", java_script_enabled=False)
    written = page.get_by_role("region", name="As written, with tf.saved_model.load")
    told = [row.inner_text().split() for row in written.locator("tbody tr").all()]
    assert told[0] == ["tf2.15", "6/6", *["3/6"] * 6]
    assert told[1] == ["tf2.16", "3/6", *["6/6"] * 6]


def shown(page):
    """Return the groups of the comparison: heading, and its links."""
    return [
        (part.locator("h3").inner_text(), part.locator("a").all_text_contents())
        for part in page.locator("#compared section").all()
    ]


def test_any_two_environments_are_compared(crossed, visit, accessible):
    page = visit(crossed / "releases.html")
    assert page.inner_text("#compared-counts").startswith("tf2.15 → tf2.16: 4 packages differ, ")
    [(heading, links)] = shown(page)
    assert heading.startswith("Goes with tensorflow-cpu or keras: ")
    assert "libtensorflow" in links
    page.get_by_label("One environment").select_option("tf2.17")
    page.get_by_label("Another environment").select_option("tf2.21")
    counts = page.inner_text("#compared-counts")
    assert counts == "tf2.17 → tf2.21: 4 packages differ, 0 outcomes differ."
    assert page.locator("#compared th[scope=row]:visible").all_inner_texts() == [
        "tensorflow-cpu",
        "numpy",
    ]
    assert shown(page) == []
    assert "a=tf2.17&b=tf2.21" in page.url
    accessible(page)
    fresh = visit(page.url)
    assert fresh.get_by_label("Another environment").input_value() == "tf2.21"
    page.go_back()
    assert page.get_by_label("One environment").input_value() == "tf2.17"
    assert page.get_by_label("Another environment").input_value() == "tf2.16"


def test_the_comparison_works_from_the_keyboard_and_leads_to_the_cells(crossed, visit):
    page = visit(crossed / "releases.html")
    page.get_by_label("One environment").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "b"
    page.keyboard.press("End")
    expect(page.locator("#compared-counts")).to_contain_text("tf2.15 → tf2.21")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#compared') !== null")
    follow(page.locator("#compared section a:visible").first)
    page.wait_for_url("**/cases/*.html#as-written.tf2.21.*")
    assert page.locator("article:has(:target)").count() == 1


def test_neighbours_are_told_without_javascript_as_with_it(crossed, visit):
    page = visit(crossed / "releases.html", java_script_enabled=False)
    assert not page.locator("#compare").is_visible()
    step = page.locator("[id='tensorflow-2.16']")
    scripted = visit(crossed / "releases.html")
    [(heading, links)] = shown(scripted)
    number = heading.partition(": ")[2]
    assert f"{number} go with tensorflow-cpu or keras." in step.inner_text()
    step.locator("summary").first.click()
    written = [name for name in links if "," not in name]
    assert step.locator("ul.changed a").all_text_contents() == written
    follow(step.locator("ul.changed a").first)
    page.locator("article:has(:target)").wait_for()

"""The questions of readers, answered with the keyboard alone: Tab, Enter, and what a field takes.

Whatever has the focus shows it, and is within the window.
"""

import pytest

MOST = 60  # stops that a person can stand
ERROR = "FailedPreconditionError: Could not find variable dense/bias."
SHOWN = """one => {
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
    && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""


@pytest.fixture
def page(report, visit):
    return visit(report / "index.html", width=1366, height=768)


def to(locator):
    """Press Tab until an element has the focus; return how often."""
    page = locator.page
    locator.wait_for()
    for times in range(1, MOST + 1):
        page.keyboard.press("Tab")
        if locator.evaluate("one => one === document.activeElement"):
            page.wait_for_timeout(50)  # it is scrolled to
            assert locator.evaluate(SHOWN), "what has the focus cannot be seen"
            return times
    focused = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"not reached in {MOST} stops, the last of which is {focused}")


def follow(link):
    to(link)
    with link.page.expect_navigation():
        link.page.keyboard.press("Enter")


def of_pages(page, name):
    return page.get_by_role("navigation", name="Pages").get_by_role("link", name=name)


def test_an_error_is_pasted_and_its_cause_read(page):
    follow(of_pages(page, "Paste an error"))
    to(page.locator("#text"))
    page.keyboard.insert_text(ERROR)
    page.locator("#answer h2 a").first.wait_for()
    title = page.locator("#answer h2 a").first.inner_text()
    follow(page.locator("#answer h2 a").first)
    assert title in page.locator("article:target h2").inner_text()


def test_what_changed_in_a_release_and_why(page):
    follow(of_pages(page, "What changed"))
    steps = page.get_by_role("navigation", name="Releases")
    follow(steps.get_by_role("link", name="2.18", exact=True).first)
    step = page.locator("article:target")
    assert step.locator("h3").inner_text().startswith("TensorFlow 2.17 → 2.18")
    cause = step.locator("ul.reasons a").first
    title = cause.inner_text()
    follow(cause)
    assert title in page.inner_text("article:target h2")


def test_what_to_do_in_my_situation_and_its_code(page):
    follow(of_pages(page, "My situation"))
    to(page.get_by_label("I have"))
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    have = page.get_by_label("I have").input_value()
    to(page.get_by_label("saved by"))
    page.keyboard.press("End")
    (shown,) = page.locator(".situation:visible").all()
    assert shown.get_attribute("id").startswith(have)
    assert f"have={have}" in page.url
    follow(shown.locator("a:visible").first)


def test_which_way_works_in_serving(page):
    first = page.locator("#heatmap tbody tr:not(.unranked)").first
    follow(first.locator("th a").first)
    assert page.locator(":target").count() == 1

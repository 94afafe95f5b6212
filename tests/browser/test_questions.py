"""Questions that readers come with, answered from the front page within three clicks."""

from itertools import pairwise
from typing import Any

import pytest

from tests.browser.steps import follow

LOOKS: dict[str, dict[str, Any]] = {
    "laptop": {"width": 1366, "height": 768},
    "dark": {"width": 1366, "height": 768, "color_scheme": "dark"},
    "phone": {"width": 390, "height": 844, "has_touch": True},
    "narrow": {"width": 360, "height": 740, "has_touch": True},
    "wide": {"width": 2560, "height": 1300},
    "no script": {"width": 1366, "height": 768, "java_script_enabled": False},
}
looks = pytest.mark.parametrize("look", LOOKS)


def bottom(locator):
    box = locator.bounding_box()
    return box["y"] + box["height"]


@looks
def test_which_way_of_saving_works_in_serving(report, visit, look):
    """The answer is on the first screen; a click has the models behind a number."""
    page = visit(report / "index.html", **LOOKS[look])
    height = page.viewport_size["height"]
    assert "no longer do" in page.inner_text("h1")
    assert bottom(page.locator("h1")) < height
    heat = page.locator("#heatmap")
    assert "Serve" in heat.inner_text()
    ranked = heat.locator("tbody tr:not(.unranked)")
    shown = [row for row in ranked.all() if bottom(row) <= height]
    assert len(shown) >= (2 if look in ("phone", "narrow") else 7)
    assert "TensorFlow Serving and programs in C++, Java, Go and Rust" in page.inner_text("main")
    first = ranked.first
    assert first.locator("td.price").inner_text().strip()
    follow(first.locator("td.h a").first)
    row = page.locator("tr:target")
    row.wait_for()
    assert row.locator("td.left a").count() > 0


def test_the_whole_heatmap_is_on_the_first_screen_of_a_laptop(report, visit):
    page = visit(report / "index.html", **LOOKS["laptop"])
    assert bottom(page.locator("#heatmap")) <= 768


@looks
def test_what_changed_between_two_releases(report, visit, look):
    """With the links of the front page alone: What changed, then 2.18."""
    page = visit(report / "index.html", **LOOKS[look])
    pages = page.get_by_role("navigation", name="Pages")
    follow(pages.get_by_role("link", name="What changed"))
    steps = page.get_by_role("navigation", name="Releases")
    follow(steps.get_by_role("link", name="2.18", exact=True).first)
    step = page.locator("article:target")
    assert step.locator("h3").inner_text().startswith("TensorFlow 2.17 → 2.18")
    assert "Keras 3." in step.locator("h3").inner_text()
    numbers = [int(one.inner_text()) for one in step.locator("ul.reasons > li > b").all()]
    total = step.locator(".tally .did").all_inner_texts()
    assert sum(numbers) == sum(int("".join(filter(str.isdigit, one))) for one in total) > 100
    assert numbers
    cause = step.locator("ul.reasons a").first
    title = cause.inner_text()
    follow(cause)
    assert title in page.inner_text("article:target h2")


@looks
def test_what_a_release_broke(report, visit, look):
    """From the timeline of the front page: the release's name leads there."""
    page = visit(report / "index.html", **LOOKS[look])
    releases = page.get_by_role("region", name="TensorFlow, release by release")
    follow(releases.get_by_role("link", name="2.16", exact=True))
    step = page.locator("article:target")
    assert "2.15 → 2.16" in step.inner_text()
    broke = step.locator("h4", has_text="Broke")
    assert broke.count() == 1
    listed = step.locator("ul.reasons").first
    assert "Could not find variable: nothing restores it" in listed.inner_text()
    listed.locator("summary").first.click()
    follow(listed.locator("ul.changed a").first)
    assert "tf2.16" in page.inner_text("article:has(:target)")


def test_the_last_release_of_keras_is_there(report, visit):
    page = visit(report / "releases.html", java_script_enabled=False)
    assert page.locator("[id='keras-3.15'] h3").inner_text().startswith("Keras 3.14 → 3.15")
    assert (
        page.locator("[id='keras-3.15'] a[href^='https://github.com/keras-team/keras']").count()
        == 2
    )


def test_a_range_of_releases_opens_on_each_of_them(report, visit):
    page = visit(report / "releases.html", java_script_enabled=False)
    line = page.locator("details.pattern", has_text="2.16").first
    assert not line.locator(".every").is_visible()
    line.locator("summary").click()
    assert line.locator(".every .range").count() == 7
    follow(line.locator("ul.changed a").first)
    page.locator("article:has(:target)").wait_for()


def test_squares_are_no_tab_stops_and_their_rows_and_columns_are(report, visit):
    page = visit(report / "index.html")
    assert page.locator("#heatmap td.h a:not([tabindex='-1'])").count() == 0
    assert page.locator("#heatmap th[scope=row] a").count() >= 7
    stops = page.locator("#heatmap a:not([tabindex='-1'])").count()
    assert stops <= 10 + page.locator("#heatmap tbody tr").count()  # as many loaders as columns


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_more_is_another_colour(report, visit, scheme):
    page = visit(report / "index.html", color_scheme=scheme)
    squares = page.locator("#heatmap tr:not(.unranked) td.h").evaluate_all(
        "all => all.filter(one => one.querySelector('b')).map(one => ["
        "parseInt(one.querySelector('b').textContent) / parseInt(one.querySelector('small').textContent.slice(1)),"
        " getComputedStyle(one).backgroundColor])"
    )
    by_share = sorted({(round(share, 2), colour) for share, colour in squares})
    assert len({colour for _, colour in by_share}) > 10
    assert all(one[1] != other[1] for one, other in pairwise(by_share) if other[0] - one[0] >= 0.02)

"""The report of the real table, as a person uses it in a real browser."""

from typing import Any

import pytest

from savedmodel_matrix.model.table import rows_of
from savedmodel_matrix.store.accepted import load_table
from savedmodel_matrix.views.report.names import anchor_of
from tests.browser.conftest import ROOT
from tests.browser.steps import follow

PAGES = {
    "front": "index.html",
    "loader": "loaders/tf.saved_model.load.html",
    "case": "cases/module_dense.html",
    "ways": "ways.html",
    "part": "environments/keras/index.html",
    "remedies": "remedies.html",
    "cases": "cases.html",
    "causes": "causes.html",
    "releases": "releases.html",
    "environments": "environments.html",
    "data": "data.html",
}
PUBLISHED_BYTES = 15_000_000  # that `report/` may take in the repository
PUBLISHED_FILES = 400
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 390, "height": 844, "has_touch": True},
    "no script": {"java_script_enabled": False},
}
ERROR = (
    "tensorflow.python.framework.errors_impl.FailedPreconditionError: Could not find variable "
    "dense_7/bias. This could mean that the variable has been deleted. In TF1, it can also mean "
    "the variable is uninitialized."
)


def front(report, query):
    return f"{(report / PAGES['front']).as_uri()}?{query}"


def first_cell(words):
    """Return the anchor of the cell that a command runs again."""
    given = dict(zip(words[5::2], words[6::2], strict=True))
    producer = given.get("--environment") or given["--producer"]
    consumer = given.get("--environment") or given["--consumer"]
    return anchor_of(given["--remedy"], producer, given["--loader"], consumer)


def rows(page):
    return page.locator("#matrix tr[data-case]:visible")


def names(page):
    return page.locator("#matrix tr[data-case]:visible th[scope=row]").all_inner_texts()


def test_what_is_published_stays_within_its_limits(report):
    files = [path for path in report.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= PUBLISHED_BYTES
    assert len(files) <= PUBLISHED_FILES


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible(report, visit, accessible, name, look):
    page = visit(report / PAGES[name], **LOOKS[look])
    accessible(page)
    if name == "case":
        page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
        accessible(page)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(report, visit, name, look):
    page = visit(report / PAGES[name], **LOOKS[look])
    box = page.locator("body").bounding_box()
    wide = page.locator("html").evaluate("html => html.scrollWidth") if look != "no script" else 0
    assert max(wide, box["width"]) <= page.viewport_size["width"]


def test_dark_is_dark_and_light_is_light(report, visit):
    colours = []
    for scheme in ("light", "dark"):
        page = visit(report / "index.html", color_scheme=scheme)
        colour = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        colours.append(sum(int(part) for part in colour[4:-1].split(",")))
    assert colours[0] > 600
    assert colours[1] < 120


def test_filters_live_in_the_address(report, visit, accessible):
    page = visit(report / "index.html")
    every = len(names(page))
    page.get_by_label("Search").fill("mirrored")
    assert names(page) == ["mirrored_strategy"]
    assert page.locator("#counts").inner_text().startswith(f"1 of {every} cases: ")
    page.get_by_label("Loader", exact=True).select_option("tf.saved_model.load")
    assert "q=mirrored" in page.url
    assert "loader=tf.saved_model.load" in page.url
    accessible(page)
    fresh = visit(page.url)
    assert names(fresh) == ["mirrored_strategy"]
    assert fresh.get_by_label("Loader", exact=True).input_value() == "tf.saved_model.load"
    page.go_back()
    assert page.get_by_label("Loader", exact=True).input_value() != "tf.saved_model.load"
    assert names(page) == ["mirrored_strategy"]
    page.get_by_role("button", name="Clear").click()
    assert len(names(page)) == every
    page.go_back()
    assert names(page) == ["mirrored_strategy"]


def test_each_filter_shows_what_fits_and_counts_beside_denominators(report, visit):
    page = visit(front(report, "loader=saved_model_cli"))
    every = set(names(page))
    for label, value in (
        ("Status", "fail"),
        ("Status", "pass"),
        ("Stage", "run"),
        ("Group", None),
    ):
        control = page.get_by_label(label, exact=True)
        control.select_option(value) if value else control.select_option(index=1)
        fitting = set(names(page))
        assert fitting
        assert fitting <= every
        page.get_by_role("button", name="Clear").click()
        page.get_by_label("Loader", exact=True).select_option("saved_model_cli")
    page.get_by_label("Environment", exact=True).select_option("tf2.16")
    assert page.locator("#matrix th.env:visible").all_inner_texts() == ["tf2.16", "tf2.16"]
    assert f"of {len(every)} applicable cells pass as written" in page.inner_text("#counts")
    page.get_by_label("Remedy", exact=True).select_option("model-export")
    assert page.locator("#matrix th.env:visible").all_inner_texts() == ["tf2.16"]
    fewer = page.inner_text("#counts")
    applicable = [
        row
        for row in rows_of(load_table(ROOT / "results" / "accepted"))
        if (row["remedy"], row["producer"], row["consumer"]) == ("model-export", "tf2.16", "tf2.16")
        and row["loader"] == "saved_model_cli"
        and row["status"] != "not-applicable"
    ]
    assert 0 < len(applicable) < len(every)
    assert f"of {len(applicable)} applicable cells pass with model-export" in fewer


def test_only_what_differs_between_two_environments(report, visit):
    page = visit(front(report, "loader=saved_model_cli"))
    page.get_by_label("one environment").select_option("tf2.15")
    page.get_by_label("another environment").select_option("tf2.16")
    differing = rows(page)
    assert 0 < differing.count() < page.locator("#matrix tr[data-case]").count()
    for row in differing.all():
        one, other = row.locator("td.o:not(.best)").nth(0), row.locator("td.o:not(.best)").nth(1)
        assert one.inner_text() != other.inner_text()
    page.get_by_label("another environment").select_option("tf2.15")
    assert page.locator("#nothing").is_visible()


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_an_error_text_leads_to_its_cause_within_three_clicks(report, visit, accessible, look):
    """Pasted where models are searched, it is carried to the one page that looks errors up."""
    page = visit(report / "index.html", **LOOKS[look])
    page.get_by_label("Search").fill(ERROR)
    assert names(page) == []
    follow(page.locator("#ask"))
    answer = page.locator("#answer")
    assert "known" in answer.inner_text().lower()
    accessible(page)
    follow(answer.get_by_role("link", name="nothing restores it").first)
    cause = page.locator("article:target")
    assert "nothing restores it" in cause.locator("h2").inner_text()
    assert cause.get_by_text("The code that works").is_visible()


def test_an_error_is_looked_up_from_the_keyboard(report, visit):
    page = visit(report / "index.html")
    page.get_by_role("link", name="Paste an error").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/explain.html")
    page.get_by_label("The error").focus()
    page.keyboard.insert_text(ERROR)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "nothing restores it" in page.locator("#answer").inner_text()


def test_an_unknown_text_finds_nothing_and_says_so(report, visit, accessible):
    page = visit(front(report, "q=nosuchthing"))
    assert page.locator("#nothing").is_visible()
    assert names(page) == []
    accessible(page)
    page.locator("#nothing").get_by_role("link", name="Show all").click()
    assert names(page)


def test_a_permalink_opens_on_its_cell_in_a_fresh_page(report, visit, accessible):
    page = visit(front(report, "loader=saved_model_cli&q=module_dense"))
    follow(page.locator("tr:visible td.o:not(.best) a").nth(1))
    assert page.url.endswith("cases/module_dense.html#as-written.tf2.16.saved_model_cli")
    fresh = visit(page.url)
    article = fresh.locator("article:has(:target)")
    assert fresh.evaluate("document.querySelector(':target').id") == (
        "as-written.tf2.16.saved_model_cli"
    )
    label = "getComputedStyle(document.querySelector(':target'), '::after')"
    assert fresh.evaluate(f"{label}.content") == '"as-written.tf2.16.saved_model_cli"'
    assert fresh.evaluate(f"{label}.display") == "block"
    where = article.locator("table.where")
    assert "as-written" in where.text_content()
    assert "saved_model_cli" in where.text_content()
    assert "tf2.16" in where.text_content()
    assert "Could not find variable" in article.inner_text()
    assert "nox -s matrix -- --fresh --case module_dense" in article.inner_text()
    assert fresh.evaluate(
        "() => { const box = document.querySelector('article:has(:target)').getBoundingClientRect();"
        " return box.top >= 0 && box.top < innerHeight / 2 }"
    )
    accessible(fresh)
    page.go_back()
    assert names(page) == ["module_dense"]
    accessible(page)


def test_everything_works_from_the_keyboard(report, visit, accessible):
    page = visit(report / "index.html")
    focused = "document.activeElement"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.className") == "skip"  # over the pictures
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.id") == "q"
    page.keyboard.type("module_dense")
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate(f"getComputedStyle({focused}).outlineStyle")
        assert outline != "none", page.evaluate(f"{focused}.outerHTML")
        if page.evaluate(f"{focused}.closest('td.fail') !== null"):
            break
    accessible(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/module_dense.html#as-written.*")


def test_the_table_reads_and_leads_on_without_javascript(report, visit):
    page = visit(report / "index.html", java_script_enabled=False)
    assert rows(page).count() >= 16
    assert not page.locator("#filters").is_visible()
    loaders = page.get_by_role("navigation", name="Loaders")
    follow(loaders.get_by_role("link", name="saved_model_cli"))
    follow(page.locator("tr:has-text('module_dense') td.fail a").first)
    assert page.url.endswith("cases/module_dense.html#as-written.tf2.16.saved_model_cli")
    details = page.locator("article:has(:target) > details").last
    details.locator("summary").click()
    assert "Traceback" in details.inner_text()


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_what_is_shown_without_scripts_of_the_page_is_accessible(report, visit, accessible, look):
    """Axe itself is a script: it looks at the page with the page's own scripts emptied."""
    page = visit(report / "index.html", **LOOKS[look])
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    assert not page.locator("#filters").is_visible()
    assert rows(page).count() >= 16
    accessible(page)


def test_where_the_matrix_fits_the_page_scrolls_and_its_heads_stay_on_top(report, visit):
    page = visit(report / "index.html", width=1366, height=768)
    region = page.get_by_role("region", name="Compatibility matrix")
    assert region.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
    page.locator("#matrix tr[data-case]").nth(30).evaluate("one => one.scrollIntoView(true)")
    head = page.locator("#matrix th.env").nth(13).bounding_box()
    assert 0 <= head["y"] < 90
    link = page.locator("#matrix tr[data-case] th a").nth(20)
    link.focus()  # from below: it must not end up behind the heads
    assert link.bounding_box()["y"] >= head["y"] + head["height"]


@pytest.mark.parametrize("look", [{"width": 1200}, LOOKS["phone"]], ids=["small", "phone"])
def test_where_it_does_not_fit_both_headers_stay_in_view_in_its_box(report, visit, look):
    page = visit(report / "index.html", **look)
    scroller = page.get_by_role("region", name="Compatibility matrix")
    scroller.scroll_into_view_if_needed()
    scroller.evaluate("one => { one.style.maxHeight = '300px'; one.scrollTo(400, 350) }")
    box = scroller.bounding_box()
    head = page.locator("#matrix th.env").nth(13).bounding_box()
    assert box["y"] <= head["y"] < box["y"] + 90
    for name in page.locator("#matrix tr[data-case] th").all()[8:12]:
        assert abs(name.bounding_box()["x"] - box["x"]) < 4


def test_scoped_headers_name_every_row_and_column(report, visit):
    page = visit(report / "index.html")
    table = page.get_by_role("table")
    assert table.get_by_role("rowheader", name="module_dense", exact=True).count() == 1
    assert table.get_by_role("columnheader", name="tf2.16").count() == 2


def test_what_is_to_copy_is_copied(report, visit):
    page = visit(
        report / "cases/module_dense.html",
        permissions=["clipboard-read", "clipboard-write"],
    )
    article = page.locator("article:has([id='as-written.tf2.21.libtensorflow'])")
    details = article.locator("> details").last
    details.locator("summary").click()
    wanted = details.locator(".copyable pre").inner_text().strip()
    details.get_by_role("button", name="Copy").click()
    details.get_by_text("Copied").or_(details.get_by_text("Selected")).wait_for()
    taken = page.evaluate("navigator.clipboard.readText().catch(() => getSelection().toString())")
    assert taken.strip() == wanted
    words = wanted.split()
    assert words[:6] == ["nox", "-s", "matrix", "--", "--fresh", "--case"]
    assert words[6] == "module_dense"
    assert {"--remedy", "--loader"} < {*words}
    assert article.locator(f"[id='{first_cell(words)}']").count() == 1


def test_print_shows_the_whole_table(report, visit):
    page = visit(report / "index.html")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    overflow = page.get_by_role("region", name="Compatibility matrix").evaluate(
        "one => getComputedStyle(one).overflow"
    )
    assert overflow == "visible"


def test_the_front_page_of_a_part_shows_the_loader_that_a_link_names(report, visit):
    page = visit(report / PAGES["part"])
    tabs = page.locator(".tabs")
    assert tabs.is_hidden()  # where scripts run, the form has the loaders
    tab = tabs.locator("a:not([aria-current])").last
    wanted, link = tab.text_content(), tab.get_attribute("href")
    page = visit(page.evaluate("link => new URL(link, location).href", link))
    assert page.locator("#caption-loader").inner_text() == wanted
    chosen = page.get_by_label("Loader", exact=True).input_value()
    assert f"loader={chosen}" in link
    assert page.locator("#models").bounding_box()["y"] < 200

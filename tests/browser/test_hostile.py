"""Names and messages that try to act: nothing runs, nothing is asked for, everything reads."""


def test_nothing_runs_on_any_page(hostile_report, visit):
    page = visit(hostile_report / "index.html")
    places = sorted(hostile_report.rglob("*.html"))[::4]
    assert len(places) > 3
    for place in places:
        page.goto(place.as_uri())
        assert page.evaluate("document.querySelectorAll('main script, iframe, object').length") == 0


def test_the_front_page_of_hostile_cases_works(hostile_report, visit, accessible):
    page = visit(hostile_report / "index.html")
    accessible(page)
    page.get_by_label("Search").fill("<script>alert(1)")
    assert page.locator("#matrix tr[data-case]:visible").count() >= 1


def test_a_hostile_cell_is_readable_and_stays_within_the_window(hostile_report, visit, accessible):
    place = next(hostile_report.glob("cases/script-*.html"))
    page = visit(place, width=390, height=844)
    assert "<script>alert(1)</script>" in page.inner_text("main")
    accessible(page)
    assert page.locator("html").evaluate("html => html.scrollWidth") <= 390

"""Since which release, on the page of releases."""

from dataclasses import replace

from savedmodel_matrix.analysis.attribution import Attributed, Changed, Made
from savedmodel_matrix.views.report.since import UNKNOWN, Since, since
from tests.unit.views.report.generated import cell, facts_of, failed
from tests.unit.views.report.test_releases import told, with_packages

PASS = ("pass", "values", "")
FAIL = ("fail", "run", "5eebae428f26")
LINK = "https://github.com/keras-team/keras/releases/tag/v3.6.0"


def attributed(case, now=FAIL, **given):
    changed = Changed(case, PASS, now, (("as-written", "saved_model_cli"),))
    return {(case, "as-written", "saved_model_cli"): Attributed(changed, **given)}


def known():
    released = {"package": "keras", "since": "3.6.0", "not_yet": "3.5.0"}
    return {
        ("tf2.15", "tf2.16"): {
            **attributed("a", **released),
            **attributed("b", **released, made=Made.ALIKE, like="a"),
            **attributed("c", why="not tried"),
            **attributed("d", now=("fail", "load", "cc"), **released),
        }
    }


def cells():
    return [
        cell(case, producer=name, **(failed() if name == "tf2.16" else {}))
        for name in ("tf2.15", "tf2.16")
        for case in "abcd"
    ]


def test_outcomes_are_counted_by_release_and_those_not_attributed_say_why() -> None:
    facts = replace(facts_of(cells()), attributed=known())
    pairs = list(zip(cells()[:4], cells()[4:], strict=True))
    assert since(facts, pairs) == (
        Since("since keras 3.6.0", LINK, 2, 1),
        Since("not attributed", "", 1, 0, UNKNOWN),
        Since("not attributed", "", 1, 0, "not tried"),
    )
    assert since(facts_of(cells()), pairs) == ()


def test_the_page_of_releases_says_it_and_links_the_release() -> None:
    from savedmodel_matrix.views.report.pages import Pages

    facts = with_packages(cells(), attributed=known())
    [history] = told(facts)
    assert history.steps[0].since[0].outcomes == 2
    assert history.steps[0].broke[0].since[0].href == LINK
    page = dict(Pages(facts).all())["releases.html"]
    assert f'2 <a href="{LINK}">since keras 3.6.0</a> (1 not run: others ended alike)' in page
    assert page.count("not attributed (not tried)") == 1
    line = page[page.index('<ul class="reasons">') :]
    assert f'<span class="quiet since">2 <a href="{LINK}">since keras 3.6.0</a></span>' in line

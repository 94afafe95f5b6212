"""The page explain.html and the command `explain`: one answer to every text."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from savedmodel_matrix.analysis.error_building import entries
from savedmodel_matrix.analysis.error_index import explain, index
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.views.explained import REPORT, WORDS
from savedmodel_matrix.views.report.site import build
from tests.unit.analysis.errors import SHAPES, pasted
from tests.unit.pages import hostile
from tests.unit.views.report.generated import cell, facts_of

TITLES = {one.name: one.title for one in entries(explanations())}
PIECES = [
    *("\n", "\r\n", "\t", " ", "  ", '  File "a.py", line 3, in f\n    x\n', "> ", "E   ", "[1m"),
    *("\x1b[1m", r"\n", r"\u001b[0m", r"\"", "&quot;", "----> 3 x", "    12 y", "serving-1 | "),
    *("2026-05-01 10:00:00.123456: W a/b.cc:1] ", "é", "\U0001f600", "\ud83d", "\u2028", "\x00"),
    *("constructor", "__proto__", "hasOwnProperty", "0", "_", "*", "$1", "File x:1, in "),
]
WORDS_KNOWN = sorted(index()["words"])
SIGNS = [" ".join(sign["parts"]).replace("*", "") for sign in index()["signs"]]
texts = st.lists(
    st.sampled_from(PIECES)
    | st.sampled_from(WORDS_KNOWN).map(lambda word: f"{word} ")
    | st.sampled_from(SIGNS)
    | hostile,
    max_size=30,
).map("".join)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    failed = {"status": "fail", "stage": "run", "reason": "r", "fingerprint": "5eebae428f26"}
    place = tmp_path_factory.mktemp("explain") / "report"
    build(facts_of([cell(), cell(case="other", **failed)]), place)
    return place / "explain.html"


def as_script(text):
    return [
        {"key": one.key, "confidence": one.confidence, "score": one.score, "line": one.line}
        for one in explain(text)
    ]


def in_page(page, text):
    return page.evaluate("text => window.explainError(text)", text)


def titles(page):
    return page.locator("#answer h2, #answer li").all_text_contents()


def test_page_and_command_agree_on_everything_that_was_pasted_in_every_shape(visit, small):
    page = visit(small)
    shaped = [shape(one.text) for one in pasted() for shape in SHAPES.values()]
    found = page.evaluate("texts => texts.map((text) => window.explainError(text))", shaped)
    differing = [text for text, one in zip(shaped, found, strict=True) if one != as_script(text)]
    assert differing == []


def test_page_and_command_agree_on_any_text(visit, small):
    page = visit(small)

    @settings(
        max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(texts)
    def agree(text):
        # Half a character cannot be handed to a page as JSON; Python's is escaped, so it can.
        found = page.evaluate(f"window.explainError({json.dumps(text)})")
        assert found == as_script(text)

    agree()


def test_what_is_pasted_is_answered_in_the_page(visit, small, accessible):
    page = visit(small)
    for one in pasted()[::6]:
        page.fill("#text", one.text)
        page.click("button[type=submit]")
        expected = explain(one.text)
        assert titles(page) == [TITLES[match.key] for match in expected]
        said = page.text_content("#answer > .finding")
        wanted = {"known": WORDS["known"], "possible": WORDS["possible"]}
        if expected and len(expected) == 1:
            assert said == wanted[expected[0].confidence]
        assert said in WORDS.values()
    accessible(page)


def test_not_known_says_what_to_do_then(visit, small, accessible):
    page = visit(small)
    page.fill("#text", "the coffee machine is on fire")
    page.locator("#answer dt").first.wait_for()
    assert page.text_content("#answer > .finding") == WORDS["unknown"]
    assert page.locator("#answer dt").all_text_contents() == [label for label, _ in REPORT]
    accessible(page)
    page.click("button[type=reset]")
    page.locator("#answer > *").first.wait_for(state="detached")
    assert page.url == small.as_uri()


def test_the_state_is_in_the_address(visit, small):
    text = "The filename must end in `.weights.h5`.\nReceived: é & #x%20.h5"
    page = visit(f"{small.as_uri()}#text={quote(text)}")
    assert page.input_value("#text") == text
    assert titles(page) == [TITLES["weights-file-name"]]
    page.fill("#text", "FailedPreconditionError")
    page.wait_for_url("**/explain.html#text=FailedPreconditionError")
    again = visit(page.url)
    assert titles(again) == [TITLES["uninitialised-variable"]]
    other = visit(f"{small.as_uri()}#text=%E0%A4%A")  # of somebody else's making
    assert other.input_value("#text") == ""
    other.evaluate("location.hash = 'text=add_slot'")
    other.locator("#answer h2", has_text=TITLES["slots-of-an-optimizer"]).wait_for()


def test_a_cause_that_the_report_has_is_a_link(visit, small):
    page = visit(f"{small.as_uri()}#text=FailedPreconditionError")
    page.click("#answer h2 a")
    page.wait_for_url("**/causes.html#5eebae428f26")
    assert TITLES["uninitialised-variable"] in page.text_content("article:target h2")


def test_without_javascript_the_page_leads_to_the_causes(visit, small, accessible):
    page = visit(small, java_script_enabled=False)
    assert page.locator("#explain").is_hidden()
    page.click("noscript a")
    assert Path(page.url).name == "causes.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_with_the_keyboard_alone(visit, small, accessible, scheme):
    page = visit(small, width=360, height=740, color_scheme=scheme)
    page.focus("#text")
    page.keyboard.insert_text("FAILED_PRECONDITION: Could not find variable " + "very_long/" * 40)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert titles(page)[0] == TITLES["uninitialised-variable"]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    accessible(page)


def test_what_is_pasted_cannot_act_in_the_page(visit, small):
    page = visit(small)
    page.fill("#text", "<script>alert(1)</script><img src=x onerror=alert(2)> dense/bias")
    page.click("button[type=submit]")
    assert page.locator("#answer script, #answer img").count() == 0

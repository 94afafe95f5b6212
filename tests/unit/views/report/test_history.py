"""The page of the history, and its drawings."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.views.report.history import (
    HEIGHT,
    WIDTH,
    axes,
    comparison,
    runs,
    sparkline,
)
from savedmodel_matrix.views.report.pages import Pages
from tests.unit.analysis.test_history import entry
from tests.unit.rows import cell
from tests.unit.views.report.generated import cells_of, facts_of
from tests.unit.views.test_history import HISTORY


def test_a_report_has_the_page_where_there_is_a_history() -> None:
    facts = facts_of(cells_of(2))
    without = dict(Pages(facts).all())
    assert "history.html" not in without
    assert "history.html" not in "".join(without.values())
    made = dict(Pages(replace(facts, history=HISTORY)).all())
    assert 'aria-current="page">History</a>' in made["history.html"]
    assert 'href="../history.html"' in made["cases/case_000.html"]
    rows = re.findall(r'<tr><th scope="row"><a href="#([^"]*)">(2026[^<]*)<', made["history.html"])
    assert [shown for _, shown in rows] == ["2026-01-02 03:04", "2026-01-01 00:00"]
    assert all(f'<h2 id="{anchor}">' in made["history.html"] for anchor, _ in rows)
    assert "<td>1 fixed</td>" in made["history.html"]
    assert "style=" not in made["history.html"]  # which the page's own policy forbids


def test_what_a_run_changed_is_a_comparison_with_cases_and_causes() -> None:
    after = [cell("fail", case="b", fingerprint="f1"), cell(case="module_dense")]
    before = [cell(case="b"), cell("fail", case="module_dense"), cell("fail", case="old")]
    made = entry(after, before)
    [regressed, fixed, gone] = comparison(made, {"f1": ("f1.x", "Could not find variable")})
    assert (regressed.title, regressed.cells, regressed.left_out) == ("Regressed", 1, 0)
    [group] = regressed.groups
    assert (group.way, group.cases) == ("passes → fails at run", {"b": 1})
    assert (group.cause, group.cause_title) == ("f1.x", "Could not find variable")
    assert (group.environments, group.loaders) == ("tf2.15", ["libtensorflow"])
    assert (fixed.title, gone.title, gone.groups[0].cause) == ("Fixed", "Gone", "")

    facts = replace(facts_of(cells_of(1)), history=[made])
    page = dict(Pages(facts).all())["history.html"]
    assert "Regressed: passed before, fails now (1 cell)" in page
    assert '<th scope="row">passes → fails at run</th><td>1</td>' in page
    assert page.count("<td>old</td>") == 1  # without a link, as there is no page of it any more


def test_many_names_are_counted() -> None:
    named = [{"case": f"c{n}", "remedy": f"r{n}", "loader": f"l{n}"} for n in range(6)]
    rows = [cell("fail", fingerprint="f", **names) for names in named]
    made = entry(rows, [row | {"status": "pass"} for row in rows])
    page = dict(Pages(replace(facts_of(cells_of(1)), history=[made])).all())["history.html"]
    assert "<td>c0, c1, c2, c3 and 2 more</td>" in page.replace("<wbr>", "")
    assert "<td>r0, r1, r2, r3 and 2 more</td><td>l0, l1, l2, l3 and 2 more</td>" in page


def test_trends_have_a_value_for_each_run() -> None:
    found = {axis: {one.name: one for one in trends} for axis, trends in axes(HISTORY)}
    assert list(found) == ["all", "environment", "remedy", "loader"]
    every = found["all"]["all"]
    assert every.latest == "2 of 2 (100 %)"
    assert 'aria-label="passing: 1/2, 2/2"' in every.drawing
    assert runs(HISTORY)[0].changed == ("1 fixed",)


def test_what_a_run_did_not_have_is_a_gap() -> None:
    drawn = ET.fromstring(sparkline([0.1, None, 0.2, 0.3], "x"))
    lines = [one.get("points", "").split() for one in drawn if one.tag == "polyline"]
    assert [len(points) for points in lines] == [1, 2]
    assert sparkline([None], "x") == ""


@given(
    st.lists(st.none() | st.floats(0, 1), max_size=30),
    st.text(st.characters(categories=["L", "P", "S"])),
)
def test_a_drawing_is_well_formed_and_within_its_bounds(
    values: list[float | None], label: str
) -> None:
    drawn = sparkline(values, label.encode("ascii", "xmlcharrefreplace").decode())
    if all(value is None for value in values):
        assert drawn == ""
        return
    root = ET.fromstring(drawn)
    points = [
        tuple(map(float, point.split(",")))
        for one in root
        if one.tag == "polyline"
        for point in one.get("points", "").split()
    ]
    assert len(points) == sum(value is not None for value in values)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_names_in_a_history_do_not_act() -> None:
    bad = replace(HISTORY[0], counts={**HISTORY[0].counts, "loader": {"<script>": {"pass": 1}}})
    made = dict(Pages(replace(facts_of(cells_of(1)), history=[bad])).all())["history.html"]
    assert "<script>" not in made.replace("<script src=", "")

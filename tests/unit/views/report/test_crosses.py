"""Grids of one case and remedy: every pair in its field, every outcome told once."""

import pytest

from savedmodel_matrix.analysis.explanations import Explanations
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.crosses import SHOWN_MESSAGE, cell_grids
from savedmodel_matrix.views.report.findings import finding
from savedmodel_matrix.views.report.pages import Pages
from savedmodel_matrix.views.report.recommend import advise
from savedmodel_matrix.views.report.shares import remedy_shares
from tests.unit.views.report.generated import cell, crossed_cells, facts_of, failed

THREE = ["tf2.15", "tf2.16", "tf2.17"]


def grids_of(cells):
    facts = facts_of(cells)
    known = by_cell(causes(facts, Explanations({})))
    return cell_grids(facts, "module_dense", "as-written", known)


@pytest.fixture
def grid():
    """Three environments, of which the first and the others do not read each other."""
    across = failed("ValueError: another Keras", "abc")
    made = [
        cell(
            producer=one,
            consumer=other,
            **(across if (one == "tf2.15") != (other == "tf2.15") else {}),
        )
        for one in THREE
        for other in THREE
        if (one, other) != ("tf2.17", "tf2.16")
    ]
    [found] = grids_of(made)
    return found


def test_rows_are_producers_and_columns_consumers(grid):
    assert grid.consumers == tuple(THREE)
    told = {one: [field and field.mark.word for field in fields] for one, fields in grid.rows}
    assert told == {
        "tf2.15": ["pass", "run", "run"],
        "tf2.16": ["run", "pass", "pass"],
        "tf2.17": ["run", None, "pass"],
    }


def test_the_diagonal_leads_to_its_cell_and_the_others_to_their_outcome(grid):
    (_, (first, second, _)), *_ = grid.rows
    page = "cases/module_dense/as-written.html"
    assert (first.anchor, first.mark.href) == ("", f"{page}#tf2.15.saved_model_cli")
    assert second.anchor == "tf2.15.saved_model_cli.tf2.16"
    assert second.mark.href == f"{page}#saved_model_cli~1"
    assert [one.anchor for one in grid.outcomes] == ["saved_model_cli~1", "saved_model_cli~2"]


def test_each_outcome_is_told_once_with_its_pairs_the_most_frequent_first(grid):
    fails, passes = grid.outcomes
    assert (fails.number, fails.sentence, fails.reason) == (
        4,
        "fails at run",
        "ValueError: another Keras",
    )
    assert fails.pairs == ("tf2.15 → every other environment", "tf2.16, tf2.17 → tf2.15")
    assert fails.message == "ValueError: another Keras Here with dense/bias."
    assert fails.cause
    assert "--producer tf2.15 --consumer tf2.16" in fails.command
    assert (passes.number, passes.pairs, passes.cause) == (1, ("tf2.16 → tf2.17",), None)


def test_a_message_without_end_is_cut():
    given = failed(message="x" * 10 * SHOWN_MESSAGE)
    [grid] = grids_of([cell(), cell(consumer="tf2.15", **given)])
    assert len(grid.outcomes[0].message) < SHOWN_MESSAGE + 10


def test_a_loader_with_an_environment_of_its_own_has_a_column_per_producer_and_no_grid():
    made = [
        cell(producer=one, loader="openvino", consumer="openvino", **given)
        for one, given in (("tf2.15", {}), ("tf2.16", failed()))
    ]
    assert grids_of(made) == ()
    pages = dict(Pages(facts_of(made)).all())
    for place in ("index.html", "remedies.html", "cases/module_dense/as-written.html"):
        assert '<th scope="col" class="env">tf2.16</th>' in pages[place]
        assert "→ openvino" not in pages[place]
    page = pages["cases/module_dense/as-written.html"]
    assert "Consumer openvino" in page
    assert "--producer tf2.16 --consumer openvino" in page


def test_the_environment_of_a_loader_is_named_where_it_is_called_otherwise():
    made = [cell(producer=one, consumer="tf2.21") for one in ("tf2.15", "tf2.16")]
    assert "saved_model_cli in tf2.21" in dict(Pages(facts_of(made)).all())["index.html"]


def test_cross_cells_change_no_finding_share_or_advice():
    cells = crossed_cells(3)
    crossed, straight = (
        facts_of(some)
        for some in (cells, [c for c in cells if c["consumer"] in (c["producer"], "openvino")])
    )
    assert len(crossed.every) > len(straight.every) == len(crossed.cells)
    assert crossed.columns == straight.columns
    assert finding(crossed) == finding(straight)
    assert remedy_shares(crossed) == remedy_shares(straight)
    assert advise(crossed) == advise(straight)
    assert crossed.alike == straight.alike
    fronts = [dict(Pages(facts).all())["index.html"] for facts in (crossed, straight)]
    assert fronts[0].count("<td") == fronts[1].count("<td")
    assert "environments.html#crossed" in fronts[0]
    assert "environments.html#crossed" not in fronts[1]

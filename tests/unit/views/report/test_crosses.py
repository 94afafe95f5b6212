"""The cross cells of a case: every pair in its field, every outcome told once."""

import pytest

from savedmodel_matrix.analysis.explanations import Explanations
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.crosses import crossed
from savedmodel_matrix.views.report.findings import finding
from savedmodel_matrix.views.report.names import anchor_of
from savedmodel_matrix.views.report.outcomes import outcomes
from savedmodel_matrix.views.report.pages import Pages
from savedmodel_matrix.views.report.places import Where
from savedmodel_matrix.views.report.recommend import advise
from savedmodel_matrix.views.report.shares import remedy_shares
from tests.unit.views.report.generated import cell, crossed_cells, facts_of, failed

THREE = ["tf2.15", "tf2.16", "tf2.17"]


def told_of(cells):
    facts = facts_of(cells)
    known = by_cell(causes(facts, Explanations({})))
    outcome_of, told = outcomes(facts, "module_dense", known)
    return crossed(facts, "module_dense", outcome_of), outcome_of, told


def made(**given):
    """Three environments, of which the first and the others do not read each other."""
    across = failed("ValueError: another Keras", "abc")
    return [
        cell(
            producer=one,
            consumer=other,
            **(across if (one == "tf2.15") != (other == "tf2.15") else {}),
            **given,
        )
        for one in THREE
        for other in THREE
        if (one, other) != ("tf2.17", "tf2.16")
    ]


@pytest.fixture
def told():
    return told_of(made())


def test_rows_are_producers_and_columns_consumers(told):
    [grid] = told[0].grids
    assert grid.consumers == tuple(THREE)
    found = {one: [field and field.mark.word for field in fields] for one, fields in grid.rows}
    assert found == {
        "tf2.15": ["pass", "run", "run"],
        "tf2.16": ["run", "pass", "pass"],
        "tf2.17": ["run", None, "pass"],
    }


def test_every_field_leads_to_its_outcome_and_the_diagonal_is_framed(told):
    crosses, outcome_of, outcomes_ = told
    [grid] = crosses.grids
    anchors = {one.anchor for one in outcomes_}
    for producer, fields in grid.rows:
        for consumer, field in zip(grid.consumers, fields, strict=True):
            if field:
                key = ("module_dense", "as-written", producer, "saved_model_cli", consumer)
                assert field.mark.href == f"#{outcome_of[key]}"
                assert field.straight == (producer == consumer)
    assert {href.removeprefix("#") for href in hrefs(grid)} == anchors


def hrefs(grid):
    return {field.mark.href for _, fields in grid.rows for field in fields if field}


def test_each_outcome_is_told_once_with_its_cells_failures_first(told):
    fails, passes = told[2]
    assert (len(fails.cells), fails.sentence, fails.reason) == (
        4,
        "fails at run",
        "ValueError: another Keras",
    )
    [where] = fails.where
    assert where.remedies == ("as-written",)
    assert where.loaders == ("saved_model_cli",)
    assert where.text == "tf2.15 → every other environment; tf2.16, tf2.17 → tf2.15"
    assert "ValueError: another Keras Here with dense/bias." in (*fails.messages, fails.traceback)
    assert fails.cause
    assert "--producer tf2.15 --consumer tf2.16" in fails.command
    assert (len(passes.cells), passes.cause) == (4, None)
    assert passes.where[0].text == "tf2.15, tf2.17 → itself; tf2.16 → tf2.16, tf2.17"
    assert anchor_of("as-written", "tf2.16", "saved_model_cli", "tf2.17") in passes.cells


def test_grids_that_are_equal_are_one_with_all_their_remedies_and_loaders():
    cells = [one for r in ("as-written", "resave") for one in made(remedy=r)]
    cells += made(loader="libtensorflow")
    cells += [
        cell(producer=one, consumer=other, remedy="tflite") for one in THREE for other in THREE
    ]
    crosses, _, _ = told_of(cells)
    [grid] = crosses.grids
    assert grid.where == (
        Where(("as-written",), ("libtensorflow", "saved_model_cli")),
        Where(("resave",), ("saved_model_cli",)),
    )
    assert crosses.same == (Where(("tflite",), ("saved_model_cli",)),)
    assert crosses.number == 3 * 5 + 6


def test_where_the_consumer_makes_no_difference_that_is_one_sentence():
    cells = [
        cell(producer=one, consumer=other, **(failed() if one == "tf2.15" else {}))
        for one in THREE
        for other in THREE
    ]
    crosses, _, told = told_of(cells)
    assert crosses.grids == ()
    assert told[0].where[0].text == "tf2.15 → every environment"
    page = dict(Pages(facts_of(cells)).all())["cases/module_dense.html"]
    assert "Which environment loads makes no difference: every pair ends as where" in page
    assert 'class="matrix grid"' not in page


def test_every_cell_is_in_one_outcome(told):
    _, outcome_of, outcomes_ = told
    assert {key_of(one) for one in made()} == outcome_of.keys()
    anchors = [anchor for one in outcomes_ for anchor in one.cells]
    assert len(anchors) == len({*anchors}) == len(made())


def test_a_loader_with_an_environment_of_its_own_has_a_column_per_producer_and_no_grid():
    made = [
        cell(producer=one, loader="openvino", consumer="openvino", **given)
        for one, given in (("tf2.15", {}), ("tf2.16", failed()))
    ]
    assert told_of(made)[0].grids == ()
    pages = dict(Pages(facts_of(made)).all())
    for place in ("index.html", "remedies.html", "cases/module_dense.html"):
        assert '<th scope="col" class="env">tf2.16</th>' in pages[place]
        assert "→ openvino" not in pages[place]
    page = pages["cases/module_dense.html"]
    assert "--producer tf2.16 --consumer openvino" in page
    assert f"id={anchor_of('as-written', 'tf2.16', 'openvino', 'openvino')}>" in page


def test_the_environment_of_a_loader_is_named_where_it_is_called_otherwise():
    made = [cell(producer=one, consumer="tf2.21") for one in ("tf2.15", "tf2.16")]
    pages = dict(Pages(facts_of(made)).all())
    assert "saved_model_cli in tf2.21" in pages["index.html"]
    assert "saved_model_cli in tf2.21" in pages["cases/module_dense.html"]


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

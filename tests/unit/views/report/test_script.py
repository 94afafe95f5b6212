"""The data of the scripts: small, and every cell can be read from it."""

import json

from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.names import case_page
from savedmodel_matrix.views.report.recommend import advise, choices
from savedmodel_matrix.views.report.script import script, script_data
from savedmodel_matrix.views.report.views import href_of
from tests.unit.views.report.generated import cells_of, crossed_cells, facts_of


def data_of(facts):
    told = advise(facts)
    return script_data(facts, told, by_cell(causes(facts)), choices(facts, told))


def test_every_cell_that_is_no_cross_cell_is_in_it_with_outcome_root_cause_and_place():
    facts = facts_of(crossed_cells(3))
    known = by_cell(causes(facts))
    data = data_of(facts)
    places = iter(data["at"])
    own = data["anchors"]["own"]
    found = 0
    for case in facts.case_names:
        for remedy in facts.remedy_names:
            for number, loader in enumerate(facts.loader_names):
                at = next(places)
                for place, column in enumerate(facts.columns):
                    cell = facts.at(case, remedy, loader, column)
                    if cell is None:
                        assert at < 0 or data["rows"][at][2 * place] == -1
                        continue
                    found += 1
                    end, root = data["rows"][at][2 * place : 2 * place + 2]
                    assert data["outcomes"][end]["status"] == cell["status"]
                    cause = known.get(key_of(cell))
                    assert (data["causes"][root]["title"] if root >= 0 else "") == (
                        cause.title if cause else ""
                    )
                    anchor = f"{remedy}.{column}.{loader}"
                    if own[number]:
                        anchor = own[number][facts.remedy_names.index(remedy)][place]
                    assert f"{case_page(case)}#{anchor}" == href_of(cell)
    assert found == len(facts.cells)
    assert next(places, None) is None


def test_rows_that_are_equal_are_there_once():
    facts = facts_of(cells_of(60))
    rows = data_of(facts)["rows"]
    assert len(rows) == len({tuple(row) for row in rows}) < 30
    text = script(facts, advise(facts), by_cell(causes(facts)), choices(facts, advise(facts)))
    assert len(text) < 4 * len(facts.every)
    assert json.loads(text.removeprefix("window.matrix = ").rstrip(";\n"))["rows"] == rows

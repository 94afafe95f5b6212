"""A case's matrix: what is equal is told once, and every cell is told."""

from savedmodel_matrix.views.report.case_tables import tables
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.outcomes import outcomes
from tests.unit.views.report.generated import cell, cells_of, facts_of, failed

NAMES = ("tf2.15", "tf2.16", "tf2.17")


def tables_of(cells, case="module_dense"):
    facts = facts_of(cells)
    outcome_of, _ = outcomes(facts, case, by_cell(causes(facts)))
    return facts, outcome_of, tables(facts, case, outcome_of)


def test_equal_remedies_share_a_row_equal_environments_a_field_equal_loaders_a_table():
    cells = [
        cell(producer=name, remedy=remedy, loader=loader, **given)
        for name in NAMES
        for remedy in ("as-written", "legacy-keras", "resave")
        for loader in ("libtensorflow", "saved_model_cli")
        for given in [failed() if name != "tf2.15" and remedy != "legacy-keras" else {}]
    ]
    [table] = tables_of(cells)[2]
    assert table.loaders == ("libtensorflow", "saved_model_cli")
    told = {row.remedies: [(run.mark.word, run.columns) for run in row.runs] for row in table.rows}
    assert told == {
        ("as-written", "resave"): [("pass", ("tf2.15",)), ("run", ("tf2.16", "tf2.17"))],
        ("legacy-keras",): [("pass", NAMES)],
    }


def test_failures_for_different_reasons_share_nothing():
    cells = [
        cell(producer="tf2.15", **failed("a", "a")),
        cell(producer="tf2.16", **failed("b", "b")),
    ]
    [table] = tables_of(cells)[2]
    first, second = table.rows[0].runs
    assert first.mark.word == second.mark.word
    assert first.mark.href != second.mark.href


def test_where_there_is_no_cell_there_is_a_field_without_one():
    [table] = tables_of([cell(producer="tf2.15"), cell("other", producer="tf2.16")])[2]
    assert [run.mark and run.mark.word for run in table.rows[0].runs] == ["pass", None]


def test_every_cell_is_told_with_its_outcome():
    facts, outcome_of, found = tables_of(cells_of(2), "case_001")
    told = {
        ("case_001", remedy, column, loader, column): run.mark.href
        for table in found
        for loader in table.loaders
        for row in table.rows
        for remedy in row.remedies
        for run in row.runs
        for column in run.columns
    }
    assert told == {key: f"#{anchor}" for key, anchor in outcome_of.items()}
    assert len(told) == len(facts.by_case["case_001"])

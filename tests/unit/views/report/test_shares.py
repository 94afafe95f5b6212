"""Shares of cases by remedy, loader and column, counted by hand."""

from savedmodel_matrix.views.report.shares import remedy_shares
from tests.unit.views.report.generated import cell, facts_of, failed


def test_shares_stand_beside_their_denominators():
    cells = [
        cell("a"),
        cell("b", **failed()),
        cell("c", status="not-applicable", stage=""),
        cell("d", status="not-run", stage="environment"),
        cell("a", "resave", status="not-run", stage="environment"),
    ]
    [(loader, [written, resave])] = remedy_shares(facts_of(cells))
    assert loader == "saved_model_cli"
    [share] = written.shares
    assert (share.counts.passed, share.counts.applicable, share.level) == (1, 2, 5)
    assert written.failing == ("b",)
    assert resave.shares[0].level == -1
    assert resave.failing == ()


def test_nearly_all_is_not_all():
    cells = [cell(f"c{number}") for number in range(199)] + [cell("z", **failed())]
    [(_, [written])] = remedy_shares(facts_of(cells))
    assert written.shares[0].level == 9

"""What the table says: remedies, prices, root causes and surprises."""

from __future__ import annotations

from itertools import product

from savedmodel_matrix.analysis.summary import (
    RemedyResult,
    instead,
    prices,
    remedy_results,
    summarise,
)
from savedmodel_matrix.model.table import from_cells, key_of
from tests.unit.rows import EMPTY, RENAMED, cell


def remedy(name: str, *statuses: str) -> RemedyResult:
    """Return the result of a remedy whose cells, one a case, end so."""
    table = from_cells(
        cell(status, case=f"case{number}", remedy=name) for number, status in enumerate(statuses)
    )
    (result,) = remedy_results(table)
    return result


def test_cases_of_a_remedy() -> None:
    result = remedy("resave", "pass", "pass", "fail", "not-applicable", "not-run")
    assert (result.cases, result.cases_working, result.cases_failing) == (3, 2, 1)
    assert result.cases_without == 1


def test_a_case_works_only_if_all_its_cells_pass() -> None:
    table = from_cells([cell(), cell("timeout", producer="tf2.16"), cell(case="other")])
    (result,) = remedy_results(table)
    assert (result.cases, result.cases_working, result.cases_failing) == (2, 1, 1)


def test_remedies_that_carry_farthest_come_first() -> None:
    made = [
        *(cell("pass", remedy="half", case=case) for case in "ab"),
        *(cell("fail", remedy="half", case=case) for case in "cde"),
        *(cell("fail", remedy="never", case=case) for case in "ab"),
        cell("pass", remedy="works", case="a"),
        cell("not-applicable", remedy="works", case="b"),
    ]
    assert [each.remedy for each in remedy_results(from_cells(made))] == ["works", "half", "never"]


def test_a_price_is_told_once_for_all_loaders_and_environments() -> None:
    environments, loaders = ["tf2.15", "tf2.9", "tf2.16"], ["libtensorflow", "saved_model_cli"]
    made = [cell(producer=each) for each in environments]
    made += [
        cell(producer=each, loader=loader, remedy="model-export", signature=RENAMED)
        for each, loader in product(environments, loaders)
    ]
    (price,) = prices(from_cells(made), EMPTY)
    assert (price.case, price.remedy) == ("module_dense", "model-export")
    assert price.producers == ("tf2.9", "tf2.15", "tf2.16")
    assert (price.changes, price.baseline) == (("input x is now inputs",), "tf2.9")


def test_as_written_has_its_price_in_later_environments() -> None:
    made = [cell(), cell(producer="tf2.16", signature=RENAMED)]
    (price,) = prices(from_cells(made), EMPTY)
    assert (price.remedy, price.producers) == ("as-written", ("tf2.16",))


def test_what_fails_has_no_price() -> None:
    made = [cell(), cell("fail", remedy="resave", signature=RENAMED)]
    assert prices(from_cells(made), EMPTY) == ()


def test_a_selection_is_compared_with_what_was_accepted() -> None:
    made = [cell(producer="tf2.16", signature=RENAMED)]
    assert prices(from_cells(made), EMPTY) == ()
    (price,) = prices(from_cells(made), from_cells([cell()]))
    assert price.baseline == "tf2.15"


def test_this_run_knows_better_than_what_was_accepted() -> None:
    run = [cell(signature=RENAMED), cell(remedy="resave", signature=RENAMED)]
    assert prices(from_cells(run), from_cells([cell()])) == ()
    run[0] = cell("not-run", signature="")
    assert len(prices(from_cells(run), from_cells([cell()]))) == 1


def test_where_nothing_was_ever_written_there_is_no_price() -> None:
    made = [cell("fail", signature=""), cell(remedy="resave")]
    assert prices(from_cells(made), EMPTY) == ()


def test_a_surprise_does_not_pass_and_was_not_accepted_so() -> None:
    now = [
        cell("fail", case="accepted"),
        cell("crash", case="broken"),
        cell("pass", case="cured"),
        cell("timeout", case="new"),
        cell("not-run", case="unknown"),
        cell("not-applicable", case="nothing"),
    ]
    before = [
        cell("fail", case="accepted"),
        cell("pass", case="broken"),
        cell("fail", case="cured"),
        cell("pass", case="nothing"),
        cell("pass", case="unknown"),
    ]
    logs = {key_of(now[1]): "logs/broken.txt"}
    summary = summarise(from_cells(now), from_cells(before), full=True, logs=logs)
    found = [(s.row["case"], s.before and s.before["status"], s.log) for s in summary.surprises]
    assert found == [
        ("broken", "pass", "logs/broken.txt"),
        ("new", None, ""),
        ("unknown", "pass", ""),
    ]


def test_nothing_selected_is_no_error() -> None:
    summary = summarise(EMPTY, EMPTY, full=False)
    assert (summary.loaders, summary.panels, summary.remedies, summary.causes) == ((), (), (), ())
    assert summary.has_accepted is False


def test_a_remedy_can_stand_for_as_written_if_a_loader_reads_both() -> None:
    served = [cell(), cell(remedy="resave"), cell(remedy="resave", loader="onnxruntime")]
    kept = [cell(remedy="keras-file", loader="keras.models.load_model")]
    assert instead([*served, *kept]) == {"as-written", "resave"}
    assert instead(kept) == {"keras-file"}


def test_an_artifact_without_signatures_costs_none() -> None:
    table = from_cells([cell(), cell(remedy="keras-file", signature="")])
    assert prices(table, EMPTY) == ()

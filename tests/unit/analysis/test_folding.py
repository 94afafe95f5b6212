"""Tables folded: what is alike is told once, and nothing is lost."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.analysis.folding import loader_results, matrix
from savedmodel_matrix.model.table import FAILURES, Row, from_cells, key_of, rows_of
from tests.unit.rows import cell


def test_the_matrix_has_cases_and_remedies_by_producers() -> None:
    made = [
        cell("fail", producer="tf2.16"),
        cell(producer="tf2.9"),
        cell("not-applicable", producer="tf2.9", remedy="resave"),
        cell("crash", loader="other"),
    ]
    table = matrix(from_cells(made), "libtensorflow")
    assert list(table.columns) == ["tf2.9", "tf2.16"]
    assert table.index.names == ["case", "remedy"]
    assert {key: list(row) for key, row in zip(table.index, table.to_numpy(), strict=True)} == {
        ("module_dense", "as-written"): ["pass values", "fail run"],
        ("module_dense", "resave"): ["not-applicable", ""],
    }


def test_cross_cells_are_no_columns_and_a_loader_of_its_own_has_the_producers() -> None:
    made = [
        cell(producer="tf2.16"),
        cell("fail", producer="tf2.16", consumer="tf2.15"),
        cell(producer="tf2.9", loader="openvino", consumer="openvino"),
        cell("fail", producer="tf2.16", loader="openvino", consumer="openvino"),
        cell(producer="tf2.9", loader="cli", consumer="tf2.21"),
        cell(producer="tf2.9", loader="only", consumer="tf2.15"),
        cell(producer="tf2.9", loader="only", consumer="tf2.16"),
    ]
    results = {each.heading: each for each in loader_results(from_cells(made))}
    assert {name: list(each.matrix.columns) for name, each in results.items()} == {
        "cli in tf2.21": ["tf2.9"],
        "libtensorflow": ["tf2.16"],
        "openvino": ["tf2.9", "tf2.16"],
    }
    assert results["libtensorflow"].counts.failed == 0


def test_remedies_and_cases_that_are_alike_are_folded() -> None:
    made = [
        cell("fail" if remedy == "as-written" else "pass", case=case, remedy=remedy)
        for case, remedy in product("abc", ["as-written", "export", "resave"])
    ]
    made[3] = cell("crash", case="b")
    made += [cell(case="d"), cell("not-applicable", case="d", remedy="resave")]
    made += [cell("not-applicable", case="e"), cell("not-run", case="f")]
    (result,) = loader_results(from_cells(made))
    assert result.passing == ("d",)
    assert [(block.cases, block.rows) for block in result.blocks] == [
        (
            ("a", "c"),
            ((("as-written",), ("fail run",)), (("export", "resave"), ("pass values",))),
        ),
        (("b",), ((("as-written",), ("crash run",)), (("export", "resave"), ("pass values",)))),
        (("e",), ((("as-written",), ("not-applicable",)),)),
        (("f",), ((("as-written",), ("not-run environment",)),)),
    ]


def long_table(differing: int) -> list[Row]:
    """Return 8 cases, unlike each other, of two loaders that differ in so many of them."""
    made = []
    for number, loader in product(range(8), ["first", "second"]):
        for position in range(8):
            status = "fail" if position <= number else "pass"
            if loader == "second" and number < differing:
                status = "crash"
            name = f"tf2.{position}"
            made.append(cell(status, case=f"case{number}", loader=loader, producer=name))
            made.append(
                cell("timeout", case=f"case{number}", remedy="resave", loader=loader, producer=name)
            )
    return made


@pytest.mark.parametrize(
    ("differing", "like", "shown"), [(0, "first", 0), (2, "first", 2), (3, "", 8)]
)
def test_a_long_table_that_repeats_another_is_told_by_what_differs(
    differing: int, like: str, shown: int
) -> None:
    _, second = loader_results(from_cells(long_table(differing)))
    assert second.like == like
    assert sum(len(block.cases) for block in second.blocks) == shown


def test_a_short_table_is_shown_even_if_it_repeats_another() -> None:
    made = [cell("fail", loader=loader) for loader in ["first", "second"]]
    first, second = loader_results(from_cells(made))
    assert (first.like, second.like) == ("", "")
    assert first.blocks == second.blocks != ()


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            cell,
            st.sampled_from(["pass", *FAILURES, "not-applicable", "not-run"]),
            case=st.sampled_from("abc"),
            remedy=st.sampled_from("rs"),
            producer=st.sampled_from(["tf2.15", "tf2.9"]),
            loader=st.sampled_from("lm"),
        ),
        unique_by=key_of,
    )
)
def test_folding_loses_no_outcome(made: list[Row]) -> None:
    table = from_cells(made)
    results = loader_results(table)
    for result in results:
        folded = {
            (case, remedy): outcomes
            for block in result.blocks
            for case in block.cases
            for remedies, outcomes in block.rows
            for remedy in remedies
        }
        for key, row in zip(result.matrix.index, result.matrix.to_numpy().tolist(), strict=True):
            if key[0] in result.passing:
                assert set(row) <= {"pass values", "not-applicable", ""}
            else:
                assert folded.pop(key) == tuple(row)
        assert not folded
    assert sum(sum(each.counts.by_status.values()) for each in results) == len(rows_of(table))

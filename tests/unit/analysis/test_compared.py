"""Two results compared: cells, machines, packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.analysis.compared import Compared, Result, compare_results
from savedmodel_matrix.analysis.differences import EVERYTHING, SELECTION, Coverage
from savedmodel_matrix.analysis.explanations import Explanations
from tests.unit.rows import cell

if TYPE_CHECKING:
    from savedmodel_matrix.model.table import Row


def compared(
    before: list[Row],
    after: list[Row],
    coverage: tuple[Coverage, Coverage] = (EVERYTHING, EVERYTHING),
    runs: tuple[dict[str, Any], dict[str, Any]] = ({}, {}),
) -> Compared:
    """Return two results compared, without explanations."""
    one = Result("a", "a run", before, runs[0], coverage[0])
    other = Result("b", "a run", after, runs[1], coverage[1])
    return compare_results(one, other, Explanations({}))


def test_cells_that_a_selection_left_out_are_neither_new_nor_gone() -> None:
    found = compared([cell(case="a")], [cell(case="a"), cell(case="b")], (SELECTION, EVERYTHING))
    assert found.differences.counts[ChangeClass.NOT_COVERED] == 1
    assert not found.differences.every
    assert not found.has([ChangeClass.NEW])
    assert found.has([ChangeClass.SAME])


def test_packages_that_differ_are_named_with_all_their_environments() -> None:
    def run(**keras: str) -> dict[str, Any]:
        packages = {name: {"keras": version, "six": "1"} for name, version in keras.items()}
        return {"environments": {name: {"packages": one} for name, one in packages.items()}}

    runs = (run(a="3.14.0", b="3.14.0", c="3.0.0"), run(a="3.15.1", b="3.15.1", d="3.15.1"))
    (found,) = compared([], [], runs=runs).packages
    assert found.difference.words == "keras 3.14.0 → 3.15.1"
    assert found.environments == ("a", "b")


def test_a_result_without_a_description_can_be_compared() -> None:
    found = compared([cell()], [cell("fail")], runs=({}, {"environments": {"tf2.15": {}}}))
    assert found.has([ChangeClass.REGRESSED])
    assert found.packages == ()
    assert found.machines[0].startswith("The processor of neither result is recorded")

"""Cross cells told from the others, and counted by producer and consumer."""

import pytest

from savedmodel_matrix.analysis.crossing import apart, grids, heading, own_environments
from savedmodel_matrix.analysis.summary import summarise
from savedmodel_matrix.model.table import from_cells
from savedmodel_matrix.views.markdown import markdown
from tests.unit.pages import lines_of, printed, summary_of
from tests.unit.rows import cell

NAMES = [f"tf2.{minor}" for minor in range(15, 22)]


def crossed(names=NAMES, **given):
    """Return two cases, of which the second fails where Keras 3 did not write what it reads."""
    return [
        cell(
            "fail" if case == "b" and (one == names[0]) != (other == names[0]) else "pass",
            case=case,
            producer=one,
            consumer=other,
            **given,
        )
        for case in "ab"
        for one in names
        for other in names
    ]


def test_a_loader_has_an_environment_of_its_own_if_nothing_is_saved_there():
    rows = [
        *crossed(["tf2.15", "tf2.16"]),
        cell(loader="openvino", consumer="openvino"),
        cell(loader="openvino", producer="tf2.16", consumer="openvino"),
        cell(loader="one", consumer="tf2.15"),
        cell(loader="other", producer="tf2.16", consumer="tf2.15"),
    ]
    assert own_environments(rows) == {"openvino": "openvino"}
    straight, crosses = apart(rows)
    assert {(row["loader"], row["producer"]) for row in straight} == {
        ("libtensorflow", "tf2.15"),
        ("libtensorflow", "tf2.16"),
        ("openvino", "tf2.15"),
        ("openvino", "tf2.16"),
        ("one", "tf2.15"),
    }
    assert {row["loader"] for row in crosses} == {"libtensorflow", "other"}
    assert len(straight) + len(crosses) == len(rows)


def test_of_versions_of_a_runtime_the_one_that_the_loader_is_named_for_is_its_own():
    rows = [
        cell(loader="litert", producer=producer, consumer=consumer)
        for producer in ("tf2.15", "tf2.16")
        for consumer in ("litert", "litert1.0", "litert2.2")
    ]
    assert own_environments(rows) == {"litert": "litert"}
    (grid,) = grids(rows)
    assert grid.producers == ("tf2.15", "tf2.16")
    assert grid.consumers == ("litert", "litert1.0", "litert2.2")
    assert own_environments([row for row in rows if row["consumer"] != "litert"]) == {}


@pytest.mark.parametrize(
    ("own", "told"),
    [({}, "cli"), ({"cli": "cli"}, "cli"), ({"cli": "tf2.21"}, "cli in tf2.21")],
)
def test_an_environment_is_named_where_the_loader_does_not_name_it(own, told):
    assert heading("cli", own) == told


def test_a_grid_counts_cases_as_written_and_with_the_best_remedy():
    cured = [
        cell(case="b", remedy="resave", producer="tf2.15", consumer="tf2.16"),
        cell("not-applicable", case="b", remedy="resave", producer="tf2.16", consumer="tf2.15"),
    ]
    [grid] = grids([*crossed(["tf2.16", "tf2.15"]), *cured, cell(loader="uncrossed")])
    assert (grid.loader, grid.producers, grid.consumers) == (
        "libtensorflow",
        ("tf2.15", "tf2.16"),
        ("tf2.15", "tf2.16"),
    )

    def passing(counted):
        return {pair: (counts.passed, counts.applicable) for pair, counts in counted.items()}

    ends = {("tf2.15", "tf2.15"): (2, 2), ("tf2.16", "tf2.16"): (2, 2)}
    assert passing(grid.written) == ends | {
        ("tf2.15", "tf2.16"): (1, 2),
        ("tf2.16", "tf2.15"): (1, 2),
    }
    assert passing(grid.best) == ends | {
        ("tf2.15", "tf2.16"): (2, 2),
        ("tf2.16", "tf2.15"): (1, 2),
    }
    assert (grid.crossed.passed, grid.crossed.applicable) == (3, 5)


def test_cross_cells_change_nothing_that_is_counted_without_them():
    rows = crossed()
    straight, _ = apart(rows)
    whole, alone = (summary_of(one) for one in (rows, straight))
    assert whole.counts == alone.counts
    assert whole.remedies == alone.remedies
    assert whole.prices == alone.prices
    assert whole.answer == alone.answer
    assert whole.loaders == alone.loaders
    for one, other in zip(whole.panels, alone.panels, strict=True):
        assert one.outcomes.equals(other.outcomes)
    assert alone.grids == ()


def test_a_terminal_shows_a_grid_that_fits():
    page = lines_of(printed(summary_of(crossed()), width=80))
    assert page[0].startswith(
        "Saved as written, all 2 cases pass in libtensorflow on TensorFlow 2.15 to"
    )
    start = page.index("libtensorflow, where another environment loads: 72 of 84 (85 %) pass")
    assert page[start + 1 : start + 5] == [
        "Cases that pass as written, which no remedy betters; rows are producers, columns",
        "consumers:",
        "          tf2.15  tf2.16  tf2.17  tf2.18  tf2.19  tf2.20  tf2.21",
        "  tf2.15  2/2     1/2     1/2     1/2     1/2     1/2     1/2",
    ]
    assert page[start + 5] == "  tf2.16  1/2     2/2     2/2     2/2     2/2     2/2     2/2"
    assert max(map(len, page)) <= 80
    assert "Where another environment loads than saved, 72 of 84 (85 %) cells pass." in " ".join(
        page
    )


def test_a_narrow_terminal_shows_it_row_by_row():
    page = lines_of(printed(summary_of(crossed()), width=50))
    assert "  tf2.15: tf2.15 2/2, tf2.16 1/2, tf2.17 1/2," in page
    assert max(map(len, page)) <= 50


def test_only_the_best_is_shown_of_a_run_without_the_case_as_written():
    page = printed(summary_of(crossed(remedy="resave")))
    assert "With the best remedy of each; rows are producers" in page
    assert "as written, which" not in page


def test_markdown_has_the_grid_as_a_table():
    page = markdown(summary_of(crossed(["tf2.15", "tf2.16"])))
    assert "## libtensorflow, where another environment loads\n" in page
    assert "|  | tf2.15 | tf2.16 |\n| --- | --- | --- |\n| tf2.15 | 2/2 | 1/2 |" in page


def test_a_run_with_nothing_but_cross_cells_is_told_all_the_same():
    made = [cell(consumer="tf2.16"), cell("fail", consumer="tf2.17")]
    page = printed(summary_of(made), verbose=True)
    assert "libtensorflow, where another environment loads: 1 of 2 (50 %) pass" in page
    assert "in tf2.15 → tf2.17; libtensorflow" in page


def test_neighbours_are_told_by_the_packages_that_matter():
    packages = {
        "tf2.15": {"keras": "2.15.0", "numpy": "1.26.4", "wheel": "1"},
        "tf2.16": {"keras": "3.15.1", "numpy": "1.26.4", "wheel": "2"},
        "openvino": {"openvino": "2026.4.1"},
    }
    environments = {name: {"packages": each} for name, each in packages.items()}
    rows = [cell(), cell(producer="tf2.16"), cell(loader="openvino", consumer="openvino")]
    summary = summarise(from_cells(rows), from_cells([]), full=True, environments=environments)
    page = lines_of(printed(summary, verbose=True))
    assert "  tf2.15 → tf2.16: keras 2.15.0 → 3.15.1, 1 other package" in page
    assert "openvino →" not in " ".join(page)
    assert "- tf2.15 → tf2.16: keras 2.15.0 → 3.15.1, 1 other package" in markdown(summary)


def test_of_a_runtime_that_ran_what_is_as_written_only_no_best_remedy_is_told():
    rows = [
        cell(
            "fail" if remedy == "as-written" else "pass",
            remedy=remedy,
            loader="litert",
            consumer=consumer,
        )
        for consumer, remedies in (
            ("litert", ("as-written", "repair", "resave", "model-export")),
            ("litert1.0", ("as-written",)),
        )
        for remedy in remedies
    ]
    (grid,) = grids(rows)
    assert grid.consumers == ("litert", "litert1.0")
    assert set(grid.written) == {("tf2.15", "litert"), ("tf2.15", "litert1.0")}
    assert set(grid.best) == {("tf2.15", "litert")}

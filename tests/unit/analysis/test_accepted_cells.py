"""What the accepted table says of a cell elsewhere, and how cross cells are counted."""

from savedmodel_matrix.analysis.accepted_cells import Known
from savedmodel_matrix.analysis.attribution import Changed
from tests.unit.rows import cell

PASS, FAIL = ("pass", "values", ""), ("fail", "run", "aa")
ONE = Changed("module_dense", PASS, FAIL, (("as-written", "libtensorflow"),))


def failing(**given):
    return cell("fail", fingerprint="aa", **given)


def test_a_cell_is_found_in_another_environment_with_another_remedy_and_crossed() -> None:
    rows = [
        cell(producer="tf2.15"),
        failing(producer="tf2.16"),
        cell(producer="tf2.16", remedy="legacy-keras"),
        failing(producer="tf2.16", consumer="tf2.15"),
        cell("not-run", producer="tf2.17"),
    ]
    known = Known(rows, {"environments": {"tf2.15": {"packages": {"keras": "2.15.0"}}}})
    assert (known.at(ONE, "tf2.15"), known.at(ONE, "tf2.16")) == (PASS, FAIL)
    assert known.at(ONE, "tf2.17") is None
    assert known.at(ONE, "tf2.18") is None
    assert known.with_remedy(ONE, "legacy-keras", "tf2.16") == PASS
    assert known.crossed(ONE, "tf2.16", "tf2.15") == FAIL
    assert known.crossed(ONE, "tf2.15", "tf2.16") is None
    assert known.packages("tf2.15") == {"keras": "2.15.0"}
    assert known.packages("tf2.16") == {}
    assert len(known.saved_in("tf2.16")) == 2


def test_what_a_loader_s_own_environment_loads_is_no_cross_cell() -> None:
    rows = [
        cell(loader="litert", producer=name, consumer="litert") for name in ("tf2.15", "tf2.16")
    ]
    known = Known(rows, {})
    assert len(known.saved_in("tf2.15")) == 1
    assert known.crossed_differences("tf2.15", "tf2.16") == 0


def test_cross_cells_are_counted_where_one_end_moves_and_a_third_stays() -> None:
    pairs = [(a, b) for a in ("tf2.15", "tf2.16", "tf2.17") for b in ("tf2.15", "tf2.16", "tf2.17")]
    rows = [
        (failing if saves == "tf2.16" else cell)(producer=saves, consumer=loads)
        for saves, loads in pairs
    ]
    known = Known(rows, {})
    assert known.crossed_differences("tf2.15", "tf2.16") == 1  # loaded by tf2.17
    assert known.crossed_differences("tf2.16", "tf2.17") == 1

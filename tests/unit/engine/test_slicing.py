"""Slices: every cell once, saves whole, one producer each, about as long as one another."""

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.engine.sharding import units_of
from savedmodel_matrix.engine.slicing import LONGEST, SHORTEST, seconds_of_slice, slices
from savedmodel_matrix.model.cell import save_of
from tests.unit.engine.test_sharding import CELLS, cell, seconds


def of(cells, wanted, first=""):
    return slices(units_of(cells, seconds, {}), wanted, first)


@given(CELLS, st.floats(0.5, 500))
def test_every_cell_is_in_one_slice_and_none_is_empty(cells, wanted):
    found = of(cells, wanted)
    assert sorted(one.key for piece in found for one in piece.cells) == sorted(
        one.key for one in cells
    )
    assert all(piece.cells for piece in found)


@given(CELLS, st.floats(0.5, 500))
def test_a_slice_has_one_producer_and_a_save_is_in_one_slice(cells, wanted):
    found = of(cells, wanted)
    for piece in found:
        assert len({save_of(one).producer for one in piece.cells}) == 1
    saves = [save for piece in found for save in {save_of(one) for one in piece.cells}]
    assert len(saves) == len(set(saves))


@given(CELLS, st.floats(0.5, 500))
def test_slices_are_about_as_long_as_was_wanted(cells, wanted):
    units = units_of(cells, seconds, {})
    longest = max((unit.milliseconds for unit in units), default=0)
    for piece in slices(units, wanted):
        assert piece.milliseconds <= 1500 * wanted + longest


@given(CELLS)
def test_the_longest_begin_first_and_the_first_case_before_them(cells):
    found = of(cells, 20.0, "lstm")
    have = [any(one.case.name == "lstm" for one in piece.cells) for piece in found]
    assert have == sorted(have, reverse=True)
    for group in (True, False):
        lengths = [piece.milliseconds for piece, it in zip(found, have, strict=True) if it == group]
        assert lengths == sorted(lengths, reverse=True)


def test_cross_cells_are_with_their_save():
    cells = [
        cell("dense", "resave", "tf2.15", 0, consumer) for consumer in ("tf2.15", "tf2.21", "tf2.9")
    ]
    assert [len(piece.cells) for piece in of(cells, 0.5)] == [3]


@given(CELLS, st.integers(0, 500))
def test_a_slice_is_a_minute_to_five(cells, cores):
    assert SHORTEST <= seconds_of_slice(units_of(cells, seconds, {}), cores) <= LONGEST


def test_each_core_gets_several_slices_where_there_is_enough_to_do():
    units = units_of([cell("dense", "resave", f"tf2.{n}", 0, "x") for n in range(900)], seconds, {})
    total = sum(unit.milliseconds for unit in units) / 1000
    assert seconds_of_slice(units, 100) == total / 400

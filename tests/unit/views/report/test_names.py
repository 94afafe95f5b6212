"""Names as files and anchors."""

import re

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.views.report.names import (
    anchor_of,
    case_page,
    loader_anchor,
    outcome_anchor,
    page_of,
    remedy_anchor,
    safe,
)
from tests.unit.pages import hostile


def test_plain_names_stay_as_they_are():
    assert case_page("module_dense") == "cases/module_dense.html"
    assert page_of("module_dense", "as-written") == "cases/module_dense.html#remedy~as-written"
    assert anchor_of("as-written", "tf2.16", "saved_model_cli", "tf2.16") == (
        "as-written.tf2.16.saved_model_cli"
    )


def test_a_cross_cell_has_a_short_anchor_that_no_other_cell_has():
    names = [f"name-{number}" for number in range(20)]
    made = {anchor_of(r, "tf2.16", x, "tf2.15") for r in names for x in names}
    assert len(made) == 400
    assert all(re.fullmatch("[a-z2-7]{8}", one) for one in made)
    assert anchor_of("a", "tf2.16", "b", "tf2.16") == "a.tf2.16.b"


def test_what_cells_have_in_common_has_an_anchor_that_no_cell_has():
    made = [outcome_anchor("fail", "run", "reason"), remedy_anchor("a"), loader_anchor("a")]
    assert all("~" in one for one in made)
    assert len({*made, outcome_anchor("fail", "run", "other")}) == 4
    assert "~" not in anchor_of("a~1", "b~1", "c~1", "d~1")


@given(hostile)
def test_any_name_is_safe_in_a_path_and_a_link(name):
    made = safe(name)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]*", made)
    assert ".." not in made or safe(name) == name
    assert len(made) <= 100


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_that_differ_stay_apart_whatever_the_file_system(one, other):
    if one != other:
        assert safe(one).casefold() != safe(other).casefold()


def test_case_alone_keeps_names_apart():
    assert len({safe(name).casefold() for name in ("Dense", "dense", "DENSE")}) == 3

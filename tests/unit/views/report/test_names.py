"""Names as files and anchors."""

import re

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.views.report.names import anchor_of, outcome_anchor, page_of, safe
from tests.unit.pages import hostile


def test_plain_names_stay_as_they_are():
    assert page_of("module_dense", "as-written") == "cases/module_dense/as-written.html"
    assert anchor_of("tf2.16", "saved_model_cli", "tf2.16") == "tf2.16.saved_model_cli"
    assert anchor_of("tf2.16", "tf.saved_model.load", "tf2.15") == (
        "tf2.16.tf.saved_model.load.tf2.15"
    )


def test_what_cells_have_in_common_has_an_anchor_that_no_cell_has():
    assert outcome_anchor("saved_model_cli", 1) == "saved_model_cli~1"
    assert "~" not in anchor_of("a~1", "b~1", "c~1")


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

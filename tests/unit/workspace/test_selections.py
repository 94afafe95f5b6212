"""Selections as data: what is read, and the sentence that each mistake gets."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.project import find_project
from savedmodel_matrix.workspace.selections import KEYS, Part, selections_of

WHERE = "/p/pyproject.toml: [tool.savedmodel-matrix.selections"
ENVIRONMENTS = ("tf2.15", "tf2.21", "released", "all")


def read(stated):
    return selections_of(stated, ENVIRONMENTS, WHERE)


def test_what_a_selection_states_holds_for_every_part_that_does_not_state_it():
    stated = {
        "environment": ["tf2.15"],
        "loader": ["tflite"],
        "parts": [{"remedy": ["as-written"]}, {"case": ["a"], "environment": ["released"]}],
    }
    one, other = read({"nightly": stated})["nightly"].parts
    assert one == Part(environment=("tf2.15",), loader=("tflite",), remedy=("as-written",))
    assert other == Part(environment=("released",), loader=("tflite",), case=("a",))


def test_without_parts_it_is_one():
    assert read({"x": {"cross": True}})["x"].parts == (Part(cross=True),)
    assert read({}) == {}


MISTAKES = [
    ([], r"selections\] must be a table of selections"),
    ({"a b": {}}, r'selections\] has a selection named "a b": use letters'),
    ({"x": 3}, r"selections\.x\] must be a table with"),
    ({"x": {"cases": ["a"]}}, 'unknown key "cases": did you mean "case"'),
    ({"x": {"case": "a"}}, "case must be a list of names, not 'a'"),
    ({"x": {"case": []}}, "case must be a list of names"),
    ({"x": {"remedy": [1]}}, "remedy must be a list of names in quotes"),
    (
        {"x": {"environment": ["tf2.12"]}},
        "environment names \"tf2.12\", which is no environment: did you mean 'tf2.21'",
    ),
    ({"x": {"cross": "yes"}}, "cross must be true or false"),
    ({"x": {"parts": {}}}, "parts must be a list of tables"),
    ({"x": {"parts": []}}, "parts must be a list of tables"),
    ({"x": {"parts": ["a"]}}, "must be a table with"),
    ({"x": {"parts": [{"parts": []}]}}, 'unknown key "parts"'),
    (
        {"x": {"environment": ["tf2.15"], "parts": [{"producer": ["tf2.21"]}]}},
        "state environment, or producer and consumer, but not both",
    ),
    ({"x": {"loader": [2], "parts": [{"loader": ["tflite"]}]}}, "loader must be a list"),
]


@pytest.mark.parametrize(("stated", "sentence"), MISTAKES)
def test_each_mistake_gets_one_sentence_that_names_the_place(stated, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        read(stated)
    assert str(caught.value).startswith(WHERE)
    assert str(caught.value).endswith((".", "?"))
    assert "\n" not in str(caught.value)


WORDS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.sampled_from(ENVIRONMENTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "parts"]) | WORDS, inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES | st.dictionaries(WORDS | st.just("x"), VALUES, max_size=2))
def test_whatever_is_stated_is_read_or_gets_one_sentence(stated):
    found, said = None, ""
    try:
        found = read(stated)
    except UserError as error:
        said = str(error)
    if found is None:
        assert said.startswith(WHERE)
        assert said.endswith((".", "?"))
    else:
        assert list(found) == list(stated)
        assert all(selection.parts for selection in found.values())


GOOD = """
[tool.savedmodel-matrix]
first = {first}
[tool.savedmodel-matrix.environments]
"tf2.21" = {{ python = "3.11", tensorflow = "2.21.0" }}
[tool.savedmodel-matrix.groups]
default = ["tf2.21"]
"""


def project(directory: Path, first: str, cases: tuple[str, ...]):
    (directory / "pyproject.toml").write_text(GOOD.format(first=first))
    (directory / "cases").mkdir()
    for name in cases:
        (directory / "cases" / f"{name}.py").write_text("")
    return find_project(directory)


def test_the_case_that_comes_first_is_one_of_the_project(tmp_path):
    assert project(tmp_path, '"scorer"', ("scorer", "other")).first == "scorer"


def test_a_first_case_that_does_not_exist_gets_the_nearest(tmp_path):
    with pytest.raises(UserError, match=r"first names \"scorr\", which is no case: .*'scorer'"):
        project(tmp_path, '"scorr"', ("scorer",))


def test_a_first_case_is_a_name(tmp_path):
    with pytest.raises(UserError, match="first must be a name in quotes, not 3"):
        project(tmp_path, "3", ("scorer",))

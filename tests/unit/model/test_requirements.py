"""What a case may require, and the name of the overlay that holds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.requirements import (
    extended_by,
    fault_of,
    for_tensorflow,
    names_of,
    overlay_name,
)

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,8})?", fullmatch=True)


@pytest.mark.parametrize(
    "stated",
    [
        "tensorflow-text",
        "tensorflow-text=={tensorflow}",
        "tensorflow-text=={tensorflow-minor}.*",
        "keras-hub[nlp]>=0.17,<1 ; python_version < '3.13'",
        "toolz @ https://example.org/toolz-1.0-py3-none-any.whl",
        "tf-keras>=2.15",
    ],
)
def test_a_pep_508_requirement_is_taken(stated):
    assert fault_of(stated) == ""


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("tensorflow text", "no PEP 508 requirement"),
        ("", "no PEP 508 requirement"),
        (3, "write one in quotes"),
        ("tensorflow-text=={version}", "known are {tensorflow} and {tensorflow-minor}"),
        ("tensorflow>=2.17", "the environment decides"),
        ("Tensorflow_CPU", "the environment decides"),
    ],
)
def test_anything_else_is_refused_with_the_remedy(stated, said):
    assert said in fault_of(stated)
    assert "\n" not in fault_of(stated)


def test_placeholders_are_the_environments_version_and_its_minor():
    assert for_tensorflow("a=={tensorflow}", "2.15.1") == "a==2.15.1"
    assert for_tensorflow("a=={tensorflow-minor}.*", "2.15.1") == "a==2.15.*"
    assert for_tensorflow("a", "2.15.1") == "a"


def test_packages_are_named_as_indexes_name_them():
    assert names_of(["TensorFlow_Text=={tensorflow}", "toolz", "tensorflow-text"]) == [
        "tensorflow-text",
        "toolz",
    ]


def test_without_requirements_an_environment_is_itself():
    assert overlay_name("tf2.15", ()) == "tf2.15"
    assert extended_by("tf2.15") == "tf2.15"


def test_an_overlay_is_named_for_what_it_holds():
    name = overlay_name("tf2.15", ("toolz", "tensorflow-text"))
    assert name.startswith("tf2.15+tensorflow-text+toolz-")
    assert name != overlay_name("tf2.15", ("toolz", "tensorflow-text>2"))
    assert name != overlay_name("tf2.16", ("toolz", "tensorflow-text"))


@given(st.lists(NAMES, min_size=1, max_size=12), st.randoms())
def test_order_and_spaces_make_no_other_overlay_and_every_name_is_a_file_name(names, random):
    shuffled = [f" {name} " for name in names]
    random.shuffle(shuffled)
    name = overlay_name("tf2.15", tuple(names))
    assert overlay_name("tf2.15", tuple(shuffled)) == name
    assert extended_by(name) == "tf2.15"
    assert len(name) < 70
    assert "/" not in name

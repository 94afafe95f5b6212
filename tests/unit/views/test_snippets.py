"""The lines to paste for each way of saving: Python, and whole for what somebody has."""

import ast

import pytest

from savedmodel_matrix.views.naming import WAYS
from savedmodel_matrix.views.snippets import snippet

HAVES = ("module", "model", "savedmodel", "file")
SHELL = "repair"


@pytest.mark.parametrize("have", HAVES)
def test_snippets_are_python_but_for_the_command(have):
    found = {remedy: snippet(have, remedy) for remedy in WAYS}
    assert found["as-written"]
    for remedy, lines in found.items():
        if remedy != SHELL:
            ast.parse(lines)


def test_a_model_from_a_file_is_loaded_first_and_one_on_disk_needs_no_code():
    assert snippet("file", "model-export").startswith("model = keras.models.load_model(")
    assert {remedy for remedy in WAYS if snippet("savedmodel", remedy)} == {
        "as-written",
        "resave",
        "repair",
    }


def test_what_is_not_known_is_empty():
    assert snippet("module", "their-own") == ""
    assert snippet("file", "their-own") == ""

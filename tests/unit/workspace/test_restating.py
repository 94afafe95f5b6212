"""Lines of `pyproject.toml`, changed and copied; everything else as it was."""

import tomllib
from pathlib import Path

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.release import Missing
from savedmodel_matrix.workspace.project import project_of
from savedmodel_matrix.workspace.restating import restated

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
MINOR = [
    Missing("tensorflow", "2.22.0", "2027-01-01", "tf2.22", "2.21.0", "tf2.21"),
    Missing("tf-keras", "2.22.1", "2027-01-01", "tf2.22", "2.21.0"),
]
LITERT = [
    Missing("ai-edge-litert", "2.4.0", "2027-01-01", "litert", "2.3.0"),
    Missing("ai-edge-litert", "2.3.0", "", "litert2.3", "2.2.0", "litert2.2"),
]


def stated(text):
    return tomllib.loads(text)["tool"]["savedmodel-matrix"]


def lines_that_differ(text):
    before, after = TEXT.splitlines(), text.splitlines()
    return [line for line in after if line not in before]


def test_a_new_environment_stands_below_the_one_it_is_like_and_beside_it_in_every_list():
    text = restated(TEXT, MINOR)
    table = stated(text)
    assert table["environments"]["tf2.22"] == {
        "python": "3.11",
        "tensorflow": "2.22.0",
        "tf-keras": "2.22.1",
    }
    assert table["environments"]["tf2.21"] == stated(TEXT)["environments"]["tf2.21"]
    for name in ("default",):
        assert "tf2.22" in table["groups"][name]
        assert "tf2.22" in table["selections"][name]["environment"]
    assert "tf2.22" not in table["groups"]["released"]
    assert (
        list(table["environments"]).index("tf2.22")
        == list(table["environments"]).index("tf2.21") + 1
    )
    assert len(text.splitlines()) == len(TEXT.splitlines()) + 1
    assert "tf2.22" in project_of(ROOT / "pyproject.toml", tomllib.loads(text)).select()


def test_a_release_goes_in_the_place_of_another_and_what_lies_over_it_is_left_alone():
    text = restated(TEXT, [Missing("tensorflow", "2.21.1", "", "tf2.21", "2.21.0")])
    assert lines_that_differ(text) == [
        '"tf2.21" = { python = "3.11", tensorflow = "2.21.1", tf-keras = "2.21.0" }'
    ]


def test_packages_are_stated_as_before():
    text = restated(TEXT, LITERT)
    environments = stated(text)["environments"]
    assert environments["litert"]["packages"] == ["ai-edge-litert==2.4.0"]
    assert environments["litert2.3"]["packages"] == ["ai-edge-litert==2.3.0"]
    assert environments["litert2.3"]["loaders-of"] == "litert"
    assert "litert2.3" in stated(text)["groups"]["runtimes"]


def test_nothing_to_change_changes_nothing():
    assert restated(TEXT, []) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace('"tf2.21" = {', '"tf2.99" = {'),
        TEXT.replace('"tf2.21" = { python', '"tf2.21" = { "python"').replace(
            "tensorflow = ", "tensorflow= '' + "
        ),
        "",
    ],
)
def test_what_is_not_stated_in_a_line_is_to_be_stated_by_hand(text):
    with pytest.raises(UserError, match=r"2\.22\.0 as \"tf2\.22\" by hand"):
        restated(text, MINOR)

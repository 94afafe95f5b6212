"""Which releases are missing, and what a project would state for them."""

from pathlib import Path

import pytest

from savedmodel_matrix.analysis.outdated import missing
from savedmodel_matrix.model.release import Missing, Release
from savedmodel_matrix.workspace.project import find_project

PROJECT = find_project(Path(__file__))
# What the project states is the newest of each minor that the index has.
STATED = {
    "tensorflow": ["2.15.1", "2.16.2", "2.17.1", "2.18.1", "2.19.1", "2.20.0", "2.21.0"],
    "tf-keras": ["2.15.1", "2.16.0", "2.17.0", "2.18.0", "2.19.0", "2.20.1", "2.21.0"],
    "keras": [one.keras for one in PROJECT.environments.values() if one.keras],
    "ai-edge-litert": [
        "1.0.1",
        "1.1.2",
        "1.2.0",
        "1.3.0",
        "1.4.0",
        "2.0.3",
        "2.1.6",
        "2.2.0",
        "2.3.0",
    ],
    "openvino": ["2023.3.0", "2024.6.0", "2025.0.0", "2025.4.1", "2026.0.0", "2026.4.1"],
    "onnxruntime": ["1.20.1", "1.23.2", "1.27.0", "1.32.0"],
    "tf2onnx": ["1.16.1", "1.17.0"],
}


def found(**more):
    """Return what is missing where the index has these releases besides, by day of a package."""

    def releases(package, python):
        assert python in {"3.11", "3.10", "3.12", "3.13"}
        known = [Release(version, "2024-01-01") for version in STATED[package]]
        return known + [Release(v, "2027-01-01") for v in more.get(package.replace("-", "_"), [])]

    return missing(PROJECT.environments, releases, {"tf2.21": "3.15.1"})


def test_what_the_project_states_is_not_missing():
    assert found() == []


def test_a_new_minor_of_tensorflow_is_an_environment_with_the_tf_keras_of_its_day():
    assert found(tensorflow=["2.22.0"], tf_keras=["2.22.0", "2.23.0"]) == [
        Missing("tensorflow", "2.22.0", "2027-01-01", "tf2.22", "2.21.0", "tf2.21"),
        Missing("tf-keras", "2.22.0", "2027-01-01", "tf2.22", "2.21.0"),
    ]


def test_a_patch_release_goes_in_the_place_of_the_one_before():
    assert found(tensorflow=["2.21.1"]) == [
        Missing("tensorflow", "2.21.1", "2027-01-01", "tf2.21", "2.21.0")
    ]


def test_the_newest_of_several_new_releases_of_a_minor_counts():
    assert found(keras=["3.16.0", "3.16.1", "3.17.0"]) == [
        Missing("keras", "3.16.1", "2027-01-01", "keras3.16", "3.14.1", "keras3.14"),
        Missing("keras", "3.17.0", "2027-01-01", "keras3.17", "3.14.1", "keras3.14"),
    ]


def test_a_loaders_own_environment_gets_the_newest_and_what_it_had_is_kept_beside():
    assert found(ai_edge_litert=["2.4.0"]) == [
        Missing("ai-edge-litert", "2.4.0", "2027-01-01", "litert", "2.3.0"),
        Missing("ai-edge-litert", "2.3.0", "", "litert2.3", "2.2.0", "litert2.2"),
    ]
    assert found(openvino=["2026.4.2"]) == [
        Missing("openvino", "2026.4.2", "2027-01-01", "openvino", "2026.4.1")
    ]


@pytest.mark.parametrize("name", ["tf2.21-py3.12", "tf2.21-released", "jax", "patched-all"])
def test_what_is_for_one_purpose_is_no_part_of_a_row(name):
    assert all(name not in (one.name, one.like) for one in found(tensorflow=["2.21.1", "2.22.0"]))

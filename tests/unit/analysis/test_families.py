"""Environments that differ in one version only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.families import families, split, spoken


@pytest.mark.parametrize(
    ("name", "label", "version", "said"),
    [
        ("tf2.15", "TensorFlow", "2.15", "TensorFlow 2.15"),
        ("tf2.16-released", "TensorFlow, as released", "2.16", "TensorFlow 2.16 as released"),
        ("keras3.14", "Keras", "3.14", "Keras 3.14"),
        ("tf2.15-mine", "TensorFlow, mine", "2.15", "TensorFlow 2.15 mine"),
        ("torch2.1", "torch", "2.1", "torch 2.1"),
        ("jax", "Environment", "jax", "jax"),
        ("tf2", "Environment", "tf2", "tf2"),
        ("2.15", "Environment", "2.15", "2.15"),
    ],
)
def test_names(name: str, label: str, version: str, said: str) -> None:
    assert split(name) == (label, version)
    assert spoken(name) == said


def test_families_are_in_the_order_of_the_table() -> None:
    names = ["jax", "keras3.10", "tf2.16-released", "keras3.9", "tf2.16", "tf2.9", "mine"]
    assert [(one.label, one.environments) for one in families(names)] == [
        ("TensorFlow", ("tf2.9", "tf2.16")),
        ("TensorFlow, as released", ("tf2.16-released",)),
        ("Keras", ("keras3.9", "keras3.10")),
        ("Environment", ("jax", "mine")),
    ]


def test_the_package_beside_is_keras_or_for_keras_tensorflow() -> None:
    described = {
        "tf2.15": {"packages": {"keras": "2.15.0", "tensorflow-cpu": "2.15.1"}},
        "tf2.16": {"packages": {"keras": "3.15.1", "tensorflow": "2.16.2"}},
        "tf2.17": {"packages": {"keras": "3.15.1"}},
        "keras3.1": {"packages": {"keras": "3.1.1", "tensorflow-cpu": "2.21.0"}},
    }
    tensorflow, keras = families(described, described)
    assert (tensorflow.beside, tensorflow.packages) == ("Keras", ("2.15.0", "3.15.1", "3.15.1"))
    assert tensorflow.stretches == [("2.15.0", ("2.15",)), ("3.15.1", ("2.16", "2.17"))]
    assert (keras.beside, keras.packages) == ("TensorFlow", ("2.21.0",))
    assert families(["tf2.15"], {})[0].beside == ""


@given(st.lists(st.text(min_size=1, max_size=12) | st.from_regex(r"(tf|keras|a)[0-9.]{1,4}-?b?")))
def test_every_environment_is_in_one_family(names: list[str]) -> None:
    found = [name for one in families(names) for name in one.environments]
    assert sorted(found) == sorted(set(names))

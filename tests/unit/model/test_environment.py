"""Overlays: what a case requires in front of an environment."""

from dataclasses import replace
from pathlib import Path

from savedmodel_matrix.model.environment import Environment, overlay, with_releases
from savedmodel_matrix.model.requirements import overlay_name

VENV = Environment(
    "tf2.15", "3.11", "2.15.1", "2.15.1", Path("p/locks/tf2.15.txt"), Path("e/tf2.15"), keras="2.15"
)
KERAS = Environment(
    *("keras3.0", "3.11", "", "", Path("p/locks/keras3.0.txt"), Path("e/keras3.0")),
    keras="3.0.5",
    packages=("dm-tree==0.1.10",),
    variables={"A": "1"},
    over="tf2.15",
    base=VENV,
)


def test_an_overlay_uses_the_venv_and_states_only_what_is_required():
    made = overlay(VENV, ("text=={tensorflow}",), Path("p/locks/cases"), on_demand=False)
    assert made.base is VENV
    assert made.extends is VENV
    assert made.executable == VENV.executable
    assert made.path == Path("e") / made.name / "packages"
    assert (made.tensorflow, made.tf_keras, made.keras, made.packages) == ("", "", "", ())
    assert made.requires == ("text==2.15.1",)
    assert made.lock_name == f"locks/cases/{made.name}.txt"
    assert made.contents == "text 2.15.1 over tf2.15"
    assert made.has_tensorflow


def test_an_overlay_of_an_overlay_lies_over_the_same_venv_with_the_packages_of_both():
    made = overlay(KERAS, ("toolz",), Path("p/locks/cases"), on_demand=True)
    assert made.base is VENV
    assert made.extends is KERAS
    assert (made.keras, made.packages) == (KERAS.keras, KERAS.packages)
    assert made.variables == {"A": "1"}
    assert made.contents == "Keras 3.0.5, dm-tree 0.1.10, toolz over tf2.15"
    assert made.on_demand


def test_a_release_lies_in_front_of_everything_else():
    made = with_releases(VENV, {"keras": "3.4.1"}, Path("e/.locks"))
    assert (made.name, made.over, made.base, made.on_demand) == (
        *("tf2.15+keras-3.4.1", "tf2.15"),
        *(made.extends, True),
    )
    assert made.requires == ("keras==3.4.1",)
    assert made.directory == Path("e/tf2.15+keras-3.4.1")
    assert made.lock == Path("e/.locks/tf2.15+keras-3.4.1.txt")
    assert made.contents == "keras 3.4.1 over tf2.15"


def test_what_a_case_requires_joins_a_release_over_the_same_venv():
    release = with_releases(KERAS, {"numpy": "2.0.0"}, Path("e/.locks"))
    made = overlay(release, ("text=={tensorflow}",), Path("e/.locks"), on_demand=True)
    assert made.name == overlay_name(release.name, ("text=={tensorflow}",))
    assert made.requires == ("numpy==2.0.0", "text==2.15.1")
    assert (made.base, made.keras, made.packages) == (VENV, KERAS.keras, KERAS.packages)
    assert made.extends == KERAS
    assert made.lock != release.lock


def test_a_release_may_be_newer_than_the_day_of_its_environment():
    dated = replace(VENV, released="2024-03-09")
    release = with_releases(dated, {"keras": "3.4.1"}, Path("e/.locks"))
    assert release.released == ""
    assert overlay(release, ("toolz",), Path("e/.locks"), on_demand=True).released == ""
    assert overlay(dated, ("toolz",), Path("e/.locks"), on_demand=True).released == "2024-03-09"

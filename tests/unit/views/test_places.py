"""In which environments cells are, in words."""

from __future__ import annotations

from savedmodel_matrix.views.places import by_family, every_place, where
from tests.unit.rows import cell

ENVIRONMENTS = ["tf2.15", "tf2.16", "tf2.16-released", "tf2.17", "tf2.17-released", "keras3.4"]


def test_spans_are_of_one_family_whatever_lies_between() -> None:
    assert by_family(["tf2.15", "tf2.16", "tf2.17"], ENVIRONMENTS) == "tf2.15 to tf2.17"
    named = "tf2.15 to tf2.17, tf2.17-released, keras3.4"
    assert by_family([*ENVIRONMENTS[:2], *ENVIRONMENTS[3:]], ENVIRONMENTS) == named
    assert by_family(ENVIRONMENTS, ENVIRONMENTS) == "every environment"
    assert by_family(["tf2.16"], ENVIRONMENTS) == "tf2.16"
    assert by_family(["jax"], ENVIRONMENTS) == "jax"  # a consumer that never saves
    assert by_family([], ENVIRONMENTS) == ""


def test_every_place_leaves_none_out() -> None:
    names = [f"tf2.{minor}" for minor in range(10, 22)]
    rows = [cell(producer=name) for name in names]
    rows += [cell() | {"producer": "tf2.21", "consumer": name} for name in names[:-1:2]]
    assert every_place(rows, names, {}) == (
        "every environment; tf2.21 → tf2.10, tf2.12, tf2.14, tf2.16, tf2.18, tf2.20"
    )
    crossed = "saved in tf2.21 and loaded in tf2.10, tf2.12, tf2.14, tf2.16, tf2.18, tf2.20"
    assert where(rows, names, {}) == f"in every environment, {crossed}; libtensorflow"
    own = [cell(producer=name, loader="openvino", consumer="openvino") for name in names[:2]]
    assert every_place(own, names, {"openvino": "openvino"}) == "tf2.10, tf2.11"

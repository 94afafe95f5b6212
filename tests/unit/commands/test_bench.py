"""The figures worked out by hand for one small measurement."""

import io

import pytest
from rich.console import Console

from savedmodel_matrix.commands.bench import Pair, figures, show
from savedmodel_matrix.engine.measured import Measured, StepCost

TF, C = "tensorflow", "libtensorflow"
SINGLE = Measured(
    wall=10.0,
    steps=[
        StepCost("a", "load", TF, 4.0, 3.9, 3.0),
        StepCost("a", "load", C, 1.0, 0.9, 1.0),
        StepCost("b", "load", TF, 9.0, 9.0, 9.0),
    ],
)
ENGINE = Measured(
    wall=5.0,
    host_cpu=2.0,
    host_seconds={TF: [3.0], C: [0.5]},
    steps=[
        StepCost("a", "load", TF, 1.1, 1.0, 1.0),
        StepCost("a", "load", C, 0.6, 0.5, 0.5),
        StepCost("b", "load", TF, 3.0, 3.0, 3.0),
    ],
)


def test_ratio_body_and_bound_by_what_each_step_has_to_import():
    one, other, together = figures([Pair(SINGLE, ENGINE)], ["a", "b"])
    assert one.ratio == pytest.approx(5.0 / 1.7)
    assert one.body == pytest.approx(0.75)
    assert one.bound == pytest.approx((3.0 + 0.5 + 1.5) / 1.5)
    assert one.reached == pytest.approx(5.0 / 1.7 / (5.0 / 1.5))
    assert other.ratio == pytest.approx(3.0)
    assert other.bound == pytest.approx(2.0)
    assert together.name == "all"
    assert together.ratio == pytest.approx(14.0 / 4.7)
    assert together.bound == pytest.approx((3.0 + 0.5 + 3.0 + 4.5) / 4.5)


def test_the_cpu_of_a_run_is_that_of_children_and_host_starts():
    assert ENGINE.cpu == pytest.approx(2.0 + 4.5)
    assert ENGINE.overhead(2) == pytest.approx(5.0 * 2 / 6.5)


def test_everything_is_printed():
    out = io.StringIO()
    show([Pair(SINGLE, ENGINE)], ["a", "b"], 9, Console(file=out, width=100))
    assert "import of libtensorflow, s: 0.50" in out.getvalue()
    assert "whole run, process per step / engine: 2.00" in out.getvalue()
    assert "ms: 100.00" in out.getvalue()

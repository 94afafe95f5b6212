"""The figures worked out by hand for one small measurement."""

import pytest

from savedmodel_matrix.bench import Pair, figures
from savedmodel_matrix.run import Measured, StepCost


def test_ratio_body_and_bound():
    single = Measured(steps=[StepCost("a", 4.0, 3.9, 3.0), StepCost("b", 9.0, 9.0, 9.0)])
    engine = Measured(
        host_seconds=[3.0],
        steps=[StepCost("a", 1.1, 1.0, 1.0), StepCost("b", 3.0, 3.0, 3.0)],
    )
    one, other = figures([Pair(single, engine)], ["a", "b"])
    assert one.ratio == pytest.approx(4.0 / 1.1)
    assert one.bound == pytest.approx(4.0)
    assert one.reached == pytest.approx(4.0 / 1.1 / 4.0)
    assert other.ratio == pytest.approx(3.0)
    assert other.bound == pytest.approx(2.0)


def test_the_cpu_of_a_run_is_that_of_children_and_host_starts():
    assert Measured(host_cpu=2.0, steps=[StepCost("a", 1, 1, 0.5)]).cpu == pytest.approx(2.5)

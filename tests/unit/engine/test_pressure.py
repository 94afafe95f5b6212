"""What the kernel says of a machine under pressure, and when a step was kept from a core."""

import pytest

from savedmodel_matrix.engine.hosts import Ended
from savedmodel_matrix.engine.pressure import crowded_out, oom_kills, waited


def ended(cpu, *, timed_out=True, wall=100.0):
    return Ended(None, 9, timed_out, cpu, 0, 5.0, 5.0 + wall)


@pytest.mark.parametrize(
    ("cpu", "before", "after", "crowded"),
    [
        (30.0, 0.0, 90.0, True),  # at work, on a crowded machine
        (30.0, 0.0, 10.0, False),  # at work for a while and then asleep, on a quiet one
        (1.0, 0.0, 99.0, False),  # asleep, whatever the others do
        (99.0, 0.0, 99.0, False),  # had a core all the time
        (30.0, None, None, True),  # nobody knows of the machine
    ],
)
def test_who_was_kept_from_a_core(cpu, before, after, crowded):
    assert crowded_out(ended(cpu), before, after) is crowded
    assert crowded_out(ended(cpu, timed_out=False), before, after) is False


def test_a_step_that_took_no_time_was_kept_from_nothing():
    assert crowded_out(ended(0.0, wall=0.0), 0.0, 1.0) is False


def test_the_kernel_counts():
    assert oom_kills() >= 0
    first, second = waited(), waited()
    assert (first is None) == (second is None)
    assert (second or 0) >= (first or 0) >= 0

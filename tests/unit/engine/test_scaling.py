"""Schedules worked out by hand, and bounds that no schedule goes below."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.engine.scaling import Machine, Step, machine_seconds, schedule
from savedmodel_matrix.engine.sharding import Plan
from tests.unit.engine.test_sharding import CELLS

SECONDS = st.floats(0.01, 50, allow_nan=False)
STEPS = st.lists(
    st.builds(
        Step,
        SECONDS,
        st.lists(SECONDS, max_size=3).map(tuple),
        st.sets(st.sampled_from(["tf2.15", "tf2.21", "litert"]), min_size=1),
    ),
    min_size=1,
    max_size=20,
)


def step(save, *loads, where=("tf2.15",)):
    return Step(save, loads, where)


@pytest.mark.parametrize(
    ("machine", "steps", "seconds"),
    [
        (Machine(1), [], 0),
        (Machine(1, begins=5), [step(2, 1, 1)], 9),
        (Machine(2), [step(2, 1, 1)], 3),  # the loads at once
        (Machine(2), [step(4), step(3), step(1)], 4),  # the longest first
        (Machine(2, fills=10, imports=1), [step(2)], 13),
        # The second environment is filled while the first is at work.
        (Machine(1, fills=10), [step(15), step(3, where=("tf2.21",))], 28),
        (Machine(2, fills=10), [step(15), step(3, where=("tf2.21",))], 25),
        (Machine(1, fills=10), [step(1, where=("tf2.15", "litert"))], 21),
    ],
)
def test_small_schedules_are_as_worked_out_by_hand(machine, steps, seconds):
    assert machine_seconds(steps, machine) == seconds


@given(STEPS, st.integers(1, 4), st.floats(0, 20), st.floats(0, 3))
def test_a_schedule_keeps_its_bounds(steps, cores, fills, imports):
    machine = Machine(cores, 0.0, fills, imports)
    found = machine_seconds(steps, machine)
    environments = len(set().union(*(one.environments for one in steps)))
    work = sum(one.save + sum(one.loads) for one in steps) + imports * environments
    longest = max(one.save + max(one.loads, default=0) for one in steps)
    assert found >= max(work / cores, longest, fills * environments) - 1e-6
    assert found <= work + fills * environments + 1e-6


@given(CELLS, st.integers(1, 5))
def test_every_part_has_its_time(cells, of):
    plan = Plan(cells, of, lambda save, sharing: 2.0 + sharing)
    found = schedule(plan, Machine(1), lambda save: 2.0, lambda save, sharing: 1.0)
    assert found == pytest.approx([part.milliseconds / 1000 for part in plan.parts])

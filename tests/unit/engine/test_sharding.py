"""Parts of a matrix: disjoint, complete, the same everywhere, balanced, with few environments."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.commands.selection import SELECTING, select
from savedmodel_matrix.engine.planning import with_overlays
from savedmodel_matrix.engine.sharding import ENVIRONMENT, Plan, Shard
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.cell import Cell, save_of
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.plugin import Loader, Remedy
from savedmodel_matrix.workspace.project import find_project

PROJECT = find_project(Path(__file__))
LOADERS = [
    Loader(name, Path(f"{name}.py"), "", ("SavedModel",), ("tensorflow",), False) for name in "xy"
]


def cell(case, remedy, producer, loader, consumer):
    made = Remedy(remedy, Path(f"{remedy}.py"), "", "SavedModel")
    return Cell(Case(case, Path(f"{case}.py"), ""), made, producer, LOADERS[loader], consumer)


ENVIRONMENTS = st.sampled_from(["tf2.9", "tf2.15", "tf2.21", "keras3.1"])
CELLS = st.lists(
    st.builds(
        cell,
        st.sampled_from(["lstm", "dense", "text"]),
        st.sampled_from(["as-written", "resave"]),
        ENVIRONMENTS,
        st.integers(0, 1),
        ENVIRONMENTS,
    ),
    unique_by=lambda one: one.key,
    max_size=40,
)


def seconds(save, sharing):
    """Return what a save takes: different for each, known on every machine."""
    return len(save.case.name) * 7.5 + len(save.remedy.name) + sharing / 3


def keys(plan, planned=None):
    cells = [cell for part in plan.parts for cell in part.cells] if planned is None else planned
    return [{cell.key for cell in plan.cells(number, cells)} for number in range(1, plan.of + 1)]


@given(CELLS, st.integers(1, 9))
def test_parts_are_disjoint_and_together_everything(cells, of):
    parts = keys(Plan(cells, of, seconds), cells)
    assert len(parts) == of
    assert set().union(*parts) == {one.key for one in cells}
    assert sum(map(len, parts)) == len(cells)


@given(CELLS, st.integers(1, 9), st.randoms(use_true_random=False))
def test_parts_are_the_same_in_whatever_order_the_cells_come(cells, of, chance):
    shuffled = list(cells)
    chance.shuffle(shuffled)
    one, other = Plan(cells, of, seconds), Plan(shuffled, of, seconds)
    assert keys(one) == keys(other)
    assert one.digest == other.digest


@given(CELLS, st.integers(1, 9))
def test_the_loads_of_a_save_stay_with_it_wherever_they_run(cells, of):
    where: dict[Any, int] = {}
    for number, part in enumerate(Plan(cells, of, seconds).parts):
        for one in part.cells:
            assert where.setdefault(save_of(one), number) == number


@given(CELLS, st.integers(1, 5))
def test_no_way_to_cut_the_line_makes_the_most_expensive_part_cheaper(cells, of):
    plan = Plan(cells, of, seconds)
    line = [unit for part in plan.parts for unit in part.units]
    best = {0: 0}  # the cost of the most expensive part, by how far the line is cut up
    for _ in range(of):
        reached = dict(best)
        for start, worst in best.items():
            needed: set[str] = set()
            total = 0
            for end in range(start, len(line)):
                needed |= line[end].environments
                total += line[end].milliseconds
                cost = max(worst, total + round(len(needed) * ENVIRONMENT * 1000))
                reached[end + 1] = min(reached.get(end + 1, cost), cost)
        best = reached
    assert max((part.cost() for part in plan.parts), default=0) == best[len(line)]


@given(CELLS, st.integers(1, 9))
def test_no_part_is_empty_where_there_are_as_many_saves(cells, of):
    empty = sum(not part.units for part in Plan(cells, of, seconds).parts)
    assert empty == max(0, of - len({save_of(one) for one in cells}))


def test_what_an_environment_lies_over_counts_with_it():
    [part] = Plan(
        [cell("a", "r", "keras3.1", 0, "keras3.1")], 1, seconds, {"keras3.1": "tf2.21"}
    ).parts
    assert part.environments == {"keras3.1", "tf2.21"}


def test_other_parts_have_another_digest():
    cells = [cell(name, "resave", "tf2.15", 0, "tf2.15") for name in ("a", "b", "c")]
    assert len({Plan(cells, of, seconds).digest for of in (1, 2, 3)}) == 3
    assert Plan(cells, 2, seconds).digest != Plan(cells[:2], 2, seconds).digest


@pytest.fixture(scope="module")
def everything():
    options: dict[str, Any] = dict.fromkeys(SELECTING, ()) | {"cross": False, "all": True}
    cells = select(PROJECT, options).cells
    environments = with_overlays(PROJECT, cells).environments
    return cells, {name: one.base.name for name, one in environments.items() if one.base}


@pytest.mark.parametrize(("of", "factor"), [(3, 1.02), (4, 1.02), (16, 1.05), (64, 1.2)])
def test_everything_is_shared_out_evenly_and_needs_few_environments(everything, of, factor):
    cells, over = everything
    chance = random.Random(of)  # as uneven as the real ones, and known
    known: dict[object, float] = {}
    plan = Plan(
        cells, of, lambda save, n: known.setdefault(save, chance.expovariate(0.5)) + n * 0.4, over
    )
    costs = [part.cost() for part in plan.parts]
    assert max(costs) <= factor * sum(costs) / of
    own = {one.loader.environment for one in cells if one.loader.environment}
    saving = {save_of(one).producer for one in cells}
    # Each environment is cut at most where the line is cut.
    assert (
        sum(len(part.environments - own - set(over.values())) for part in plan.parts)
        <= len(saving) + of
    )
    assert max(len(part.environments) for part in plan.parts) < len(saving | own)


@pytest.mark.parametrize(
    "stated", ["0/3", "4/3", "x", "", "1/0", "1", "-1/3", "1/3/3", "1.5/3", "1/99999", "٣/٣"]
)
def test_what_is_no_part_is_refused_in_one_sentence_with_an_example(stated):
    with pytest.raises(UserError) as raised:
        Shard.parse(stated)
    assert "--shard" in str(raised.value)
    assert "such as --shard 2/3" in str(raised.value)
    assert "\n" not in str(raised.value)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_part_is_read_as_it_is_written(one, other):
    shard = Shard(min(one, other), max(one, other))
    assert Shard.parse(str(shard)) == shard

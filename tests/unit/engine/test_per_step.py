"""A few loads of each loader are run alone, and what all of them would take is worked out."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from savedmodel_matrix.engine.measured import Measured, StepCost
from savedmodel_matrix.engine.per_step import chosen, seconds_alone
from savedmodel_matrix.engine.processes import HostDied
from savedmodel_matrix.host.protocol import Limits, LoadRequest
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.plugin import Loader, Remedy
from savedmodel_matrix.model.steps import Load, Made, Save

LOADERS = [Loader(name, Path("l.py"), "", ("SavedModel",), ("numpy",), False) for name in "ab"]
REMEDY = Remedy("r", Path("r.py"), "", "SavedModel")


def loads(count):
    saves = [Save(Case(str(i), Path("c.py"), ""), REMEDY, "tf2.15") for i in range(count)]
    return [Load(Made(save), loader, "tf2.21") for save in saves for loader in LOADERS]


def test_a_few_of_each_loader_are_drawn_and_always_the_same():
    few = chosen(loads(30), 4)
    assert [load.loader and load.loader.name for load in few] == ["a"] * 4 + ["b"] * 4
    assert few == chosen(loads(30), 4)
    assert len(set(few)) == 8
    assert len(chosen(loads(2), 4)) == 4


class Host:
    running = most = 0

    def __init__(self, home):
        self.home = home

    async def start(self, expected):
        Host.running += 1
        Host.most = max(Host.most, Host.running)

    async def run(self, request, mailbox):
        await asyncio.sleep(0.001)
        if request.case == "0":
            raise HostDied("out of luck")
        return SimpleNamespace(sent=1.0, received=3.5)

    async def close(self):
        Host.running -= 1


def asked(load):
    assert isinstance(load.artifact, Made)
    return LoadRequest(Limits(1.0, 1), "d", "l", load.artifact.save.case.name)


class Pretending:
    def host(self, key, home):
        assert key.environment == "tf2.21"
        return Host(home)


def test_each_runs_alone_and_what_cannot_run_is_left_out(tmp_path):
    found = asyncio.run(
        seconds_alone(
            loads(4),
            asked,
            Pretending(),
            tmp_path,
            jobs=2,
        )
    )
    assert found == {"a": [2.5] * 3, "b": [2.5] * 3}
    assert Host.most == 2
    assert Host.running == 0


def test_all_loads_would_take_what_the_few_took():
    steps = [StepCost("c", "load", "numpy", 0.1, 0.1, 0.1, loader) for loader in "aab"]
    steps.append(StepCost("c", "save", "tensorflow", 9.0, 9.0, 9.0))
    measured = Measured(wall=0.5, steps=steps, alone={"a": [3.0, 5.0], "b": [10.0]})
    assert measured.loads == 3
    assert measured.hours_alone == pytest.approx((2 * 4.0 + 10.0) / 3600)
    assert measured.loads_a_second == pytest.approx(6.0)

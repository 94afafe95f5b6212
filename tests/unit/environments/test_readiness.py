"""Which environments a run may use, and that one given up stays so."""

import asyncio
import contextlib
import py_compile
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from savedmodel_matrix.environments import readiness as module
from savedmodel_matrix.environments.filling import (
    EnvironmentBroken,
    Filled,
    Identity,
    NotResolvable,
)
from savedmodel_matrix.environments.readiness import Readiness

WHOLE = Identity("lock", "CPython 3.11.7", "linux-x86_64")
OTHER = Identity("lock", "CPython 3.11.9", "linux-x86_64")


class Place:
    """Stands for what is on disk: the identity found there, and what is wrong with it."""

    def __init__(self):
        self.found, self.damage, self.broken, self.mended = WHOLE, "", None, 0
        self.looked_over = []

    def look(self, environment):
        if self.broken:
            raise self.broken
        return self.found and Filled(environment, self.found, seconds=0.0)

    async def fill(self, environment, uv, log):
        if self.broken:
            raise self.broken
        self.found = WHOLE
        return Filled(environment, WHOLE, seconds=3.0)

    async def mend(self, environment, find_uv, log):
        self.mended += 1
        self.looked_over.append(environment.name)
        await asyncio.sleep(0)
        if self.broken:
            raise self.broken
        return self.damage


@pytest.fixture
def place(monkeypatch):
    place = Place()
    for name in ("look", "fill", "mend"):
        monkeypatch.setattr(module, name, getattr(place, name))
    return place


@pytest.fixture
def said():
    return []


@pytest.fixture
def readiness(place, said, tmp_path):
    shared: Any = {"executable": tmp_path / "tf2.21" / "bin" / "python", "on_demand": False}
    environment = SimpleNamespace(name="tf2.21", contents="TensorFlow 2.21.0", base=None, **shared)
    over = {
        name: SimpleNamespace(name=name, contents="Keras", base=environment, **shared)
        for name in ("keras3.0", "keras3.1")
    }
    project: Any = SimpleNamespace(environments={"tf2.21": environment, **over})
    return Readiness(project, Path(tmp_path), said.append)


def test_what_is_whole_is_known_and_looked_over_once(readiness, place, said):
    assert readiness.look(["tf2.21"]) == []
    assert readiness.identities == {"tf2.21": WHOLE}
    for _ in range(3):
        asyncio.run(readiness.check("tf2.21"))
    assert (place.mended, said) == (1, [])


def test_what_is_absent_is_filled_and_need_not_be_looked_over(readiness, place, said):
    place.found = None
    assert readiness.look(["tf2.21"]) == ["tf2.21"]
    asyncio.run(readiness.fill("tf2.21"))
    asyncio.run(readiness.check("tf2.21"))
    assert place.mended == 0
    assert said == ["installing tf2.21 (TensorFlow 2.21.0)", "installed tf2.21 in 3 s"]


def test_what_several_are_over_is_looked_over_first_and_once(readiness, place):
    async def both():
        await asyncio.gather(readiness.check("keras3.0"), readiness.check("keras3.1"))
        await readiness.check("tf2.21")

    assert readiness.look(["keras3.0", "keras3.1"]) == []
    asyncio.run(both())
    assert place.looked_over == ["tf2.21", "keras3.0", "keras3.1"]


def test_what_is_over_a_broken_one_is_given_up(readiness, place, said):
    readiness.look(["keras3.0"])
    place.broken = EnvironmentBroken("It is broken.")
    with pytest.raises(EnvironmentBroken, match="It is broken"):
        asyncio.run(readiness.check("keras3.0"))
    assert readiness.broken["keras3.0"].record["reason"] == "It is broken."
    assert said == ["tf2.21: It is broken.", "keras3.0: It is broken."]


def test_what_was_mended_is_said(readiness, place, said):
    readiness.look(["tf2.21"])
    place.damage = "keras/a.py is missing"
    asyncio.run(readiness.check("tf2.21"))
    assert said == ["tf2.21 was damaged (keras/a.py is missing), so it was installed again"]


def test_what_cannot_be_mended_is_given_up_for_good_and_not_run(readiness, place, said):
    readiness.look(["tf2.21"])
    place.broken = EnvironmentBroken("It is broken.", "first word\nlast word")
    for _ in range(2):
        with pytest.raises(EnvironmentBroken, match="It is broken"):
            asyncio.run(readiness.check("tf2.21"))
    assert place.mended == 1
    assert readiness.broken["tf2.21"].status == "not-run"
    assert readiness.broken["tf2.21"].record["stage"] == "environment"
    assert said == ["tf2.21: It is broken. last word"]


@pytest.mark.parametrize("step", ["look", "fill"])
def test_what_cannot_be_had_is_given_up(readiness, place, step):
    place.found = None
    if step == "look":
        place.broken = EnvironmentBroken("No lock.")
        assert readiness.look(["tf2.21"]) == []
    else:
        readiness.look(["tf2.21"])
        place.broken = EnvironmentBroken("No lock.")
        asyncio.run(readiness.fill("tf2.21"))
    assert readiness.broken["tf2.21"].record["reason"] == "No lock."
    assert readiness.identities == {}


def test_what_became_another_environment_meanwhile_is_not_used(readiness, place):
    readiness.look(["tf2.21"])
    place.found = OTHER
    with pytest.raises(EnvironmentBroken, match="run it again"):
        asyncio.run(readiness.check("tf2.21"))


@pytest.mark.parametrize("step", ["look", "fill"])
def test_what_cannot_be_resolved_is_an_answer_and_not_trouble(readiness, place, said, step):
    place.found = None
    if step == "fill":
        readiness.look(["tf2.21"])
    place.broken = NotResolvable("toolz==0 cannot be installed.", "error: No solution found")
    if step == "look":
        assert readiness.look(["tf2.21"]) == []
    else:
        asyncio.run(readiness.fill("tf2.21"))
    verdict = readiness.broken["tf2.21"]
    assert verdict.status == "not-applicable"
    assert verdict.record["reason"] == "toolz==0 cannot be installed."
    assert verdict.record["message"] == "error: No solution found"
    assert (verdict.record["stage"], verdict.record["fingerprint"]) == ("", "")
    assert said[-1] == "tf2.21: toolz==0 cannot be installed."


def test_bytecode_is_kept_after_the_first_start_and_after_no_later_one(readiness, tmp_path):
    def compiled(name):
        source = tmp_path / "tf2.21" / "lib" / f"{name}.py"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text("value = 1\n")
        place = tmp_path / "tf2.21" / "bytecode" / source.relative_to("/")
        py_compile.compile(str(source), str(place.with_name(f"{name}.cpython-311.pyc")))

    async def starts():
        await readiness.check("tf2.21")
        compiled("imported")
        await readiness.started("tf2.21")
        compiled("written_by_a_step")
        await readiness.check("keras3.0")
        await readiness.started("keras3.0")

    asyncio.run(starts())
    with contextlib.closing(sqlite3.connect(tmp_path / ".bytecode" / "modules.sqlite3")) as kept:
        places = [place for (place,) in kept.execute("SELECT place FROM modules")]
    assert [place.rpartition("/")[2] for place in places] == ["imported.cpython-311.pyc"]


def test_those_that_come_next_get_their_bytecode_while_others_are_at_work(place, said, tmp_path):
    environments = {}
    for number in (15, 16, 17, 18):
        name = f"tf2.{number}"
        shared: Any = {"executable": tmp_path / name / "bin" / "python", "on_demand": False}
        environments[name] = SimpleNamespace(name=name, contents=name, base=None, **shared)
        source = tmp_path / name / "lib" / "module.py"
        source.parent.mkdir(parents=True)
        source.write_text("value = 1\n")
    project: Any = SimpleNamespace(environments=environments)
    readiness = Readiness(project, tmp_path, said.append)

    async def starts():
        for name in environments:
            await readiness.fill(name)
        await readiness.check("tf2.15")
        place = tmp_path / "tf2.15" / "bytecode" / (tmp_path / "tf2.15" / "lib").relative_to("/")
        compiled = place / "module.cpython-311.pyc"
        py_compile.compile(str(tmp_path / "tf2.15" / "lib" / "module.py"), str(compiled))
        await readiness.started("tf2.15")
        for _ in range(200):
            if len(given()) == 3:
                break
            await asyncio.sleep(0.01)

    def given():
        found = tmp_path.glob("tf2.*/bytecode/**/module.cpython-311.pyc")
        return sorted(path.relative_to(tmp_path).parts[0] for path in found)

    asyncio.run(starts())
    assert given() == ["tf2.15", "tf2.16", "tf2.17"]

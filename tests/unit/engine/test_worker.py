"""What a worker does with an order, but for TensorFlow: an environment that cannot be had."""

import asyncio
import json
import os
import time
from contextlib import closing

import pytest

from savedmodel_matrix.commands.selection import select
from savedmodel_matrix.engine import worker as working
from savedmodel_matrix.engine.cluster import CODE, Delivery, Order
from savedmodel_matrix.engine.worker import Bench, Unwanted, refusal
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.run_directory import RunDirectory
from tests.unit.engine.clusters import Listener, cluster_run, project_in
from tests.unit.engine.test_cluster_run import SELECTED

HOW = {
    "files": "f",
    "jobs": 1,
    "seconds": 1.0,
    "memory": 1 << 30,
    "forking": True,
    "topic": "t",
}


def order(cells=(), salt="", **more):
    return Order.of(0, cells, salt, **(HOW | more))


class InProcess:
    """A cluster of one worker, which is this process."""

    def __init__(self, directory):
        self.directory, self.told = directory, []

    async def __aenter__(self):
        self.bench = Bench(self.directory)
        return self

    async def __aexit__(self, *_):
        self.bench.close()

    async def cores(self):
        return 1

    async def run(self, orders, parcel, told):
        for one in orders:
            again = Order(**json.loads(json.dumps(one.as_data())))
            assert again == one
            content = await asyncio.to_thread(
                self.bench.work, again, parcel.content, wanted=lambda: True, told=self.told.append
            )
            yield Delivery(one.number, content)


def test_cells_of_an_environment_that_cannot_be_had_come_back_as_not_run(tmp_path):
    project = project_in(tmp_path / "project")
    for name in ("tf2.15", "tf2.21"):
        (project.root / "locks" / f"{name}.txt").unlink()
    _, loaders, planned, _ = select(project, SELECTED)
    home, listener = RunDirectory(tmp_path / "home"), Listener()
    cluster = InProcess(tmp_path / "worker")
    with home.locked():
        store = Store(home)
        store.open()
        run = cluster_run(project, planned, loaders, store, cluster, listener=listener)
        asyncio.run(run.run())
        store.close()
    assert {(one["status"], one["stage"]) for one in run.cells.values()} == {
        ("not-run", "environment")
    }
    reasons = {one["reason"] for one in run.cells.values()}
    assert reasons == {
        f"locks/{name}.txt is missing: make it with `nox -s lock -- --environment {name}`."
        for name in ("tf2.15", "tf2.21")
    }
    assert len(run.cells) == len(planned)
    assert any("is missing" in one.get("said", "") for one in cluster.told)
    assert not list((tmp_path / "worker" / "runs").iterdir()), "what is delivered is removed"
    assert len(list((tmp_path / "worker" / "projects").iterdir())) == 1


def test_a_package_of_another_version_or_with_other_code_is_refused_with_what_to_do():
    asked = order().as_data()
    assert not refusal(asked)
    assert "install the same version on every worker" in refusal(asked | {"version": "0.0.1"})
    assert "from the same wheel or commit" in refusal(asked | {"code": "x"})
    assert {"host", "engine", "plugins", "store"} <= set(CODE)


def test_an_order_has_the_name_of_what_it_asks():
    assert order().name == order(topic="u").name == order(storage="s3://x").name
    names = [order().name, order(salt="s").name, order(files="g").name, order(seconds=2.0).name]
    assert len(set(names)) == 4


def test_a_directory_that_somebody_is_at_is_left_to_them(tmp_path):
    with working._run_directory(tmp_path, "x") as first:
        with working._run_directory(tmp_path, "x") as second:
            assert first.place != second.place
        (first.place / "cells.jsonl").write_text("{}")
    with working._run_directory(tmp_path, "x") as again:
        assert (again.place / "cells.jsonl").exists(), "it goes on where it was"


def test_what_a_dead_worker_left_is_removed_and_what_a_living_one_has_is_not(tmp_path):
    lock, mine = working._own_place(tmp_path)
    (tmp_path / "1-1.lock").touch()
    (tmp_path / "1-1" / "host-1").mkdir(parents=True)
    other, theirs = working._own_place(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == sorted(
        (mine.name, theirs.name)
    )
    lock.close()
    other.close()


def test_a_run_that_nobody_came_back_for_is_removed(tmp_path):
    for name, age in (("old", 30), ("new", 1)):
        with RunDirectory(tmp_path / name).locked():
            pass
        when = time.time() - age * 86400
        os.utime(tmp_path / name, (when, when))
    working._remove_old(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_directory_that_is_a_link_is_not_taken(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UserError, match="not this worker's own: give it another --local-directory"):
        Bench(tmp_path / "link")


def test_an_order_that_nobody_wants_any_more_ends_and_its_processes_with_it(tmp_path):
    ended = []

    async def endless():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)  # as ending processes takes a moment
            ended.append(True)

    wanted = iter([True, True, False])
    with closing(Bench(tmp_path / "worker")) as bench, pytest.raises(Unwanted):
        bench._follow(endless(), lambda: next(wanted))
    assert ended == [True]


def test_what_a_run_raises_reaches_who_asked(tmp_path):
    async def fails():
        raise UserError("no room")

    with closing(Bench(tmp_path / "worker")) as bench, pytest.raises(UserError, match="no room"):
        bench._follow(fails(), lambda: True)


def test_environments_are_by_their_lock_or_where_the_machine_has_them(tmp_path, monkeypatch):
    project = project_in(tmp_path / "project")
    environment = project.environments["tf2.21"]
    monkeypatch.delenv(working.ENVIRONMENTS, raising=False)
    with closing(Bench(tmp_path / "worker")) as bench:
        before = bench._place_of(environment)
        assert before.is_relative_to(tmp_path / "worker" / "environments")
        assert before.name == "tf2.21"
        environment.lock.write_text("tensorflow==2.21.0\nnumpy==2.0.0\n")
        assert bench._place_of(environment) != before
        monkeypatch.setenv(working.ENVIRONMENTS, str(tmp_path / "image"))
        assert bench._place_of(environment) == tmp_path / "image" / "tf2.21"

"""A run on a cluster: every cell once, merged as it arrives, and known the next time."""

import asyncio
import json
from typing import Any

import pytest

from savedmodel_matrix.commands.selection import SELECTING, select
from savedmodel_matrix.engine.cluster import Delivery
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.table import csv_bytes, from_cells
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.run_directory import RunDirectory
from tests.unit.engine.clusters import Listener, Pretended, cluster_run, project_in

NOTHING: dict[str, Any] = dict.fromkeys(SELECTING, ()) | {"cross": False, "all": False}
SELECTED = NOTHING | {"remedy": ["as-written"], "loader": ["libtensorflow", "saved_model_cli"]}


class Home:
    """A project and the results directory of its runs."""

    def __init__(self, place):
        self.project = project_in(place / "project")
        self.place, self.directory = place, RunDirectory(place / "results")
        _, self.loaders, self.planned, _ = select(self.project, SELECTED)
        self.number = 0

    def run(self, planned=None, *, fresh=False, listener=None, **pretended):
        """Run on a cluster; return the run and the cluster."""
        planned = self.planned if planned is None else planned
        self.number += 1
        place = self.place / f"cluster-{self.number}"
        cluster = Pretended(self.project, planned, place, **pretended)
        with self.directory.locked():
            store = Store(self.directory)
            store.open()
            try:
                run = cluster_run(
                    *(self.project, planned, self.loaders, store, cluster),
                    fresh=fresh,
                    listener=listener,
                )
                asyncio.run(run.run())
                run.read()
                run.described = run.describe()
            finally:
                store.close()
                assert not cluster.open
        return run, cluster


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def table(run):
    return csv_bytes(from_cells(run.cells.values()))


def journal(home):
    return [json.loads(line) for line in home.directory.cells.read_bytes().splitlines()]


def test_every_cell_comes_out_once_and_is_known_the_next_time(home):
    listener = Listener()
    run, cluster = home.run(listener=listener)
    assert run.ran == len(home.planned) == len(run.cells) == 12
    asked = [tuple(names[:5]) for order in cluster.asked for names in order.cells]
    assert sorted(asked) == sorted(one.key for one in home.planned)
    assert len(cluster.asked) > 2
    assert listener.statuses.count("fail") == 4
    assert listener.statuses.count("pass") == 8
    assert listener.firsts == [["a"] * 4]
    assert [one["case"] for one in journal(home)] == sorted(one["case"] for one in journal(home))
    assert set(run.described["environments"]) == {"tf2.15", "tf2.21"}
    assert run.described["cells_run"] == 12

    listener = Listener()
    again, cluster = home.run(listener=listener)
    assert (again.ran, cluster.asked, listener.known_cells) == (0, [], 12)
    assert table(again) == table(run)
    assert again.described["environments"] == run.described["environments"]
    assert len(journal(home)) == 12


def test_what_arrived_before_an_interruption_is_kept(home):
    with pytest.raises(KeyboardInterrupt):
        home.run(ends={3: KeyboardInterrupt()})
    kept = len(journal(home))
    assert 0 < kept < 12
    run, _ = home.run()
    assert run.ran == 12 - kept
    assert len(run.cells) == 12


def test_cells_that_no_worker_could_run_are_not_run_and_are_tried_again(home):
    run, _ = home.run(ends={1: Delivery(1, failure="every worker died")})
    lost = [one for one in run.cells.values() if one["status"] == "not-run"]
    assert lost
    assert {(one["stage"], one["reason"]) for one in lost} == {("environment", "every worker died")}
    again, _ = home.run()
    assert again.ran == len(lost)
    assert all(one["status"] != "not-run" for one in again.cells.values())


def test_a_worker_that_refuses_ends_the_run_with_its_sentence(home):
    with pytest.raises(UserError, match="has other code"):
        home.run(ends={0: Delivery(0, failure="The worker x has other code.", refused=True)})


def test_fresh_runs_everything_again_and_replaces_what_was_known(home):
    home.run()
    run, cluster = home.run(fresh=True)
    assert run.ran == 12
    names = {order.name for order in cluster.asked}
    _, other = home.run(fresh=True)
    assert not names & {order.name for order in other.asked}, "a worker would take what it has"
    assert home.run()[0].ran == 0


def test_workers_with_another_python_are_refused_where_cells_are_known(home):
    home.run(home.planned[:2])
    with pytest.raises(UserError, match=r"tf2\.15 is another one on the workers.*--fresh"):
        home.run(python="CPython 3.11.9")


def test_a_changed_lock_forgets_what_rests_on_it(home):
    home.run()
    lock = home.project.root / "locks" / "tf2.21.txt"
    lock.write_text(lock.read_text() + "numpy==2.0.0\n")
    assert home.run()[0].ran == 6


def test_what_is_cut_short_on_its_way_is_one_sentence(home):
    with pytest.raises(UserError, match="What a worker returned"):
        home.run(ends={0: Delivery(0, b"x" * 2000)})
    assert not list(home.directory.unfinished.glob("delivered/*"))


def test_a_worker_that_returns_other_cells_is_not_believed(home):
    _, cluster = home.run()
    order = cluster.asked[0]
    content = Pretended(home.project, home.planned, home.place / "x").made(order)
    wrong = {other.number: Delivery(other.number, content) for other in cluster.asked[1:]}
    with pytest.raises(UserError, match="other cells than it was asked for"):
        home.run(fresh=True, ends=wrong)

"""A small project, and a cluster of no machines that runs what it is asked for in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.engine.cluster import Delivery
from savedmodel_matrix.engine.cluster_run import ClusterRun, Sent
from savedmodel_matrix.engine.estimate import Estimate
from savedmodel_matrix.engine.keys import Keys
from savedmodel_matrix.engine.processes import VARIABLES
from savedmodel_matrix.engine.run import Options
from savedmodel_matrix.environments.filling import Identity, lock_hash
from savedmodel_matrix.model.cell import load_of, save_of
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.table import csv_bytes, from_cells, sort_key
from savedmodel_matrix.model.verdict import Judged, Status
from savedmodel_matrix.store.journal import whole
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.packing import pack_run
from savedmodel_matrix.store.run_directory import RunDirectory
from savedmodel_matrix.workspace.project import find_project
from tests.unit.store.runs import RUN
from tests.unit.views.report.generated import cell as record_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from savedmodel_matrix.engine.cluster import Order

PYPROJECT = """
[tool.savedmodel-matrix]
first = "a"
[tool.savedmodel-matrix.environments]
"tf2.15" = { python = "3.11", tensorflow = "2.15.1" }
"tf2.21" = { python = "3.11", tensorflow = "2.21.0" }
[tool.savedmodel-matrix.groups]
default = ["tf2.15", "tf2.21"]
"""
LIMITS = Limits(seconds=120, memory=1 << 32)


def project_in(root: Path):
    """Make a project of three cases and two environments, which are not installed."""
    for name in ("cases", "locks"):
        (root / name).mkdir(parents=True)
    (root / "pyproject.toml").write_text(PYPROJECT)
    for name in "abc":
        (root / "cases" / f"{name}.py").write_text('"""A case."""\ninputs = {}\ndef build(): ...\n')
    for name, version in {"tf2.15": "2.15.1", "tf2.21": "2.21.0"}.items():
        (root / "locks" / f"{name}.txt").write_text(f"tensorflow=={version}\n")
    return find_project(root)


class Listener:
    def __init__(self):
        self.said, self.statuses, self.known_cells, self.firsts = [], [], 0, []

    def say(self, line):
        self.said.append(line)

    def known(self, cells):
        self.known_cells += cells

    def expect(self, seconds): ...

    def first(self, cells):
        self.firsts.append([one["case"] for one in cells])

    def cell(self, status, doing, seconds):
        self.statuses.append(status)


class Pretended:
    """Makes run directories as workers return them; every cell of the case "b" fails.

    ``python`` is that of its machines, ``ends`` what happens to an order instead, by its number.
    """

    def __init__(self, project, planned, place, python="CPython 3.11.7", ends=None, cores=1):
        self.project, self.place, self.python = project, place, python
        self.cells = {tuple(one.key): one for one in planned}
        self.ends, self.ncores = ends or {}, cores
        self.asked: list[Order] = []
        self.open = False

    async def __aenter__(self):
        self.open = True
        return self

    async def __aexit__(self, *_):
        self.open = False

    async def cores(self):
        return self.ncores

    async def run(self, orders, parcel, told):
        for order in orders:
            self.asked.append(order)
            end = self.ends.get(order.number)
            if isinstance(end, BaseException):
                raise end
            if isinstance(end, Delivery):
                yield end
                continue
            yield Delivery(order.number, self.made(order))

    def made(self, order: Order) -> bytes:
        environments = self.project.environments
        identities = {
            name: Identity(lock_hash(one), self.python, "linux-x86_64")
            for name, one in environments.items()
        }
        keys = Keys(identities, VARIABLES, {name: {} for name in environments})
        directory = RunDirectory(self.place / f"{len(self.asked)}-{order.name}")
        found: list[dict[str, Any]] = []
        used: set[str] = set()
        with directory.locked():
            store = Store(directory)
            store.open()
            for names in order.cells:
                cell = self.cells[tuple(names[:5])]
                save, load = save_of(cell), load_of(cell)
                made = directory.unfinished / "made"
                made.mkdir()
                (made / "saved_model.pb").write_text(repr(save))
                content = store.keep(made)
                rests_on: dict[str, Any] = {"files": {}, "artifacts": []}
                saved = {"stage": "save", "reason": "", "content": content, "rests_on": rests_on}
                store.put(keys.of(save), Judged("pass", saved), LIMITS, ("save", *names))
                status: Status = "fail" if cell.case.name == "b" else "pass"
                stage = "run" if status == "fail" else "values"
                loaded: dict[str, Any] = {
                    "stage": stage,
                    "reason": "",
                    "fingerprint": "",
                    "message": "",
                }
                loaded["rests_on"] = {"files": {}, "artifacts": [content]}
                store.put(keys.of(load), Judged(status, loaded), LIMITS, ("load", *names))
                more = {"status": status, "stage": stage, "reason": "", "key": keys.of(load)}
                row = record_of(cell.case.name, cell.remedy.name, cell.producer, cell.loader.name)
                found.append(row | more | {"consumer": cell.consumer, "signature": ""})
                used |= set(cell.environments)
            store.close()
        found.sort(key=sort_key)
        stated = {
            name: {"lock": identities[name].lock, "python": self.python, "packages": {}}
            for name in sorted(used)
        }
        (directory.place / "cells.jsonl").write_bytes(whole(found))
        (directory.place / "matrix.csv").write_bytes(csv_bytes(from_cells(found)))
        (directory.place / "run.json").write_text(json.dumps(RUN | {"environments": stated}))
        return pack_run(directory)


def cluster_run(
    project, planned: Sequence[Any], loaders, store, cluster, *, fresh=False, listener=None
):
    options = Options(jobs=1, limits=LIMITS, fresh=fresh)
    return ClusterRun(
        project,
        planned,
        loaders,
        store,
        listener or Listener(),
        options,
        lambda: Estimate([]),
        cluster,
        Sent(project.case_directories, seconds=1.0),
    )

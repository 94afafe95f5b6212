"""Run directories as runs leave them, made without one: records, artifacts, logs and tables."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.table import csv_bytes, from_cells, sort_key
from savedmodel_matrix.model.verdict import Judged
from savedmodel_matrix.store.journal import whole
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.run_directory import RunDirectory
from tests.unit.views.report.generated import cell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIMITS = Limits(seconds=120, memory=1 << 32)
RUN: dict[str, Any] = {
    "finished": "2026-11-20T10:00:00Z",
    "commit": "a" * 40,
    "dirty": False,
    "platform": "linux-x86_64",
    "python": "3.11.7",
    "processor": {"model": "x", "architecture": "x86_64", "extensions": ["avx2"]},
    "cores": 2,
    "numerics": {},
    "cells_run": 4,
    "seconds": 60,
    "environments": {"tf2.15": {"lock": "l", "python": "CPython 3.11.7", "packages": {}}},
    "selections": [],
    "full": False,
}


def key_of(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()


def outcomes(number: int = 6) -> list[dict[str, Any]]:
    """Return cells of so many saves, two loaders each; every third fails in its loads."""
    remedies = ["as-written", "resave", "model-export", "keras-file", "checkpoint", "h5-file"]
    return [
        cell(
            "module_dense",
            remedies[index % 6],
            f"tf2.{15 + index // 6}",
            loader,
            **({} if index % 3 else {"status": "fail", "stage": "load", "reason": f"no {loader}"}),
            key=key_of("load", str(index), loader),
            seconds={"save": index / 7, "load": 0.25},
        )
        for index in range(number)
        for loader in ("saved_model_cli", "libtensorflow")
    ]


def run_of(place: Path, cells: Sequence[dict[str, Any]], **described: Any) -> Path:
    """Make the directory of a run that had these cells."""
    directory = RunDirectory(place)
    cells = [dict(one) for one in cells]
    with directory.locked():
        store = Store(directory)
        store.open()
        for one in cells:
            save = (one["case"], one["remedy"], one["producer"])
            made = directory.unfinished / "made"
            (made / "artifact" / "assets").mkdir(parents=True)
            (made / "artifact" / "saved_model.pb").write_text(" ".join(save))
            content = store.keep(made)
            (store.artifact(content) / "show.txt").write_text("signatures")
            saved = Judged("pass", {"stage": "save", "reason": "", "content": content})
            store.put(key_of("save", *save), saved, LIMITS, ("save", *save))
            record = {name: one[name] for name in ("stage", "reason", "fingerprint", "seconds")}
            loaded = Judged(one["status"], record)
            one["artifact"] = content
            if one["status"] != "pass":
                (store.logs / f"{one['key'][:16]}.log").write_text(one["reason"])
                one["log"] = f"logs/{one['key'][:16]}.log"
            store.put(one["key"], loaded, LIMITS, ("load", *save, one["loader"]))
        store.close()
        (place / "cells.jsonl").write_bytes(whole(sorted(cells, key=sort_key)))
        (place / "matrix.csv").write_bytes(csv_bytes(from_cells(cells)))
        (place / "run.json").write_text(json.dumps(RUN | described))
    return place


def shard(part: int, of: int, **more: Any) -> dict[str, Any]:
    plan = {"parts": [part], "of": of, "cells": 12, "plan": "0123456789abcdef", "full": True}
    return {"shard": plan | more}


def tree(place: Path) -> dict[str, Any]:
    """Return every file in a directory, with what is in it and when it was written."""
    return {
        str(path.relative_to(place)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }

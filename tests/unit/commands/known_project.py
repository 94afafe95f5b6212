"""A project whose cells are known: an environment that a stand-in filled, records by real keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from savedmodel_matrix.commands.cells_as_tests import choose
from savedmodel_matrix.engine.keys import Keys
from savedmodel_matrix.engine.processes import VARIABLES
from savedmodel_matrix.engine.recording import names_of
from savedmodel_matrix.engine.run import GIB, clear_file_caches
from savedmodel_matrix.environments.filling import look
from savedmodel_matrix.model.cell import load_of, save_of
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.verdict import Judged, not_applicable
from savedmodel_matrix.store.dependencies import Dependencies
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.run_directory import of_project
from tests.unit.fake_uv import FAKE_UV, LOCK, fill_now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from savedmodel_matrix.model.cell import Cell

LIMITS = Limits(seconds=120.0, memory=4 * GIB)
PYPROJECT = """
[project]
name = "somebodys"

[tool.savedmodel-matrix]
cases = ["cases"]

[tool.savedmodel-matrix.selections.default]
environment = ["tf2.21"]
loader = ["libtensorflow", "tf.saved_model.load"]
remedy = ["as-written", "resave"]

[tool.savedmodel-matrix.environments]
"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }

[tool.savedmodel-matrix.groups]
default = ["tf2.21"]
"""
CASE = '''"""A net."""
inputs = {"x": [1.0]}
def build(): ...
'''
UNINITIALISED = "FAILED_PRECONDITION: Could not find variable dense/bias. It may be gone."
MESSAGE = f"{UNINITIALISED}\nand a second line"


def known_project(root: Path, ends: Mapping[tuple[str, str], Judged]) -> Path:
    """Make a project in which each (remedy, loader) is known to have ended so; others passed.

    A verdict with the reason of a save that did not pass ends all cells of its remedy.
    """
    clear_file_caches()
    (root / "cases").mkdir()
    (root / "cases" / "net.py").write_text(CASE)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "locks").mkdir()
    (root / "locks" / "tf2.21.txt").write_text(LOCK)
    uv = root / "fake" / "uv"
    uv.parent.mkdir()
    uv.write_text(FAKE_UV.format(python=sys.executable))
    uv.chmod(0o755)
    (uv.parent / "interpreter").write_text("stands for a Python")
    chosen = choose([], root)
    environment = chosen.project.environments["tf2.21"]
    fill_now(environment, uv)
    filled = look(environment)
    assert filled
    keys = Keys({"tf2.21": filled.identity}, VARIABLES, {"tf2.21": environment.variables})
    directory = of_project(chosen.project.results)
    with directory.locked():
        store = Store(directory)
        store.open()
        for cell in chosen.cells:
            put(store, keys, cell, ends)
        store.close()
    return root


def put(store: Store, keys: Keys, cell: Cell, ends: Mapping[tuple[str, str], Judged]) -> None:
    """Put what is known of a cell's save and load, in which both rest on no file."""
    save, load = save_of(cell), load_of(cell)
    made = store.directory.unfinished / "made"
    (made / "artifact").mkdir(parents=True, exist_ok=True)
    (made / "artifact" / "saved_model.pb").write_text(cell.remedy.name)
    content = store.keep(made)
    saved = Judged("pass", {"stage": "save", "reason": "", "content": content})
    if early := ends.get((cell.remedy.name, "")):
        saved = early
    saved.record.setdefault("rests_on", Dependencies().as_json())
    known = {"format": "SavedModel", "signatures": {}, "artifact_bytes": 1}
    saved.record["record"] = known if saved.status == "pass" else {}
    store.put(keys.of(save), saved, LIMITS, names_of(save))
    if saved.status != "pass":
        return
    passed = Judged("pass", {"stage": "values", "reason": "", "fingerprint": ""})
    loaded = ends.get((cell.remedy.name, cell.loader.name), passed)
    loaded.record["rests_on"] = Dependencies({}, (content,)).as_json()
    store.put(keys.of(load), loaded, LIMITS, names_of(load))


def failing(stage: str = "run", message: str = MESSAGE) -> Judged:
    """Return the verdict on a load that failed with this message."""
    said = {"kind": "", "message": message, "reason": "", "fingerprint": "", "identity": ""}
    return Judged("fail", {"stage": stage, "log": "logs/0123.log", **said})


def nothing_to_do() -> Judged:
    """Return the verdict on a save to which the remedy does not apply."""
    return not_applicable("The object is no Keras model.")

"""The key of a record: the hash of everything it rests on, and of nothing else.

Nothing less, or stale results survive; nothing more, or nothing is ever reused.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.format import format_named
from savedmodel_matrix.model.steps import Convert, Made, Save

if TYPE_CHECKING:
    from collections.abc import Mapping

    from savedmodel_matrix.environments.filling import Identity
    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.steps import Artifact, Load

SEED = 20095
HOST = Path(__file__).parents[1] / "host"
SAVEDMODEL = Path(__file__).parents[1] / "savedmodel"
REBUILT = "rebuilt"  # what a load imports where an artifact has no signatures
# What runs a step, whichever it is; `steps` imports them all, but each rests on its own only.
RUNNING = (
    *("bootstrap", "server", "single", "steps", "confinement", "landlock", "failure", "outcome"),
    *("modules", "surroundings", "protocol", "log", "room", "files", "watch"),
)


class Keys:
    """Makes keys; every file is read once a run."""

    def __init__(
        self,
        identities: Mapping[str, Identity],
        variables: Mapping[str, str],
        settings: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._identities, self._settings = identities, settings or {}
        self._fixed = {"seed": SEED, "variables": dict(variables)}
        self._known: dict[Save | Convert | Load, str] = {}

    def of(self, step: Save | Convert | Load) -> str:
        """Return the key of what a step makes: an artifact, a conversion of one, or an outcome."""
        if step not in self._known:
            self._known[step] = _hash(self._fixed | self._rests_on(step))
        return self._known[step]

    def _rests_on(self, step: Save | Convert | Load) -> dict[str, Any]:
        if isinstance(step, Save):
            return {
                "kind": "save",
                "host": host_hash("save"),
                "case": case_hash(step.case.path),
                "files": declared_hashes(step.case),
                "name": step.case.name,
                "remedy": plugin_hash(step.remedy.path),
                "settings": dict(step.remedy.settings),
                "producer": self._identity(step.producer),
            }
        if isinstance(step, Convert):
            return {
                "kind": "convert",
                "host": host_hash("convert"),
                "artifact": self.of(step.save),
                "converter": plugin_hash(step.converter.path),
                "environment": self._identity(step.environment),
            }
        return {
            "kind": "load",
            "host": host_hash(_judging(step)),
            "artifact": self._artifact(step.artifact),
            "loader": plugin_hash(step.loader.path) if step.loader else "show",
            "consumer": self._identity(step.consumer),
        }

    def _artifact(self, artifact: Artifact) -> str:
        return self.of(artifact.last) if isinstance(artifact, Made) else artifact.content

    def _identity(self, environment: str) -> list[Any]:
        identity = self._identities[environment]
        settings = sorted(self._settings.get(environment, {}).items())
        return [identity.lock, identity.python, identity.platform, settings]


def _judging(load: Load) -> str:
    if not load.loader:
        return "show"
    return "load" if format_named(load.artifact.format).has_signatures else REBUILT


@functools.cache
def host_hash(step: str) -> str:
    """Return the hash of the code that such a step runs.

    A step is a "save", a "convert", a "load", one that needs "rebuilt" as well, or a "show".
    """
    files = {HOST / f"{name}.py" for name in RUNNING}
    if step == REBUILT:
        files |= host_files(HOST / "load.py")
    else:
        files |= host_files(HOST / f"{step}.py", without=HOST / f"{REBUILT}.py")
    return _hash({path.name: _file_hash(path) for path in sorted(files)})


def host_files(path: Path, without: Path | None = None) -> set[Path]:
    """Return a file of the host and those beside it that it imports, at any depth.

    Imports of ``without`` are not followed.
    """
    return _package_files(path, HOST, without)


def _package_files(path: Path, package: Path, without: Path | None = None) -> set[Path]:
    """Return a file and the modules of one of our packages that it imports, at any depth."""
    prefix = f"savedmodel_matrix.{package.name}."
    found: set[Path] = set()
    queue = [path]
    while queue:
        file = queue.pop()
        if file not in found and file != without and file.is_file():
            found.add(file)
            modules = [m.partition(prefix) for m in _imports(file)]
            queue += [package / f"{name.partition('.')[0]}.py" for _, ours, name in modules if ours]
    return found


@functools.cache
def case_hash(path: Path) -> str:
    """Return the hash of a case file and of the local modules that it imports, at any depth."""
    return _hash(
        {str(p.relative_to(path.parent)): _file_hash(p) for p in sorted(local_files(path))}
    )


def declared_hashes(case: Case) -> dict[str, str]:
    """Return the hash of each file that a case declares, "absent" if there is none.

    A directory stands for every file beneath it.
    """
    found: dict[str, str] = {}
    for name in case.files:
        place = case.path.parent / name
        files = (
            [place] if not place.is_dir() else sorted(p for p in place.rglob("*") if p.is_file())
        )
        for file in files:
            shown = os.path.relpath(file, case.path.parent)
            found[shown] = _file_hash(file) if file.is_file() else "absent"
    return found


@functools.cache
def plugin_hash(path: Path) -> str:
    """Return the hash of a plugin, of what it imports from beside it, and of `savedmodel/`.

    At any depth. Only ``from . import …`` reaches what is beside it: ``import openvino`` in
    ``openvino.py`` does not mean the file itself.
    """
    found: set[Path] = set()
    queue = [path]
    while queue:
        file = queue.pop()
        if file not in found:
            found.add(file)
            for module in _imports(file, relative=True):
                queue += _local(path.parent, module)
    ours = {one for file in found for one in _package_files(file, SAVEDMODEL)} - found
    if found | ours == {path}:
        return _file_hash(path)
    beside = {str(one.relative_to(path.parent)): _file_hash(one) for one in sorted(found)}
    return _hash([beside, {one.name: _file_hash(one) for one in sorted(ours)}])


def local_files(path: Path) -> set[Path]:
    """Return the case file and the files beside it that it imports, directly or not."""
    found: set[Path] = set()
    queue = [path]
    while queue:
        file = queue.pop()
        if file in found or not file.is_file():
            continue
        found.add(file)
        for module in _imports(file):
            queue += _local(path.parent, module)
    return found


def _imports(file: Path, *, relative: bool = False) -> set[str]:
    """Return the modules that a file imports, or those of ``from . import …`` only."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and not relative:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.level or not relative):
            base = node.module or ""
            names |= {base, *(f"{base}.{alias.name}".strip(".") for alias in node.names)}
    return names


def _local(directory: Path, module: str) -> list[Path]:
    found, here = [], directory
    for part in module.split("."):
        found += [here / f"{part}.py", here / part / "__init__.py"]
        here = here / part
    return [path for path in found if path.is_file()]


@functools.cache
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

"""What `registries` does: the op registries of TensorFlow's releases, as `diagnose` reads them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from rich.console import Console

from savedmodel_matrix.engine import interruption
from savedmodel_matrix.environments.installer import InstallerFailed, find_uv
from savedmodel_matrix.environments.op_libraries import RELEASES, Registered, read_release
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.savedmodel.registry import TABLE
from savedmodel_matrix.savedmodel.registry_format import Library, table
from savedmodel_matrix.store.run_directory import of_project

if TYPE_CHECKING:
    from pathlib import Path

    from savedmodel_matrix.workspace.project import Project


def run_registries(project: Project, kept: Path | None) -> int:
    """Read the library of every release and write the table; 0, or UserError and nothing."""
    console, uv = Console(stderr=True), find_uv()
    directory = of_project(project.results)
    directory.claim()
    directory.logs.mkdir(exist_ok=True)
    log, libraries = directory.logs / "registries.log", []
    for number, release in enumerate(RELEASES, 1):
        console.print(f"{number}/{len(RELEASES)} TensorFlow {release}", highlight=False)
        try:
            found = interruption.run(read_release(release, uv, log, kept))
        except InstallerFailed as error:
            said = f"The library of TensorFlow {release} cannot be read: {error} ({log})"
            raise UserError(said) from error
        libraries.append(_library(found))
    data = packed(table(libraries))
    beside = TABLE.with_suffix(".new")
    beside.write_bytes(data)
    beside.replace(TABLE)
    console.print(f"{TABLE}: {len(data):,} bytes", highlight=False)
    return 0


def _library(found: Registered) -> Library:
    said: Any = found.said
    bounds = tuple(said["stablehlo"])
    return Library(said["version"], said["file"], said["sha256"], bounds, found.ops, found.kernels)


def packed(data: dict[str, Any]) -> bytes:
    """Return a table as it is kept: the same bytes for the same libraries."""
    text = json.dumps(data, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)

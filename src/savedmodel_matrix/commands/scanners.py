"""What `scanners` does: scanners by others and `diagnose`, over the same artifacts, in one run."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from savedmodel_matrix.analysis.scanned import NOT_READ, Artifact, Comparison, Scanner, Speed
from savedmodel_matrix.commands import scanning
from savedmodel_matrix.engine import interruption
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.environments.scanner_tools import install
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.savedmodel import formats
from savedmodel_matrix.savedmodel.diagnose import diagnose
from savedmodel_matrix.store.run_directory import of_project
from savedmodel_matrix.views import scanned as views

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from savedmodel_matrix.workspace.project import Project

ENVIRONMENT = "tf2.21"  # whose saved_model_cli is asked
HOSTILE = Path("tests", "data", "hostile", "make_hostile.py")
_LAMBDA = b'"Lambda"'  # the name of Keras's layer, as its config has it
_ROUNDS = 5  # over all SavedModels, for the time of ours


def run_scanners(project: Project, directories: Sequence[Path], most: int | None) -> int:
    """Compare the scanners, print the table, and write docs/scanners.md and docs/scanners.json.

    Returns 0 if `diagnose` has neither a false alarm nor a miss, 1 if it has. Raises UserError
    outside of a checkout of this project.
    """
    script = project.root / HOSTILE
    if not script.is_file():
        raise UserError(f"{script} is missing: run this in a checkout of savedmodel-matrix.")
    console = Console(stderr=True)
    place = of_project(project.results)
    place.claim()
    place.logs.mkdir(exist_ok=True)
    tools = interruption.run(
        install(project.root / ".nox" / "scanners", find_uv(), place.logs / "scanners.log")
    )
    pythons = {tool.name: tool.python for tool in tools if not tool.missing}
    missing = {tool.name: tool.missing for tool in tools}
    cli = project.environments[ENVIRONMENT].directory / "bin" / "python"
    if cli.is_file():
        pythons |= dict.fromkeys((scanning.SHOW, scanning.SCAN), cli)
    pythons[scanning.OURS] = scanning.own_python()
    with tempfile.TemporaryDirectory() as scratch:
        known = _of_the_project(script, Path(scratch) / "hostile")
        healthy, aside = _of_directories(directories, most)
        artifacts = [*known, *healthy]
        found = [
            _one(call, pythons, missing, artifacts, Path(scratch), console)
            for call in scanning.CALLS
        ]
    comparison = Comparison(
        dt.datetime.now(tz=dt.UTC).date().isoformat(),
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        found,
        artifacts,
        _speed(found, [one for one in artifacts if not one.hostile]),
        aside,
    )
    out = Console()
    out.print(views.table(comparison))
    if said := views.speed(comparison):
        out.print(said, highlight=False, soft_wrap=True, markup=False)
    docs = project.root / "docs"
    data = json.dumps(comparison.to_json(), indent=1) + "\n"
    pages = {
        docs / "scanners.md": views.page(comparison).encode(),
        docs / "scanners.json": data.encode(),
    }
    write_files(pages)
    ours = found[-1]
    for scan in [*ours.misses, *ours.false_alarms]:
        kind = "missed" if scan.artifact.hostile else "false alarm"
        out.print(f"{kind}: {scan.artifact.name}", highlight=False, markup=False)
    unread = ours.count(NOT_READ, hostile=False)
    return int(bool(ours.missing or ours.misses or ours.false_alarms or unread))


def _of_the_project(script: Path, directory: Path) -> list[Artifact]:
    """Write the hostile artifacts, and return them after the healthy ones in tests/data."""
    done = subprocess.run(
        [sys.executable, str(script), str(directory)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise UserError(f"{script} failed: {last}")
    listed = json.loads((directory / "expected.json").read_text(encoding="utf-8"))
    data = script.parents[1]
    healthy = [
        Artifact(path.relative_to(data).as_posix(), str(path), _format(path))
        for path in map(Path, listed["healthy"])
    ]
    return healthy + [
        Artifact(one["name"], str(directory / one["path"]), one["format"], one["what"])
        for one in listed["hostile"]
    ]


def _of_directories(directories: Iterable[Path], most: int | None) -> tuple[list[Artifact], int]:
    """Return the artifacts of run directories, `most` of them spread evenly; and how many not.

    What holds a Lambda layer is left out, by its bytes: whether it is healthy is a matter of trust.
    """
    found: list[Artifact] = []
    aside = 0
    for directory in directories:
        if not directory.is_dir():
            raise UserError(f"--artifacts {directory} is not a directory.")
        for path in formats.artifacts(directory):
            if _holds_lambda(path):
                aside += 1
            else:
                name = path.relative_to(directory).as_posix()
                found.append(Artifact(name, str(path.absolute()), _format(path)))
    if most is not None and len(found) > most:
        found = [found[number * len(found) // most] for number in range(most)]
    return found, aside


def _holds_lambda(path: Path) -> bool:
    file = path / "keras_metadata.pb" if path.is_dir() else path
    return file.is_file() and _LAMBDA in file.read_bytes()


def _format(path: Path) -> str:
    return "SavedModel" if path.is_dir() else "".join(path.suffixes[-2:])


def _one(
    call: scanning.Call,
    pythons: dict[str, Path],
    missing: dict[str, str],
    artifacts: Sequence[Artifact],
    scratch: Path,
    console: Console,
) -> Scanner:
    if call.name not in pythons:
        why = missing.get(call.name, "")
        absent = f"not installed: {why or f'nox -s install -- --environment {ENVIRONMENT}'}"
        return Scanner(call.name, missing=absent)
    last = time.monotonic()

    def said(done: int) -> None:
        nonlocal last
        if done == len(artifacts) or time.monotonic() - last > 5:
            last = time.monotonic()
            console.print(f"{call.name}: {done} of {len(artifacts)}", highlight=False)

    return scanning.scanned(call, pythons[call.name], artifacts, scratch, said)


def _speed(found: Sequence[Scanner], healthy: Sequence[Artifact]) -> Speed | None:
    """Return the CPU seconds per SavedModel; of ours as in a tree, where imports come once."""
    show = next((one for one in found if one.name == scanning.SHOW and one.scans), None)
    paths = [one.path for one in healthy if one.format == "SavedModel"]
    if show is None or not paths:
        return None
    read = [
        scan.cpu
        for scan in show.scans
        if not scan.artifact.hostile and scan.artifact.format == "SavedModel"
    ]
    for path in paths:
        diagnose(path)
    begin = time.process_time()
    for _ in range(_ROUNDS):
        for path in paths:
            diagnose(path)
    ours = (time.process_time() - begin) / _ROUNDS / len(paths)
    return Speed(ours, show.imports + sum(read) / len(read))

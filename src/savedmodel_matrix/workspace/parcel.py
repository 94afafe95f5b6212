"""What of a project a run needs, as one archive: cases, plugins, locks, patches, what is stated.

It is how a project gets to a machine that has only the package. The same files make the same
bytes, so that the hash names what is in it. Directories outside of the project come along.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.directories import KINDS, Directories
from savedmodel_matrix.workspace.project import Project, find_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from savedmodel_matrix.model.environment import Environment

MANIFEST = "savedmodel-matrix-parcel.json"
OUTSIDE = "savedmodel-matrix-outside"  # where directories from outside of the project are put
MOST_BYTES = 256 << 20
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can state


@dataclass(frozen=True)
class Parcel:
    """A project as bytes, and the hash of what is in it."""

    content: bytes
    digest: str


@dataclass(frozen=True)
class Unpacked:
    """A project that came in a parcel, and all directories that hold its cases."""

    project: Project
    cases: tuple[Path, ...]


def pack_project(
    project: Project, cases: Sequence[Path], environments: Iterable[Environment]
) -> Parcel:
    """Pack a project with these cases, and the locks and patches of these environments.

    Raises UserError where that is more than ``MOST_BYTES``, or a file cannot be read.
    """
    given = {"cases": tuple(cases)} | {kind: getattr(project.plugins, kind) for kind in KINDS}
    places = {
        directory.absolute(): _place(project.root, directory.absolute(), number)
        for number, directory in enumerate(
            dict.fromkeys(one for directories in given.values() for one in directories)
        )
    }
    files = {"pyproject.toml": project.root / "pyproject.toml"}
    for directory, place in places.items():
        files |= {f"{place}/{name}": path for name, path in _files_of(directory)}
    files |= {
        _place(project.root, file.absolute(), 0): file
        for environment in environments
        for file in _stated_files_of(environment)
        if file.is_file() and file.is_relative_to(project.root)
    }
    manifest = {
        kind: [places[one.absolute()] for one in directories] for kind, directories in given.items()
    }
    return _packed(files, json.dumps(manifest, sort_keys=True))


def unpack_project(
    content: bytes, place: Path, environments: Callable[[Environment], Path]
) -> Unpacked:
    """Read the project of a parcel, which is unpacked into ``place`` where it is not there yet.

    ``environments`` says in which directory each environment is installed. Raises UserError,
    OSError.
    """
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as part:
            zipfile.ZipFile(io.BytesIO(content)).extractall(Path(part) / "whole")
            with contextlib.suppress(OSError):  # somebody else has just unpacked it
                (Path(part) / "whole").rename(place)
    manifest = json.loads((place / MANIFEST).read_text("utf-8"))
    given = {
        kind: tuple(place / one for one in directories) for kind, directories in manifest.items()
    }
    project = find_project(place)
    cases = given.pop("cases")
    moved = {name: _moved(one, environments) for name, one in project.environments.items()}
    return Unpacked(replace(project, environments=moved, plugins=Directories(**given)), cases)


def _moved(environment: Environment, place: Callable[[Environment], Path]) -> Environment:
    base = _moved(environment.base, place) if environment.base else None
    return replace(environment, directory=place(environment), base=base)


def _place(root: Path, directory: Path, number: int) -> str:
    """Return where a directory or a file is in a parcel: as in the project, if it is in there."""
    if directory.is_relative_to(root):
        return directory.relative_to(root).as_posix()
    return f"{OUTSIDE}/{number}/{directory.name}"


def _files_of(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files at and below a directory, but for bytecode and what is hidden."""
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        passed_over = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
        if not passed_over and path.is_file():
            yield name.as_posix(), path


def _stated_files_of(environment: Environment) -> Iterator[Path]:
    """Yield its lock and its patches, and those of what it is over."""
    yield environment.lock
    yield from environment.patches
    for other in (environment.base, environment.extends):
        if other:
            yield from _stated_files_of(other)


def _packed(files: dict[str, Path], manifest: str) -> Parcel:
    written, digest, total = io.BytesIO(), hashlib.sha256(), 0
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*_contents(files), (MANIFEST, manifest.encode())):
            total += len(content)
            if total > MOST_BYTES:
                raise UserError(
                    f"Cases and plugins are more than {MOST_BYTES >> 20} MB, and all of it would "
                    "have to go to every worker: keep other files out of these directories "
                    f"({files[name].parent})."
                )
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
            digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return Parcel(written.getvalue(), digest.hexdigest())


def _contents(files: dict[str, Path]) -> Iterator[tuple[str, bytes]]:
    for name, path in sorted(files.items()):
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise UserError(
                f"{path} cannot be read ({error.strerror}), and workers need it."
            ) from error

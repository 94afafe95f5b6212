"""A project in somebody's own repository: what `init` writes there, and from what.

Environments, their locks and the shipped cases come along in the wheel, under `shipped/`; in a
checkout they are where they always are.
"""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from savedmodel_matrix import __version__
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.toml import read_toml
from savedmodel_matrix.workspace.project import DEFAULT, TABLE, find_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PACKAGE = Path(__file__).parents[1]
STARTER = Path(__file__).with_name("starter")
PYPROJECT = "pyproject.toml"
CASE = "cases/my_model.py"


@dataclass(frozen=True)
class Started:
    """What was written, and what was there already and left, relative to the repository."""

    environments: tuple[str, ...]
    written: tuple[str, ...]
    kept: tuple[str, ...]


def shipped() -> Path:
    """Return the directory with `pyproject.toml`, `cases/` and `locks/` of this package."""
    inside = PACKAGE / "shipped"
    return inside if inside.is_dir() else PACKAGE.parents[1]


def start(root: Path, names: Sequence[str] = (), *, all_cases: bool = False) -> Started:
    """Make a project of a directory, which need not exist yet; nothing in it is replaced.

    `names` are environments or groups of this package; none means the oldest and the newest
    TensorFlow. Where there is a `pyproject.toml`, the table is added at its end, last of all: what
    was interrupted can be begun again. Raises UserError where there is a project already, for a
    name that means nothing, and where something cannot be written.
    """
    _refuse_project(root / PYPROJECT)
    environments = _chosen(names)
    files = dict(_files(environments, all_cases=all_cases))
    place = root
    written: list[str] = []
    kept: list[str] = []
    try:
        for name, content in files.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (written if _write_new(place, content) else kept).append(name)
        place = root / PYPROJECT
        _add(place, _table(environments).encode())
    except OSError as error:
        raise UserError(f"{place} cannot be written: {error.strerror}.") from error
    return Started(tuple(environments), (*written, PYPROJECT), tuple(kept))


def _refuse_project(file: Path) -> None:
    if file.exists() and TABLE in read_toml(file).get("tool", {}):
        raise UserError(
            f"{file} has a table [tool.{TABLE}] already: nothing was written. "
            "`savedmodel-matrix run` runs what it states."
        )


def _chosen(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what this package states of environments, by name, with those that others are over."""
    ours = find_project(shipped())
    plain = [
        name
        for name in ours.groups[DEFAULT]
        if ours.environments[name].tensorflow and not ours.environments[name].packages
    ]
    chosen = ours.select(names or (plain[0], plain[-1]))
    stated = tomllib.loads((shipped() / PYPROJECT).read_text(encoding="utf-8"))
    lines: dict[str, dict[str, Any]] = stated["tool"][TABLE]["environments"]
    below = {lines[name]["over"] for name in chosen if "over" in lines[name]}
    return {name: line for name, line in lines.items() if name in {*chosen, *below}}


def _files(
    environments: Mapping[str, dict[str, Any]], *, all_cases: bool
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file but `pyproject.toml`."""
    yield CASE, (STARTER / "case.txt").read_bytes()
    for name in (chosen := list(environments)):
        yield f"locks/{name}.txt", (shipped() / "locks" / f"{name}.txt").read_bytes()
        for patch in environments[name].get("patches", []):
            yield patch, (shipped() / patch).read_bytes()
    if all_cases:
        for file in sorted((shipped() / "cases").glob("*.*")):
            yield f"cases/{file.name}", file.read_bytes()
        for file in sorted((shipped() / "locks" / "cases").glob("*.txt")):
            if file.name.partition("+")[0] in chosen:
                yield f"locks/cases/{file.name}", file.read_bytes()
    noxfile = (STARTER / "noxfile.txt").read_text(encoding="utf-8")
    yield "noxfile.py", noxfile.format(version=__version__).encode()
    yield ".gitignore", (STARTER / "gitignore.txt").read_bytes()


def _table(environments: dict[str, dict[str, Any]]) -> str:
    lines = [f"{_toml(name)} = {_toml(line)}" for name, line in environments.items()]
    text = (STARTER / "pyproject.txt").read_text(encoding="utf-8")
    return text.format(environments="\n".join(lines), default=_toml(list(environments)))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _write_new(file: Path, content: bytes) -> bool:
    """Write a file that is not there, whole or not at all; say whether it was written."""
    if os.path.lexists(file):
        return False
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.link(temporary, file)  # unlike a rename it never replaces
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _add(file: Path, text: bytes) -> None:
    """Add text at the end of a file, which keeps its bytes, its mode and its kind of lines."""
    if _write_new(file, text):
        return
    file = file.resolve()
    before = file.read_bytes()
    if b"\r\n" in before:
        text = text.replace(b"\n", b"\r\n")
    end = b"\r\n" if b"\r\n" in before else b"\n"
    between = b"" if not before else end if before.endswith(b"\n") else end + end
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(before + between + text)
        shutil.copymode(file, temporary)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)

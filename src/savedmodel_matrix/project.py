"""The project: where its files are, and the environments that it states as data.

Both are read from the `pyproject.toml` that has a table `[tool.savedmodel-matrix]`:

    [tool.savedmodel-matrix.environments]
    "tf2.15" = { python = "3.11", tensorflow = "2.15.1", tf-keras = "2.15.1" }

A new TensorFlow release is one such line, and one lock (`nox -s lock`).
"""

import difflib
import re
import sys
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from savedmodel_matrix.errors import UserError

TABLE = "savedmodel-matrix"
KEYS = ("python", "tensorflow", "tf-keras")

# A name is a directory, a file and a column heading at once.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PYTHON = re.compile(r"3\.\d+(\.\d+)?")
_VERSION = re.compile(r"\d+(\.\d+){1,2}((a|b|rc)\d+)?(\.post\d+)?")


@dataclass(frozen=True)
class Environment:
    """A pinned set of packages and a Python, in a venv of its own."""

    name: str
    python: str  # as asked for, "3.11" or "3.11.7"
    tensorflow: str
    tf_keras: str
    lock: Path
    directory: Path

    @property
    def executable(self) -> Path:
        """The environment's Python, whether or not it is installed yet."""
        inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        return self.directory / inside

    @property
    def lock_name(self) -> str:
        """The lock as a person would write it, `locks/tf2.15.txt`, the same on every machine."""
        return f"{self.lock.parent.name}/{self.lock.name}"


@dataclass(frozen=True)
class Project:
    """A checkout: its directories, and its environments in the order of `pyproject.toml`."""

    root: Path
    environments: Mapping[str, Environment]
    cases: Path
    results: Path
    locks: Path
    report: Path


def find_project(start: Path) -> Project:
    """Read the project that `start` is in: its directory or the nearest one above it.

    Raises UserError if there is none, or if what it states cannot be used.
    """
    start = start.absolute()
    for directory in (start, *start.parents):
        file = directory / "pyproject.toml"
        if file.is_file():
            table = _read(file).get("tool", {}).get(TABLE)
            if table is not None:
                return _project(file, table)
    raise UserError(
        f"No pyproject.toml with a table [tool.{TABLE}] in {start} or above it: "
        "run the command inside a clone of the repository."
    )


def _read(file: Path) -> dict[str, Any]:
    """Parse `file`, with a sentence that names it where it cannot be parsed."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is not valid TOML: {error}.") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error


def _project(file: Path, table: Any) -> Project:
    """Check the table [tool.savedmodel-matrix] of `file`, and make a Project of it."""
    where = f"{file}: [tool.{TABLE}"
    _check_keys(table, ("environments",), f"{where}]")
    stated = table["environments"]
    if not isinstance(stated, dict) or not stated:
        raise UserError(
            f"{where}.environments] states no environment: add a line such as "
            '"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }.'
        )
    root = file.parent
    environments = {}
    for name, values in stated.items():
        if not _NAME.fullmatch(name):
            raise UserError(
                f'{where}.environments] has an environment named "{name}": '
                "use letters, digits, dots, hyphens and underscores only."
            )
        environments[name] = _environment(root, name, values, f"{where}.environments] {name}")
    return Project(
        root=root,
        environments=environments,
        cases=root / "cases",
        results=root / "results",
        locks=root / "locks",
        report=root / "report",
    )


def _environment(root: Path, name: str, values: Any, where: str) -> Environment:
    """Check one line of the environments, and make an Environment of it."""
    _check_keys(values, KEYS, where)
    _check_version(values, "python", _PYTHON, "3.11", where)
    _check_version(values, "tensorflow", _VERSION, "2.21.0", where)
    _check_version(values, "tf-keras", _VERSION, "2.21.0", where)
    return Environment(
        name=name,
        python=values["python"],
        tensorflow=values["tensorflow"],
        tf_keras=values["tf-keras"],
        lock=root / "locks" / f"{name}.txt",
        directory=root / ".nox" / "environments" / name,
    )


def _check_keys(values: Any, keys: Collection[str], where: str) -> None:
    """Refuse anything but a table with exactly these keys."""
    if not isinstance(values, dict):
        raise UserError(f"{where} must be a table with {_listed(keys)}, not {values!r}.")
    for key in values:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1) or list(keys)
            raise UserError(f'{where} has an unknown key "{key}": did you mean {_listed(near)}?')
    for key in keys:
        if key not in values:
            raise UserError(f'{where} lacks the key "{key}": it needs {_listed(keys)}.')


def _check_version(
    values: Mapping[str, Any], key: str, pattern: re.Pattern[str], example: str, where: str
) -> None:
    """Refuse a value that is not a plain version, such as a range or a number."""
    if not isinstance(values[key], str) or not pattern.fullmatch(values[key]):
        raise UserError(
            f"{where}: {key} must be one version in quotes, "
            f'such as "{example}", not {values[key]!r}.'
        )


def _listed(words: Collection[str]) -> str:
    """Quote the words, and list them as a sentence does."""
    *first, last = (f'"{word}"' for word in words)
    return f"{', '.join(first)} and {last}" if first else last

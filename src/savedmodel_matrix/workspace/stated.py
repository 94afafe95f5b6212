"""Checks of what `pyproject.toml` states: each mistake gets one sentence that names its place.

``where`` is the beginning of that sentence: the file, the table and the line in it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

# A name is a directory, a file and a column heading at once.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PYTHON = re.compile(r"3\.\d+(\.\d+)?")
VERSION = re.compile(r"\d+(\.\d+){1,3}((a|b|rc)\d+)?(\.post\d+)?")
_PACKAGE = re.compile(rf"({NAME.pattern})==({VERSION.pattern})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_keys(
    values: Any, needed: Collection[str], where: str, optional: Collection[str] = ()
) -> None:
    """Refuse anything but a table with the needed keys, and perhaps some of the optional ones."""
    known = [*needed, *optional]
    if not isinstance(values, dict):
        raise UserError(f"{where} must be a table with {listed(needed or known)}, not {values!r}.")
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1) or known
            raise UserError(f'{where} has an unknown key "{key}": did you mean {listed(near)}?')
    for key in needed:
        if key not in values:
            raise UserError(f'{where} lacks the key "{key}": it needs {listed(needed)}.')


def version_of(
    values: Mapping[str, Any], key: str, pattern: re.Pattern[str], example: str, where: str
) -> str:
    """Return one plain version, "" where none is stated; refuse ranges, numbers and the like."""
    if key not in values:
        return ""
    value = values[key]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UserError(
            f'{where}: {key} must be one version in quotes, such as "{example}", not {value!r}.'
        )
    return value


def packages_of(values: Mapping[str, Any], keys: Collection[str], where: str) -> tuple[str, ...]:
    """Return the pinned packages of a line; refuse one that a key states, or that is there twice.

    ``keys`` are those that state a version: "tensorflow" and the like.
    """
    stated = values.get("packages", [])
    if not isinstance(stated, list):
        raise UserError(f'{where}: packages must be a list such as ["jax==0.9.2"], not {stated!r}.')
    names = set()
    for one in stated:
        match = _PACKAGE.fullmatch(one) if isinstance(one, str) else None
        if not match:
            raise UserError(
                f"{where}: packages must hold a name and one version each, "
                f'such as "jax==0.9.2", not {one!r}.'
            )
        name = normalized(match[1])
        if name in keys:
            raise UserError(f'{where}: state {name} with its key, {name} = "{match[2]}", instead.')
        if name in names:
            raise UserError(f"{where}: packages has {name} more than once: state one version.")
        names.add(name)
    return tuple(stated)


def patches_of(root: Path, values: Mapping[str, Any], where: str) -> tuple[Path, ...]:
    """Return the patches of a line, each a file inside the project."""
    stated = values.get("patches", [])
    if not isinstance(stated, list):
        raise UserError(
            f'{where}: patches must be a list such as ["patches/keras.diff"], not {stated!r}.'
        )
    for one in stated:
        plain = isinstance(one, str) and one.endswith((".diff", ".patch"))
        if not plain or one.startswith("/") or ".." in one.split("/"):
            raise UserError(
                f"{where}: patches must hold unified diffs inside the project, "
                f'such as "patches/keras.diff", not {one!r}.'
            )
        if stated.count(one) > 1:
            raise UserError(f"{where}: patches has {one} more than once.")
    return tuple(root / one for one in stated)


def date_of(values: Mapping[str, Any], key: str, where: str) -> str:
    """Return a date, "" where none is stated."""
    value = values.get(key, "")
    if key in values:
        try:
            fits = _DATE.fullmatch(value) and dt.date.fromisoformat(value)
        except (TypeError, ValueError):  # such as a date that TOML itself has made of it
            fits = None
        if not fits:
            raise UserError(
                f'{where}: {key} must be a date in quotes, such as "2024-03-09", not {value!r}.'
            )
    return str(value)


def variables_of(values: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return the environment variables of a line."""
    stated = values.get("variables", {})
    if not isinstance(stated, dict) or not all(
        _VARIABLE.fullmatch(name) and isinstance(value, str) for name, value in stated.items()
    ):
        raise UserError(
            f"{where}: variables must be a table of names and texts, "
            f'such as {{ KERAS_BACKEND = "jax" }}, not {stated!r}.'
        )
    return dict(stated)


def name_of(
    value: Any, key: str, known: Collection[str], where: str, kind: str = "environment"
) -> str:
    """Return the name of something known; refuse any other with the nearest that is."""
    if not isinstance(value, str):
        raise UserError(f"{where}: {key} must be a name in quotes, not {value!r}.")
    if value not in known:
        raise UserError(
            f'{where}: {key} names "{value}", which is no {kind}: {nearest(value, known)}'
        )
    return value


def nearest(name: str, known: Collection[str]) -> str:
    """End a sentence about an unknown name: with the nearest known one, or with all of them."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."


def normalized(name: str) -> str:
    """Return a package's name as indexes and locks write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def listed(words: Collection[str]) -> str:
    """Quote the words, and list them as a sentence does."""
    *first, last = (f'"{word}"' for word in words)
    return f"{', '.join(first)} and {last}" if first else last

"""Stating environments in `pyproject.toml`: a line changed, or a copy of one with other releases.

Everything else in the file stays as it is, comments and order too. The result is read again before
it is used: where lines are not as this expects, it says what to write by hand.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.model.release import Missing

_TABLE = "savedmodel-matrix"
_HEADER = re.compile(r"\[+([^\]]+)\]+")


def restated(text: str, changes: Iterable[Missing]) -> str:
    """Return the text of a `pyproject.toml` in which environments have these releases.

    A new environment stands below the one that it is like, and beside it in every group and
    selection. Raises UserError where that cannot be done line by line.
    """
    for change in changes:
        lines = text.split("\n")
        if change.like:
            lines = _with_copy(lines, change)
        else:
            place = _line_of(lines, change.name, change)
            lines[place] = _replaced(lines[place], change)
        text = "\n".join(lines)
    _check(text, changes)
    return text


def _with_copy(lines: list[str], change: Missing) -> list[str]:
    place = _line_of(lines, change.like, change)
    copy = lines[place].replace(f'"{change.like}"', f'"{change.name}"', 1)
    lines = [*lines[: place + 1], _replaced(copy, change), *lines[place + 1 :]]
    listed = re.compile(rf'(?<=[\[,\s])"{re.escape(change.like)}"(?=\s*[,\]])')
    header = ""
    for number, line in enumerate(lines):
        if found := _HEADER.match(line):
            header = found[1]
        ours = header == f"tool.{_TABLE}" or header.startswith(f"tool.{_TABLE}.")
        if ours and header != f"tool.{_TABLE}.environments":
            lines[number] = listed.sub(f'"{change.like}", "{change.name}"', line)
    return lines


def _line_of(lines: list[str], name: str, change: Missing) -> int:
    """Return the place of the line that states an environment. Raises UserError if none does."""
    starts = re.compile(rf'"?{re.escape(name)}"?\s*=\s*\{{.*\}}\s*(#.*)?')
    found = [number for number, line in enumerate(lines) if starts.fullmatch(line)]
    if len(found) != 1:
        raise _by_hand(change)
    return found[0]


def _replaced(line: str, change: Missing) -> str:
    """Return a line with a release in the place of the one that it has. Raises UserError."""
    had = re.escape(change.had)
    stated = rf'(\b{re.escape(change.package)}(?:==|"?\s*=\s*")){had}(?=")'
    replaced, count = re.subn(stated, rf"\g<1>{change.version}", line)
    if count != 1:
        raise _by_hand(change)
    return replaced


def _check(text: str, changes: Iterable[Missing]) -> None:
    """Raise UserError where an environment does not state what it should by now."""
    try:
        environments = tomllib.loads(text)["tool"][_TABLE]["environments"]
    except (tomllib.TOMLDecodeError, LookupError):
        environments = {}
    last = {(change.name, change.package): change for change in changes}
    for change in last.values():
        stated = environments.get(change.name, {})
        releases = [f"{change.package}=={stated.get(change.package)}", *stated.get("packages", ())]
        if f"{change.package}=={change.version}" not in releases:
            raise _by_hand(change)


def _by_hand(change: Missing) -> UserError:
    return UserError(
        f'pyproject.toml does not state "{change.like or change.name}" in one line with '
        f"{change.package} {change.had}: state {change.package} {change.version} as "
        f'"{change.name}" by hand.'
    )

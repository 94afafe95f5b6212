"""Patches of installed packages: unified diffs, applied to an environment's own copies.

A patch has paths as in the package's repository, `a/keras/src/…`, which are those below
site-packages too. Its lines are there exactly or it does not fit: an environment pins its packages,
so other text means that the patch is of another release. They may have moved, as patches before it
move them, where only one place has them. Only files that are there are changed.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.model.files import write_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NO_NEWLINE = "\\ No newline"


class DoesNotFit(Exception):
    """A patch that cannot be read, or that is of another release; says which one, and where."""


@dataclass(frozen=True)
class Hunk:
    """Lines that replace others; ``start`` is the 0-based number of the first one replaced."""

    start: int
    before: tuple[str, ...]  # with their line ends
    after: tuple[str, ...]


@dataclass(frozen=True)
class FileChange:
    """What a patch does to one file; its path is relative to site-packages."""

    path: str
    hunks: tuple[Hunk, ...]


def changes_in(text: str) -> list[FileChange]:
    """Read a unified diff; text before the first file is a description. Raises DoesNotFit."""
    lines = _lines(text)
    changes: list[FileChange] = []
    at = 0
    while at < len(lines):
        if not (lines[at].startswith("--- ") and lines[at + 1 : at + 2]):
            at += 1
            continue
        path = _path(lines[at], lines[at + 1])
        at += 2
        hunks = []
        while at < len(lines) and (match := _HUNK.match(lines[at])):
            hunk, at = _hunk(lines, at, match)
            hunks.append(hunk)
        if not hunks:
            raise DoesNotFit(f"it has no hunk (@@ … @@) for {path}")
        changes.append(FileChange(path, tuple(hunks)))
    if not changes:
        raise DoesNotFit("it is no unified diff: it has no line that begins with ---")
    return changes


def _path(old: str, new: str) -> str:
    names = [line[4:].split("\t")[0].strip() for line in (old, new)]
    before, after = (name.partition("/")[2] for name in names)
    plain = before and not before.startswith("/") and ".." not in before.split("/")
    if not new.startswith("+++ ") or before != after or not plain:
        raise DoesNotFit(f"it does more than change a file that is there: {names[0]} → {names[1]}")
    return before


def _hunk(lines: Sequence[str], at: int, match: re.Match[str]) -> tuple[Hunk, int]:
    """Return the hunk whose heading is line ``at``, and where the next one begins."""
    olds, news = (int(match[group]) if match[group] else 1 for group in (2, 3))
    before: list[str] = []
    after: list[str] = []
    heading, at = at, at + 1
    while at < len(lines) and (len(before) < olds or len(after) < news):
        mark, rest = lines[at][:1], lines[at][1:]
        if mark not in {" ", "-", "+", "\n"}:
            break
        rest = "\n" if mark == "\n" else rest  # an empty line whose space an editor took away
        at += 1
        if lines[at : at + 1] and lines[at].startswith(_NO_NEWLINE):
            rest = rest.removesuffix("\n")
            at += 1
        before += [rest] if mark != "+" else []
        after += [rest] if mark != "-" else []
    if (len(before), len(after)) != (olds, news):
        raise DoesNotFit(f"its line {heading + 1} states another number of lines than follow")
    start = int(match[1]) - (1 if olds else 0)  # "-3,0": after the third line
    return Hunk(start, tuple(before), tuple(after)), at


def changed(text: str, change: FileChange) -> str:
    """Return a file's text with the change. Raises DoesNotFit."""
    lines = _lines(text)
    result: list[str] = []
    at = 0
    for hunk in change.hunks:
        start = _start(lines, hunk, at)
        if start is None:
            raise DoesNotFit(f"{change.path} has other text at line {hunk.start + 1}")
        result += [*lines[at:start], *hunk.after]
        at = start + len(hunk.before)
    return "".join([*result, *lines[at:]])


def _start(lines: Sequence[str], hunk: Hunk, at: int) -> int | None:
    """Return where the lines of a hunk are from line ``at`` on: as stated, else in one place."""
    count = len(hunk.before)

    def fits(start: int) -> bool:
        return tuple(lines[start : start + count]) == hunk.before

    if hunk.start >= at and fits(hunk.start):
        return hunk.start
    places = [start for start in range(at, len(lines)) if count and fits(start)]
    return places[0] if len(places) == 1 else None


def apply_patches(place: Path, patches: Sequence[Path]) -> None:
    """Apply patches, one after the other, to the packages in ``place``.

    Each file is written beside and renamed, since the installer may share it with its cache, and
    RECORD gets its new size and hash. Raises DoesNotFit, with nothing changed, and OSError.
    """
    texts: dict[str, str] = {}
    for patch in patches:
        try:
            for change in changes_in(_read(patch)):
                file = place / change.path
                if change.path not in texts and not file.is_file():
                    raise DoesNotFit(f"{change.path} is not installed there")  # noqa: TRY301
                texts[change.path] = changed(texts.get(change.path) or _read(file), change)
        except (DoesNotFit, UnicodeDecodeError) as error:
            raise DoesNotFit(f"{patch.parent.name}/{patch.name} does not fit: {error}.") from error
    contents = {name: text.encode() for name, text in texts.items()}
    files = {place / name: content for name, content in contents.items()}
    write_files(files | dict(_records(place, contents)))


def _records(place: Path, contents: dict[str, bytes]) -> Iterator[tuple[Path, bytes]]:
    for record in sorted(place.glob("*.dist-info/RECORD")):
        rows = list(csv.reader(_read(record).splitlines()))
        if not any(row and row[0] in contents for row in rows):
            continue
        written = io.StringIO()
        for row in rows:
            mine = contents.get(row[0]) if row else None
            csv.writer(written, lineterminator="\n").writerow(
                row if mine is None else _row(row[0], mine)
            )
        yield record, written.getvalue().encode()


def _row(name: str, content: bytes) -> list[str]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return [name, f"sha256={digest}", str(len(content))]


def _lines(text: str) -> list[str]:
    """Split a text as diff does: at line feeds alone, which stay with their lines."""
    return io.StringIO(text, newline="\n").readlines()


def _read(file: Path) -> str:
    with file.open(encoding="utf-8", newline="") as opened:
        return opened.read()

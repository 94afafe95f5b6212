"""The whole report as files: built beside its place and then put there, all of it or nothing."""

from __future__ import annotations

import contextlib
import importlib.resources
import os
from typing import TYPE_CHECKING

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.leftovers import is_running, remove
from savedmodel_matrix.store.listed import LIST, check_replaceable, is_begun, listed
from savedmodel_matrix.views.report.downloads import downloads
from savedmodel_matrix.views.report.pages import Pages
from savedmodel_matrix.views.report.scale import stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from savedmodel_matrix.views.report.facts import Facts

ASSETS = (
    "report.css",
    "front.css",
    "matrix.js",
    "report.js",
    "compare.js",
    "explain.js",
    "situation.js",
    "icon.svg",
)


def build(facts: Facts, directory: Path) -> int:
    """Write the report into ``directory``, which it replaces; return the number of files.

    The same facts give the same bytes. Raises UserError where it cannot be written, or where the
    directory holds a file that is not of a report; what was there before then stays.
    """
    with staged(facts, directory) as number:
        return number


@contextlib.contextmanager
def staged(facts: Facts, directory: Path, unfinished: Path | None = None) -> Iterator[int]:
    """Write the report in ``unfinished``, and put it in its place when the block ends well.

    ``unfinished`` is on the same file system, and beside the place if it is not stated. Yields the
    number of files. Raises UserError where the report cannot be written, or where ``directory``
    holds a file that is not of a report.
    """
    check_replaceable(directory)
    beside = unfinished or directory.parent
    new = beside / f".{directory.name}.{os.getpid()}.new"
    old = beside / f".{directory.name}.{os.getpid()}.old"
    try:
        with _writing(directory):
            _remove_those_of_the_dead(beside, directory.name)
            number = _write(facts, new)
        yield number
        check_replaceable(directory)
        with _writing(directory):
            if directory.exists():
                directory.replace(old)
            new.replace(directory)
    finally:
        if old.exists() and not directory.exists():
            old.replace(directory)
        for left in (new, old):
            remove(left)


def _remove_those_of_the_dead(beside: Path, name: str) -> None:
    """Remove what processes that are gone left unfinished."""
    for left in beside.glob(f".{name}.*.*"):
        pid = left.name.removeprefix(f".{name}.").removesuffix(".new").removesuffix(".old")
        if pid.isdecimal() and not is_running(int(pid)) and is_begun(left):
            remove(left)


@contextlib.contextmanager
def _writing(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"Cannot write the report {directory} ({error.strerror}); make room there."
        ) from error


def _write(facts: Facts, directory: Path) -> int:
    directory.mkdir()
    (directory / LIST).write_bytes(listed([]))
    places = []
    for place, content in files(facts):
        path = directory / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        places.append(place)
    (directory / LIST).write_bytes(listed(places))
    return len(places)


def files(facts: Facts) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the report and of its parts: its place and its bytes."""
    pages = Pages(facts)
    yield from _pages(pages)
    static = importlib.resources.files("savedmodel_matrix.views.report") / "static"
    for name in ASSETS:
        yield f"assets/{name}", (static / name).read_bytes()
    yield "assets/scale.css", stylesheet().encode()
    yield "data/explain.js", pages.explain_script().encode()
    yield from downloads(facts)
    for inner in facts.parts:
        yield from _pages(Pages(inner, pages.causes))


def _pages(pages: Pages) -> Iterator[tuple[str, bytes]]:
    for place, html in pages.all():
        yield place, html.encode("utf-8", "backslashreplace")
    place, script = pages.script()
    yield place, script.encode()

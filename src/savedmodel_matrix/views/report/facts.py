"""What a report is made from: whole cells, how they were made, and the sources behind them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.alike import alike
from savedmodel_matrix.analysis.crossing import Grid, apart, grids, heading, own_environments
from savedmodel_matrix.analysis.summary import instead
from savedmodel_matrix.model.table import (
    AS_WRITTEN,
    environment_order,
    from_cells,
    key_of,
    sort_key,
)
from savedmodel_matrix.views.report.names import part_of
from savedmodel_matrix.workspace.tour import OTHERS, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from savedmodel_matrix.analysis.attribution import Attributed
    from savedmodel_matrix.analysis.history import HistoryEntry
    from savedmodel_matrix.model.case import Case
    from savedmodel_matrix.model.plugin import Loader, Remedy

Cell = dict[str, Any]
Key = tuple[str, ...]  # case, remedy, producer, loader, consumer


@dataclass(frozen=True)
class Source:
    """A case, remedy or loader as its file tells it; ``text`` is empty where the file is gone."""

    name: str
    title: str
    text: str = ""
    story: str = ""  # the docstring below its first line
    group: str = OTHERS
    issues: tuple[str, ...] = ()
    changed: str = ""  # the release that changed its outcome
    length: int = 0  # lines of code
    settings: Mapping[str, str] = field(default_factory=dict, hash=False)
    converted: bool = False  # of a loader: it reads what a converter makes of what was saved


@dataclass(frozen=True)
class Part:
    """The environments of a group, in a report of their own, and those that stand beside them."""

    group: str
    environments: tuple[str, ...]
    twins: Mapping[str, str] = field(hash=False)  # by environment, the one that stands beside it

    @property
    def beside(self) -> tuple[str, ...]:
        """The environments of the default group that stand beside them."""
        return tuple(sorted(set(self.twins.values()), key=environment_order))

    @property
    def among(self) -> tuple[str, ...]:
        """All of them, with a gap between the two kinds: what either is told as a span of."""
        return (*self.environments, "", *self.beside)


@dataclass(frozen=True)
class Facts:
    """Everything a report shows. Cells are sorted; cells and sources may be of any origin.

    What is counted and shown in a matrix is of `cells`; cross cells have their grids.
    """

    every: Sequence[Cell]
    run: Mapping[str, Any]
    cases: Mapping[str, Source]
    remedies: Mapping[str, Source]
    loaders: Mapping[str, Source]
    groups: Sequence[str] = ()  # of cases, in the order of the tour
    selfcheck: Mapping[str, Any] = field(default_factory=dict)  # what it found, if there was one
    parts: Sequence[Facts] = ()  # reports of their own on other environments: see `parts`
    part: Part | None = None  # where this is such a report, on which
    of: Facts | None = None  # where cells were divided, the facts of all of them
    history: Sequence[HistoryEntry] = ()  # accepted full runs, the oldest first
    # What differences go back to, by environments and then by case, remedy and loader.
    attributed: Mapping[tuple[str, str], Mapping[tuple[str, str, str], Attributed]] = field(
        default_factory=dict, hash=False
    )

    @property
    def whole(self) -> Facts:
        """The facts of every cell of the report, whichever part of it this is."""
        return self.of or self

    @property
    def base(self) -> str:
        """Where the pages of this part begin, relative to the report."""
        return part_of(self.part.group) if self.part else ""

    @cached_property
    def _apart(self) -> tuple[list[Cell], list[Cell]]:
        return apart(self.every)

    @property
    def cells(self) -> Sequence[Cell]:
        """The cells that the producer loads, or the loader's own environment."""
        return self._apart[0]

    @property
    def crossed(self) -> Sequence[Cell]:
        """The cross cells, which another environment loads."""
        return self._apart[1]

    @cached_property
    def crossed_of(self) -> dict[str, list[Cell]]:
        """The cross cells by case."""
        return _by_case(self.crossed)

    @cached_property
    def by_case(self) -> dict[str, list[Cell]]:
        """Every cell by case."""
        return _by_case(self.every)

    @cached_property
    def environments(self) -> tuple[str, ...]:
        """The environments by version, with a gap between families: what is told as a span."""
        names = {cell[end] for cell in self.every for end in ("producer", "consumer")}
        families: dict[str, list[str]] = {}
        for name in sorted(names - set(self.own.values()), key=environment_order):
            families.setdefault(_family(name), []).append(name)
        return tuple(name for family in families.values() for name in ("", *family))[1:]

    def consumers_of(self, case: str) -> dict[tuple[str, str], dict[str, set[str]]]:
        """Return who loads what of a case: consumers by producer, by remedy and loader."""
        found: dict[tuple[str, str], dict[str, set[str]]] = {}
        for cell in self.by_case.get(case, ()):
            by_producer = found.setdefault((cell["remedy"], cell["loader"]), {})
            by_producer.setdefault(cell["producer"], set()).add(cell["consumer"])
        return found

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """How many cases pass by producer and consumer, for each loader with cross cells."""
        return grids(self.every)

    @cached_property
    def own(self) -> dict[str, str]:
        """The environments of loaders that have one of their own."""
        return own_environments(self.every)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The comparison table of every cell."""
        return from_cells(self.every)

    @cached_property
    def by_key(self) -> dict[Key, Cell]:
        """Every cell by case, remedy, producer, loader and consumer."""
        return {key_of(cell): cell for cell in self.every}

    def at(self, case: str, remedy: str, loader: str, producer: str) -> Cell | None:
        """Return the cell that is no cross cell, if there is one."""
        return self.by_key.get((case, remedy, producer, loader, self.own.get(loader, producer)))

    def heading(self, loader: str) -> str:
        """Return a loader's name, with the environment of its own where that is not plain."""
        return heading(loader, self.own)

    def place(self, cell: Cell) -> str:
        """Return where a cell is: its column or, for a cross cell, both environments."""
        producer, consumer = cell["producer"], cell["consumer"]
        straight = consumer == self.own.get(cell["loader"], producer)
        return producer if straight else f"{producer} → {consumer}"

    @cached_property
    def flaky(self) -> dict[Key, Mapping[str, Any]]:
        """The cells that came out in two ways, with both of them."""
        return {key_of(one): one for one in self.selfcheck.get("flaky", ())}

    @cached_property
    def alike(self) -> dict[str, tuple[str, ...]]:
        """The groups of cases that behave alike, by the first of each in the tour."""
        return alike(self.cells, self.case_names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The producers, by version: what a matrix has as its columns."""
        return tuple(sorted({cell["producer"] for cell in self.cells}, key=environment_order))

    @cached_property
    def case_names(self) -> tuple[str, ...]:
        """The cases that have cells, in the order of the tour."""
        names = sorted({cell["case"] for cell in self.every})
        return tuple(sorted(names, key=lambda name: place(self.groups, self.cases[name])))

    @cached_property
    def remedy_names(self) -> tuple[str, ...]:
        """The remedies that have cells, as written first."""
        names = {cell["remedy"] for cell in self.every}
        return tuple(sorted(names, key=lambda name: (name != AS_WRITTEN, name)))

    @cached_property
    def instead(self) -> set[str]:
        """The remedies that can stand for as written."""
        return instead(self.every)

    @cached_property
    def baselines(self) -> dict[str, str]:
        """The remedy that comes first with each loader: as written, or the first that it reads."""
        read: dict[str, set[str]] = {}
        for cell in self.every:
            read.setdefault(cell["loader"], set()).add(cell["remedy"])
        return {
            loader: next(remedy for remedy in self.remedy_names if remedy in remedies)
            for loader, remedies in read.items()
        }

    @cached_property
    def loader_names(self) -> tuple[str, ...]:
        """The loaders that have cells, in the order in which they are shown.

        First what loads what is saved as written, there where it was saved and as it is; among
        equals what fails most.
        """
        failing = {cell["loader"]: 0 for cell in self.every}
        for cell in self.cells:
            failing[cell["loader"]] += cell["status"] in ("fail", "crash", "timeout")

        def order(name: str) -> tuple[bool, bool, int, str]:
            elsewhere = name in self.own or self.loaders[name].converted
            return self.baselines[name] != AS_WRITTEN, elsewhere, -failing[name], name

        return tuple(sorted(failing, key=order))


def _by_case(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell["case"], []).append(cell)
    return found


def _family(environment: str) -> str:
    """Return what environments have in common that may be told as a span."""
    return re.sub("[0-9]+", "", environment)


def gather(
    cells: Iterable[Cell],
    run: Mapping[str, Any],
    cases: Iterable[Case],
    remedies: Iterable[Remedy],
    loaders: Iterable[Loader],
    groups: Sequence[str] = (),
    selfcheck: Mapping[str, Any] | None = None,
) -> Facts:
    """Put together what a report shows, with a stand-in for whatever has no source any more."""
    ordered = sorted(cells, key=sort_key)
    known_cases = {one.name: _of_case(one) for one in cases}
    remedies = list(remedies)
    known_remedies = {one.name: _of_plain(one.name, one.path, one.settings) for one in remedies}
    writes = {one.writes for one in remedies}
    known_loaders = {
        one.name: replace(_of_plain(one.name, one.path, {}), converted=writes.isdisjoint(one.reads))
        for one in loaders
    }
    for kind, known in (
        ("case", known_cases),
        ("remedy", known_remedies),
        ("loader", known_loaders),
    ):
        for name in {cell[kind] for cell in ordered} - known.keys():
            known[name] = Source(name, name)
    return Facts(ordered, run, known_cases, known_remedies, known_loaders, groups, selfcheck or {})


def _of_case(case: Case) -> Source:
    text = _read(case.path)
    return Source(
        case.name,
        case.title,
        text,
        case.story,
        group=case.group or OTHERS,
        issues=case.issues,
        changed=case.changed,
        length=case.length,
    )


def _of_plain(name: str, path: Path, settings: Mapping[str, str]) -> Source:
    text = _read(path)
    docstring = _docstring(text)
    title = docstring.splitlines()[0] if docstring else name
    return Source(name, title, text, _story(text), settings=settings)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="backslashreplace")
    except OSError:
        return ""


def _docstring(text: str) -> str:
    try:
        return (ast.get_docstring(ast.parse(text)) or "").strip()
    except (SyntaxError, ValueError):
        return ""


def _story(text: str) -> str:
    return " ".join(_docstring(text).partition("\n")[2].split())

"""What the table says: pure functions from the table to a Summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.answer import Answer, answer
from savedmodel_matrix.analysis.causes import Cause, causes
from savedmodel_matrix.analysis.change_groups import ChangeGroup, grouped
from savedmodel_matrix.analysis.comparison import Panel, panels
from savedmodel_matrix.analysis.counting import Counts, count
from savedmodel_matrix.analysis.crossing import Grid, apart, grids, heading, own_environments
from savedmodel_matrix.analysis.differences import Differences, compare
from savedmodel_matrix.analysis.versions import Neighbours, neighbours
from savedmodel_matrix.model.signatures import signature_changes
from savedmodel_matrix.model.table import (
    AS_WRITTEN,
    FAILURES,
    Row,
    environment_order,
    key_of,
    rows_of,
    sort_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    import pandas as pd

    from savedmodel_matrix.analysis.change_class import ChangeClass
    from savedmodel_matrix.analysis.explanations import Explanations


@dataclass(frozen=True)
class RemedyResult:
    """How far one remedy carries, over all environments and loaders."""

    remedy: str
    cells: Counts
    cases: int  # to which it applies somewhere
    cases_working: int  # of these, the ones of which every applicable cell passes
    cases_failing: int  # with a cell that fails
    cases_without: int  # to which it applies nowhere


@dataclass(frozen=True)
class Price:
    """A remedy whose artifacts pass, but with a signature that clients of the case do not know."""

    case: str
    remedy: str
    producers: tuple[str, ...]
    changes: tuple[str, ...]  # in words
    baseline: str  # the environment whose as-written artifact is compared with


@dataclass(frozen=True)
class Surprise:
    """A cell that does not pass and was not accepted so; `before` is None if it is new."""

    row: Row
    before: Row | None
    log: str
    place: str = ""  # file and line of the case where it failed


@dataclass(frozen=True)
class Summary:
    """Everything that the terminal and the Markdown show of one run.

    Counts, loaders, remedies and prices leave cross cells out, which have their grids; failures,
    differences and what is unknown are those of every cell.
    """

    counts: Counts
    answer: Answer
    environments: tuple[str, ...]  # the producers, by version
    panels: tuple[Panel, ...]  # the comparison table, a panel a family of environments
    groups: Mapping[str, str]  # by case, the heading under which it is shown
    loaders: tuple[tuple[str, Counts], ...]  # by name
    headings: Mapping[str, str]  # by loader, its name with the environment of its own
    own: Mapping[str, str]  # by loader, the environment of its own
    grids: tuple[Grid, ...]
    crossed: Counts
    neighbours: tuple[Neighbours, ...]
    remedies: tuple[RemedyResult, ...]  # those that carry farthest first
    prices: tuple[Price, ...]
    causes: tuple[Cause, ...]  # of the failures, the one with most cells first
    unknown: tuple[Cause, ...]  # of the cells that were not run
    not_run: int
    differences: Differences
    changes: Mapping[ChangeClass, tuple[ChangeGroup, ...]]  # the same by class and cause
    surprises: tuple[Surprise, ...]
    messages: Mapping[tuple[str, ...], str]  # by `key_of`, what a cell said, unmasked
    has_accepted: bool  # whether there is an accepted table to differ from


def summarise(
    table: pd.DataFrame,
    accepted: pd.DataFrame,
    *,
    full: bool,
    logs: Mapping[tuple[str, ...], str] | None = None,
    messages: Mapping[tuple[str, ...], str] | None = None,
    places: Mapping[tuple[str, ...], str] | None = None,
    tour: Mapping[str, str] | None = None,
    explained: Explanations | None = None,
    planned: Collection[tuple[str, str, str]] | None = None,
    environments: Mapping[str, Mapping[str, Any]] | None = None,
    has_accepted: bool | None = None,
) -> Summary:
    """Work out all that is shown of a run.

    `logs`, `messages` and `places` are the log path of a cell, what it said, and the file and line
    of the case where it failed, by `key_of`; `tour` has the cases in the order in which they are
    shown, each with its heading; `explained` are the explanations in plain words; `planned` is
    what `compare` takes; `environments` are those of `provenance.describe`, with the packages in
    each; `has_accepted` says whether there is an accepted table where `accepted` need not be the
    whole of it.
    """
    rows = rows_of(table)
    straight, crossed = apart(rows)
    keyed = [(key_of(row), row) for row in rows]
    known_rows = rows_of(accepted)
    plain = explained.of(rows, known_rows) if explained else {}
    differences = compare(table, accepted, full=full, planned=planned)
    earlier = [change.before for change in differences.every if change.before]
    then = explained.of(earlier, known_rows) if explained and earlier else {}
    producers = {row["producer"] for row in rows}
    known = {name: one for name, one in (environments or {}).items() if name in producers}
    said, where, logged = messages or {}, places or {}, logs or {}
    own = own_environments(rows)
    by_loader = _grouped(straight, lambda row: row["loader"])
    failing = [(key, row) for key, row in keyed if row["status"] in FAILURES]
    unknown = [(key, row) for key, row in keyed if row["status"] == "not-run"]
    return Summary(
        counts=count(straight),
        answer=answer(straight),
        environments=tuple(sorted(producers, key=environment_order)),
        panels=panels(straight, cases=tour or (), described=known),
        groups=tour or {},
        loaders=tuple((name, count(by_loader[name])) for name in sorted(by_loader)),
        headings={row["loader"]: heading(row["loader"], own) for row in rows},
        own=own,
        grids=grids(rows),
        crossed=count(crossed),
        neighbours=tuple(neighbours(known)),
        remedies=remedy_results(table),
        prices=prices(table, accepted),
        causes=causes(failing, plain, said, where, logged),
        unknown=causes(unknown, {}, said, where, logged),
        not_run=len(unknown),
        differences=differences,
        changes=grouped(differences, then, plain),
        surprises=surprises(differences, logged, where),
        messages=said,
        has_accepted=not accepted.empty if has_accepted is None else has_accepted,
    )


def remedy_results(table: pd.DataFrame) -> tuple[RemedyResult, ...]:
    """Return how far each remedy carries, those that carry farthest first."""
    results = []
    rows, _ = apart(rows_of(table))
    for remedy, cells in _grouped(rows, lambda row: row["remedy"]).items():
        cases = [count(rows) for rows in _grouped(cells, lambda row: row["case"]).values()]
        results.append(
            RemedyResult(
                remedy=remedy,
                cells=count(cells),
                cases=sum(case.applicable > 0 for case in cases),
                cases_working=sum(case.works for case in cases),
                cases_failing=sum(case.failed > 0 for case in cases),
                cases_without=sum(not case.applicable and not case.not_run for case in cases),
            )
        )
    order = sorted(results, key=lambda result: (-result.cases_working, result.cells.failed))
    return tuple(sorted(order, key=lambda result: not result.cells.works))


def surprises(
    differences: Differences,
    logs: Mapping[tuple[str, ...], str],
    places: Mapping[tuple[str, ...], str],
) -> tuple[Surprise, ...]:
    """Return the changed and the new cells that do not pass, in the table's order."""
    found = [
        Surprise(row, change.before, logs.get(key_of(row), ""), places.get(key_of(row), ""))
        for change in differences.every
        for row in [change.after]
        if row is not None and row["status"] in {*FAILURES, "not-run"}
    ]
    return tuple(sorted(found, key=lambda surprise: sort_key(surprise.row)))


def instead(cells: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the remedies that can stand for as written: those that some loader of it reads too.

    Keras's own files and checkpoints are read by other programs than a SavedModel is. Where
    nothing was saved as written, every remedy counts.
    """
    loaders: dict[str, set[str]] = {}
    for cell in cells:
        loaders.setdefault(cell["remedy"], set()).add(cell["loader"])
    written = loaders.get(AS_WRITTEN)
    return {remedy for remedy, own in loaders.items() if written is None or own & written}


def prices(table: pd.DataFrame, accepted: pd.DataFrame) -> tuple[Price, ...]:
    """Return the artifacts that pass with another signature than the one their clients know.

    That is the one the case gets as written in the earliest environment where it gets any; a run
    of a selection takes it from the accepted table if need be.
    """
    known: dict[str, Row] = {}
    for row in _as_written(table, accepted):
        known.setdefault(row["case"], row)
    found: dict[tuple[str, str, tuple[str, ...]], set[str]] = {}
    rows, _ = apart(rows_of(table))
    for row in rows:
        if row["status"] == "pass" and row["signature"] and row["case"] in known:
            changes = signature_changes(known[row["case"]]["signature"], row["signature"])
            if changes:
                found.setdefault((row["remedy"], row["case"], changes), set()).add(row["producer"])
    return tuple(
        Price(
            case=case,
            remedy=remedy,
            producers=tuple(sorted(producers, key=environment_order)),
            changes=changes,
            baseline=known[case]["producer"],
        )
        for (remedy, case, changes), producers in sorted(found.items(), key=lambda item: item[0])
    )


def _as_written(table: pd.DataFrame, accepted: pd.DataFrame) -> list[Row]:
    """Return the as-written cells with a signature, this run's before accepted ones, by version."""
    rows = {key_of(row): row for row in rows_of(accepted)}
    rows |= {key_of(row): row for row in rows_of(table) if row["status"] != "not-run"}
    stated = [r for r in rows.values() if r["remedy"] == AS_WRITTEN and r["signature"]]
    return sorted(stated, key=lambda row: environment_order(row["producer"]))


def _grouped(rows: Iterable[Row], by: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(by(row), []).append(row)
    return found

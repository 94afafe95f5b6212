"""What the table says: pure functions from the table to a Summary, which `render` shows.

Unknown is a state of its own here: a not-run cell counts neither as a pass nor as a failure, and
neither it nor a not-applicable cell stands in any denominator.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from savedmodel_matrix.accepted import Differences, compare
from savedmodel_matrix.table import (
    FAILURES,
    Row,
    environment_order,
    key_of,
    rows_of,
    sort_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

AS_WRITTEN = "as-written"

# A loader that repeats a table at least this long is told by what differs from it.
_LONG = 10


@dataclass(frozen=True)
class Counts:
    """How many cells ended in which status."""

    by_status: Mapping[str, int]

    @property
    def passed(self) -> int:
        """Cells that pass."""
        return self.by_status.get("pass", 0)

    @property
    def failed(self) -> int:
        """Cells that fail, crash or time out."""
        return sum(self.by_status.get(status, 0) for status in FAILURES)

    @property
    def applicable(self) -> int:
        """Cells that have a verdict: those that pass and those that fail."""
        return self.passed + self.failed

    @property
    def not_run(self) -> int:
        """Cells of which nothing is known."""
        return self.by_status.get("not-run", 0)

    @property
    def works(self) -> bool:
        """Whether every applicable cell passes, there is one, and nothing is unknown."""
        return self.passed > 0 and not self.failed and not self.not_run


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
class Group:
    """Cells with one root cause: those that did not pass with one fingerprint."""

    reason: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Surprise:
    """A cell that does not pass and was not accepted so; `before` is None if it is new."""

    row: Row
    before: Row | None
    log: str


@dataclass(frozen=True)
class Block:
    """Cases with the same outcomes, and their remedies, those with the same outcomes together."""

    cases: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # (remedies, outcome per column)

    @property
    def passes(self) -> bool:
        """Whether something passes here and nothing else than not-applicable stands beside it."""
        outcomes = {outcome for _, row in self.rows for outcome in row if outcome}
        return "pass values" in outcomes and outcomes <= {"pass values", "not-applicable"}


@dataclass(frozen=True)
class LoaderResult:
    """One loader's part of the table, whole and folded."""

    loader: str
    counts: Counts
    matrix: pd.DataFrame
    passing: tuple[str, ...]  # cases of which every applicable cell passes
    like: str  # another loader with the same outcomes but for the cases in `blocks`, or nothing
    blocks: tuple[Block, ...]  # the other cases


@dataclass(frozen=True)
class Summary:
    """Everything that the terminal and the Markdown show of one run."""

    counts: Counts
    environments: tuple[str, ...]  # the producers, by version
    loaders: tuple[LoaderResult, ...]
    remedies: tuple[RemedyResult, ...]  # those that carry farthest first
    prices: tuple[Price, ...]
    failures: tuple[Group, ...]
    unknown: tuple[Group, ...]
    differences: Differences
    surprises: tuple[Surprise, ...]
    has_accepted: bool  # whether there is an accepted table to differ from


def summarise(
    table: pd.DataFrame,
    accepted: pd.DataFrame,
    *,
    full: bool,
    logs: Mapping[tuple[str, ...], str] | None = None,
) -> Summary:
    """Work out all that is shown of a run; `logs` is the log path of each cell, by `key_of`."""
    rows = rows_of(table)
    differences = compare(table, accepted, full=full)
    return Summary(
        counts=count(rows),
        environments=tuple(sorted({row["producer"] for row in rows}, key=environment_order)),
        loaders=loader_results(table),
        remedies=remedy_results(table),
        prices=prices(table, accepted),
        failures=groups(row for row in rows if row["status"] in FAILURES),
        unknown=groups(row for row in rows if row["status"] == "not-run"),
        differences=differences,
        surprises=surprises(differences, logs or {}),
        has_accepted=not accepted.empty,
    )


def count(rows: Iterable[Row]) -> Counts:
    """Count cells by status."""
    return Counts(Counter(row["status"] for row in rows))


def outcome(row: Row) -> str:
    """Return status and stage in one, such as "fail run", "pass values" or "not-applicable"."""
    return f"{row['status']} {row['stage']}".rstrip()


def matrix(table: pd.DataFrame, loader: str) -> pd.DataFrame:
    """Return a loader's outcomes: rows (case, remedy), a column per producer, "" for no cell.

    Where the consumer is not the producer, the column is "producer → consumer".
    """
    cells: dict[tuple[str, str], dict[str, str]] = {}
    columns: dict[str, tuple[object, ...]] = {}
    for row in rows_of(table):
        if row["loader"] == loader:
            producer, consumer = row["producer"], row["consumer"]
            column = producer if producer == consumer else f"{producer} → {consumer}"
            columns[column] = (environment_order(producer), environment_order(consumer))
            cells.setdefault((row["case"], row["remedy"]), {})[column] = outcome(row)
    names = sorted(columns, key=columns.__getitem__)
    return pd.DataFrame(
        [[outcomes.get(name, "") for name in names] for outcomes in cells.values()],
        index=pd.MultiIndex.from_tuples(list(cells), names=["case", "remedy"]),
        columns=names,
        dtype=object,
    )


def loader_results(table: pd.DataFrame) -> tuple[LoaderResult, ...]:
    """Return every loader's outcomes, folded.

    A long table that repeats an earlier one in three quarters of the cases is told by the rest.
    """
    rows = rows_of(table)
    results: list[LoaderResult] = []
    for loader in sorted({row["loader"] for row in rows}):
        whole = matrix(table, loader)
        counts = count(row for row in rows if row["loader"] == loader)
        folded = fold(_by_case(whole))
        passing = tuple(case for block in folded if block.passes for case in block.cases)
        blocks = tuple(block for block in folded if not block.passes)
        like = ""
        if sum(len(block.rows) for block in blocks) >= _LONG:
            for earlier in results:
                others = _others(earlier.matrix, whole)
                if not earlier.like and others is not None:
                    like, blocks = earlier.loader, fold(others)
                    break
        results.append(LoaderResult(loader, counts, whole, passing, like, blocks))
    return tuple(results)


_Case = tuple[tuple[str, tuple[str, ...]], ...]  # (remedy, outcome per column), in order


def _by_case(whole: pd.DataFrame) -> dict[str, _Case]:
    rows = zip(whole.index, whole.to_numpy().tolist(), strict=True)
    return {
        case: tuple((remedy, tuple(outcomes)) for (_, remedy), outcomes in group)
        for case, group in groupby(rows, key=lambda row: row[0][0])
    }


def fold(cases: Mapping[str, _Case]) -> tuple[Block, ...]:
    """Put remedies with equal outcomes together, and then cases that are alike in all of them."""
    alike: dict[tuple[tuple[tuple[str, ...], tuple[str, ...]], ...], list[str]] = {}
    for case, rows in cases.items():
        remedies: dict[tuple[str, ...], list[str]] = {}
        for remedy, outcomes in rows:
            remedies.setdefault(outcomes, []).append(remedy)
        folded = tuple((tuple(names), outcomes) for outcomes, names in remedies.items())
        alike.setdefault(folded, []).append(case)
    return tuple(Block(tuple(names), rows) for rows, names in alike.items())


def _others(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, _Case] | None:
    """Return the cases in which two loaders differ, or None if they are too many."""
    if list(earlier.columns) != list(later.columns):
        return None
    known, cases = _by_case(earlier), _by_case(later)
    others = {case: rows for case, rows in cases.items() if rows != known.get(case)}
    return others if known.keys() == cases.keys() and 4 * len(others) <= len(cases) else None


def remedy_results(table: pd.DataFrame) -> tuple[RemedyResult, ...]:
    """Return how far each remedy carries, those that carry farthest first."""
    results = []
    for remedy, cells in _grouped(rows_of(table), lambda row: row["remedy"]).items():
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


def groups(rows: Iterable[Row]) -> tuple[Group, ...]:
    """Put cells with one fingerprint together, the largest group first."""
    by_cause = _grouped(rows, lambda row: row["fingerprint"] or row["reason"])
    found = [Group(cells[0]["reason"], tuple(cells)) for cells in by_cause.values()]
    return tuple(sorted(found, key=lambda group: -len(group.rows)))


def surprises(
    differences: Differences, logs: Mapping[tuple[str, ...], str]
) -> tuple[Surprise, ...]:
    """Return the changed and the new cells that do not pass, in the table's order."""
    candidates: list[tuple[Row, Row | None]] = [
        *((change.after, change.before) for change in differences.changed),
        *((row, None) for row in differences.new),
    ]
    found = [
        Surprise(row, before, logs.get(key_of(row), ""))
        for row, before in candidates
        if row["status"] in {*FAILURES, "not-run"}
    ]
    return tuple(sorted(found, key=lambda surprise: sort_key(surprise.row)))


def prices(table: pd.DataFrame, accepted: pd.DataFrame) -> tuple[Price, ...]:
    """Return the artifacts that pass with another signature than the one their clients know.

    That is the one the case gets as written in the earliest environment where it gets any; a run
    of a selection takes it from the accepted table if need be.
    """
    known: dict[str, Row] = {}
    for row in _as_written(table, accepted):
        known.setdefault(row["case"], row)
    found: dict[tuple[str, str, tuple[str, ...]], set[str]] = {}
    for row in rows_of(table):
        if row["status"] == "pass" and row["case"] in known:
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


class Spec(NamedTuple):
    """Type and shape of one input or output; -1 is a free dimension, None an unknown rank."""

    dtype: str
    shape: tuple[int, ...] | None


class Signature(NamedTuple):
    """The inputs and outputs of one signature, by key."""

    inputs: dict[str, Spec]
    outputs: dict[str, Spec]


_NAME = r'"(?:[^"\\]|\\.)*"|[^\s"()\[\],;]+'
_SPEC = re.compile(rf"(?P<name>{_NAME}) (?P<dtype>\w+)\[(?P<shape>\.\.\.|[-0-9,]*)\]")
_SPECS = r"\((?:[^\"()]|\"(?:[^\"\\]|\\.)*\")*\)"
_SIGNATURE = re.compile(rf"(?P<name>{_NAME})(?P<ins>{_SPECS}) -> (?P<outs>{_SPECS})(?:; |\Z)")


def parse_signatures(text: str) -> dict[str, Signature]:
    """Parse the table's canonical text, such as `serve(x float32[-1,4]) -> (y float32[])`.

    Signatures are joined with "; ". A name with spaces or with one of the marks used here is
    written as a JSON string; an unknown rank is `[...]`. Raises ValueError for any other text.
    """
    signatures: dict[str, Signature] = {}
    position = 0
    while position < len(text):
        found = _SIGNATURE.match(text, position)
        if not found:
            raise ValueError(f"not a signature: {text[position:]}")
        signatures[_name(found["name"])] = Signature(_specs(found["ins"]), _specs(found["outs"]))
        position = found.end()
    if format_signatures(signatures) != text:
        raise ValueError(f"not in canonical form: {text}")
    return signatures


def format_signatures(signatures: Mapping[str, Signature]) -> str:
    """Return the canonical text of an artifact's signatures: sorted, one line, joined with "; "."""
    return "; ".join(
        f"{_word(name)}({_list(signature.inputs)}) -> ({_list(signature.outputs)})"
        for name, signature in sorted(signatures.items())
    )


def signature_changes(before: str, after: str) -> tuple[str, ...]:
    """Say in words how one canonical text differs from another, as a client would notice it."""
    if before == after:
        return ()
    try:
        old, new = parse_signatures(before), parse_signatures(after)
    except ValueError:
        return ("the signature is another one",)
    changes = [f"signature {_word(name)} is lost" for name in old if name not in new]
    changes += [f"signature {_word(name)} is added" for name in new if name not in old]
    for name in (name for name in old if name in new):
        place = f" of {_word(name)}" if len(old) > 1 or len(new) > 1 else ""
        changes += _tensor_changes("input", place, old[name].inputs, new[name].inputs)
        changes += _tensor_changes("output", place, old[name].outputs, new[name].outputs)
    return tuple(changes)


def _tensor_changes(
    kind: str, place: str, before: Mapping[str, Spec], after: Mapping[str, Spec]
) -> list[str]:
    lost = {name: spec for name, spec in before.items() if name not in after}
    added = {name: spec for name, spec in after.items() if name not in before}
    changes = []
    # A signature has no order: one name stands for another only if nothing else can.
    for name, spec in list(lost.items()):
        twins = [other for other in added if added[other] == spec]
        if len(twins) == 1 and list(lost.values()).count(spec) == 1:
            changes.append(f"{kind} {_word(name)}{place} is now {_word(twins[0])}")
            del lost[name], added[twins[0]]
    if len(lost) == len(added) == 1:
        changes.append(f"{kind} {_list(lost)}{place} is now {_list(added)}")
    elif len(lost) == len(added) > 1:
        old, new = (", ".join(map(_word, names)) for names in (lost, added))
        changes.append(f"the {kind}s {old}{place} now have, in some order, the names {new}")
    else:
        changes += [f"{kind} {_word(name)}{place} is lost" for name in lost]
        changes += [f"{kind} {_word(name)}{place} is added" for name in added]
    for name, spec in before.items():
        other = after.get(name, spec)
        what = f"of {kind} {_word(name)}{place}"
        if spec.dtype != other.dtype:
            changes.append(f"dtype {what}: {spec.dtype} is now {other.dtype}")
        if spec.shape != other.shape:
            changes.append(f"shape {what}: {_shape(spec)} is now {_shape(other)}")
    return changes


def _specs(text: str) -> dict[str, Spec]:
    found = _SPEC.finditer(text)
    return {
        _name(spec["name"]): Spec(
            spec["dtype"],
            None
            if spec["shape"] == "..."
            else tuple(int(size) for size in spec["shape"].split(",") if size),
        )
        for spec in found
    }


def _list(specs: Mapping[str, Spec]) -> str:
    items = sorted(specs.items())
    return ", ".join(f"{_word(name)} {spec.dtype}{_shape(spec)}" for name, spec in items)


def _shape(spec: Spec) -> str:
    return "[...]" if spec.shape is None else f"[{','.join(map(str, spec.shape))}]"


def _word(name: str) -> str:
    return name if re.fullmatch(r'[^\s"()\[\],;]+', name) else json.dumps(name)


def _name(word: str) -> str:
    return str(json.loads(word)) if word.startswith('"') else word

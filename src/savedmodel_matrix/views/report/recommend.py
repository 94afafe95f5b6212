"""Which remedy a case should take, and what that costs: measured from the artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.summary import prices
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order, from_cells
from savedmodel_matrix.views.report.findings import counts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.analysis.counting import Counts
    from savedmodel_matrix.views.report.facts import Cell, Facts

LARGER = 1.5  # times the artifact as written: worth a word


@dataclass(frozen=True)
class Cost:
    """One thing that a remedy costs, and the environments where it does."""

    kind: str  # "package", "setting", "signature", "method" or "size"
    words: str
    producers: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """How one remedy does on one case."""

    remedy: str
    cells: Counts
    costs: tuple[Cost, ...]


def advise(facts: Facts) -> dict[str, list[Advice]]:
    """Return for each case its remedies, the one to take first.

    First come fewest failures, then least that is unknown or does not apply, then fewest kinds of
    cost; as written comes before a remedy that is no better. Only what can stand for as written is
    advised. A case that has nothing but cross cells is judged by them.
    """
    signatures: dict[tuple[str, str], list[Cost]] = {}
    for price in prices(facts.table, from_cells([])):
        told = [Cost("signature", change, price.producers) for change in price.changes]
        signatures.setdefault((price.case, price.remedy), []).extend(told)
    groups: dict[tuple[str, str], list[Cell]] = {}
    straight = {cell["case"] for cell in facts.cells}
    for cell in (*facts.cells, *(one for one in facts.crossed if one["case"] not in straight)):
        groups.setdefault((cell["case"], cell["remedy"]), []).append(cell)
    return {
        case: sorted(
            (
                Advice(
                    remedy,
                    counts(cells),
                    (*_costs(facts, cells), *signatures.get((case, remedy), ())),
                )
                for remedy in facts.remedy_names
                if remedy in facts.instead and (cells := groups.get((case, remedy)))
            ),
            key=_order,
        )
        for case in facts.case_names
    }


def _order(advice: Advice) -> tuple[object, ...]:
    cells = advice.cells
    kinds = {cost.kind for cost in advice.costs}
    written = advice.remedy != AS_WRITTEN
    return (
        cells.passed == 0,
        cells.failed,
        cells.not_run,
        -cells.passed,
        len(kinds),
        len(advice.costs),
        written,
        advice.remedy,
    )


def _costs(facts: Facts, cells: Iterable[Cell]) -> list[Cost]:
    """Return what passing artifacts cost beside their signatures, each against as written."""
    found: dict[tuple[str, str], set[str]] = {}

    def note(kind: str, words: str, cell: Cell) -> None:
        found.setdefault((kind, words), set()).add(cell["producer"])

    for cell in cells:
        if cell["status"] != "pass":
            continue
        key = (cell["case"], AS_WRITTEN, cell["producer"], cell["loader"], cell["consumer"])
        before = facts.by_key.get(key, {})
        for name, value in facts.remedies[cell["remedy"]].settings.items():
            note("setting", f"{name}={value} must be set before TensorFlow is imported", cell)
        if "tf_keras" in cell.get("keras", {}) and "tf_keras" not in before.get("keras", {}):
            note("package", "needs the package tf-keras", cell)
        for name in cell.get("lost_signatures", ()):
            note("signature", f"signature {name} is lost", cell)
        for name in cell.get("lost_outputs", ()):
            note("output", f"output {name} is lost", cell)
        for name in sorted({*before.get("functions", ())} - {*cell.get("functions", ())}):
            note("method", f"the loaded object loses its method {name}", cell)
        size, was = cell.get("artifact_bytes", 0), before.get("artifact_bytes", 0)
        if was and size > LARGER * was:
            note("size", f"the artifact is {LARGER:g} times as large, or more", cell)
    return [
        Cost(kind, words, tuple(sorted(producers, key=environment_order)))
        for (kind, words), producers in sorted(found.items())
    ]

"""Which remedy a case should take, and what that costs: measured from the artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.summary import prices
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order, from_cells
from savedmodel_matrix.views.report.findings import counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.analysis.counting import Counts
    from savedmodel_matrix.views.report.facts import Cell, Facts

LARGER = 1.5  # times the artifact as written: worth a word


@dataclass(frozen=True)
class Cost:
    """One thing that a remedy costs, and the environments where it does."""

    kind: str  # "package", "setting", "signature", "method" or "size"
    words: str
    producers: tuple[str, ...]


NO_CHANGE = "no change needed"
NOTHING = "nothing tested works"
NO_BETTER = "nothing tested does better"
TAKE = ""


@dataclass(frozen=True)
class Advice:
    """How one remedy does on one case."""

    remedy: str
    cells: Counts
    costs: tuple[Cost, ...]


@dataclass(frozen=True)
class Choice:
    """What to do about one case for one loader."""

    words: str  # NO_CHANGE, NOTHING, NO_BETTER, or TAKE where there is something to take
    best: Advice | None = None  # passes in most environments, and of equals costs least
    cheaper: Advice | None = None  # costs less, passes in fewer, and still does better than nothing

    @property
    def remedies(self) -> tuple[str, ...]:
        """The ways of saving to take: the one that passes most, and then the cheaper one."""
        return tuple(one.remedy for one in (self.best, self.cheaper) if one)


def choices(facts: Facts, advice: Mapping[str, Sequence[Advice]]) -> dict[tuple[str, str], Choice]:
    """Return what to do for each case and loader that have cells; costs are those of ``advice``."""
    cells: dict[tuple[str, str], dict[str, list[Cell]]] = {}
    for cell in facts.cells:
        place = cells.setdefault((cell["case"], cell["loader"]), {})
        place.setdefault(cell["remedy"], []).append(cell)
    found = {}
    for (case, loader), by_remedy in cells.items():
        costs = {one.remedy: one.costs for one in advice.get(case, ())}
        found[case, loader] = _choice(
            [Advice(name, counts(of), costs.get(name, ())) for name, of in by_remedy.items()],
            facts.baselines[loader],
        )
    return found


def _choice(every: Sequence[Advice], baseline: str) -> Choice:
    plain = next((one for one in every if one.remedy == baseline), None)
    if baseline == AS_WRITTEN and plain and plain.cells.works:
        return Choice(NO_CHANGE)
    working = [one for one in every if one.cells.passed]
    if not working:
        # Unknown is no verdict: where something was not run, nothing is said.
        return Choice(TAKE if any(one.cells.not_run for one in every) else NOTHING)
    least = plain.cells.passed if plain and baseline == AS_WRITTEN else 0
    better = [one for one in working if one.cells.passed > least]
    if not better:
        return Choice(NO_BETTER)
    best = min(better, key=lambda one: (-one.cells.passed, *_order(one)))
    price = _price(best)
    cheaper = [one for one in better if _price(one) < price]
    second = min(cheaper, key=lambda one: (_price(one), *_order(one)), default=None)
    return Choice(TAKE, best, second)


def _price(advice: Advice) -> int:
    return len({cost.kind for cost in advice.costs})


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

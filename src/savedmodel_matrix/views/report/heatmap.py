"""The picture of the front page: ways of saving by loaders, and what each way costs.

A model counts for a way of saving and a loader if every environment that is compared has it pass;
it is counted against if one has it fail. What does not apply or was not run counts neither way.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import count
from savedmodel_matrix.model.table import AS_WRITTEN
from savedmodel_matrix.views.naming import uses, way
from savedmodel_matrix.views.report.lead import after
from savedmodel_matrix.views.report.names import safe
from savedmodel_matrix.views.report.scale import step
from savedmodel_matrix.views.wording import DASH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.views.naming import Use
    from savedmodel_matrix.views.report.facts import Cell, Facts
    from savedmodel_matrix.views.report.recommend import Advice

# A way of saving that fewer than half of the models were tried with is not compared with others.
FEW = 2
# What a kind of cost is, and for how many of the models for which the way works.
KINDS = {
    "package": ("needs tf-keras", "the package tf-keras has to be there"),
    "setting": ("environment variable", "it must be set before TensorFlow is imported"),
    "signature": ("signatures change", "clients know a signature by another name or shape"),
    "output": ("outputs lost", "the artifact does not have every output"),
    "method": ("methods lost", "what is loaded in Python lacks methods of the original"),
    "size": ("larger", "the artifact is at least half again as large"),
}


@dataclass(frozen=True)
class Field:
    """One way of saving with one loader: how many models work, of those it applies to."""

    remedy: str
    loader: str
    passed: int
    tried: int

    @property
    def step(self) -> int:
        """Its place on the colour scale; -1 if there is none."""
        return step(self.passed, self.tried)

    @property
    def symbol(self) -> str:
        """What tells the share without colour and number."""
        if not self.tried:
            return DASH
        if self.passed in (0, self.tried):
            return "✓" if self.passed else "✗"
        return "◔◑◕"[min(2, 3 * self.passed // self.tried)]

    @property
    def anchor(self) -> str:
        """Its place on the page of ways of saving."""
        return row_anchor(self.remedy, self.loader)


@dataclass(frozen=True)
class Price:
    """One kind of cost of a way of saving, and how many models have it."""

    short: str
    words: str
    models: int


@dataclass(frozen=True)
class Way:
    """One way of saving, with a field per loader; None where the loader does not read it."""

    remedy: str
    title: str
    fields: tuple[Field | None, ...]
    tried: int  # with how many models, at the most
    few: bool  # too few to compare
    passed: int  # over all loaders
    works: int  # models that pass somewhere: what prices are shares of
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class Heatmap:
    """Ways of saving, ranked, by loaders in groups, and the files that other loaders read."""

    uses: tuple[Use, ...]
    ways: tuple[Way, ...]
    files: tuple[Way, ...]  # each with the one field of its loader
    environments: tuple[str, ...]  # that are compared
    models: int
    cheapest: str  # of those that do better than as written; "" if that is the one ranked first

    @property
    def loaders(self) -> tuple[str, ...]:
        """The loaders, in the order of the columns."""
        return tuple(name for use in self.uses for name in use.loaders)

    @property
    def edges(self) -> tuple[int, ...]:
        """The columns in which a group begins, but for the first."""
        sizes = [len(use.loaders) for use in self.uses]
        return tuple(accumulate(sizes))[:-1]


def row_anchor(remedy: str, loader: str) -> str:
    """Return the anchor of a way of saving with a loader."""
    return f"{safe(loader)}.{safe(remedy)}"


def kinds(advice: Advice) -> list[str]:
    """Return what a way of saving costs one case, in as few words as the heatmap has for it."""
    found = {cost.kind for cost in advice.costs}
    return [short for kind, (short, _) in KINDS.items() if kind in found]


def heatmap(facts: Facts, advice: Mapping[str, Sequence[Advice]]) -> Heatmap:
    """Count for every way of saving and loader how many models work."""
    environments = after(facts)
    fields = _fields(facts, set(environments))
    written = [name for name in facts.loader_names if facts.baselines[name] == AS_WRITTEN]
    groups = uses(written or facts.loader_names)
    loaders = [name for use in groups for name in use.loaders]
    prices = _prices(advice)
    most = max((one.tried for one in fields.values() if one.loader in loaders), default=0)
    ways, files = [], []
    for remedy in facts.remedy_names:
        row = tuple(fields.get((remedy, loader)) for loader in loaders)
        if any(row):
            ways.append(_way(remedy, row, most, prices))
        others = (fields.get((remedy, name)) for name in facts.loader_names if name not in loaders)
        files += [_way(remedy, (one,), 0, prices) for one in others if one]
    ways.sort(key=_rank)
    return Heatmap(
        groups,
        tuple(ways),
        tuple(sorted(files, key=_rank)),
        environments,
        len(facts.case_names),
        _cheapest(ways),
    )


def _fields(facts: Facts, environments: set[str]) -> dict[tuple[str, str], Field]:
    cases: dict[tuple[str, str], dict[str, list[Cell]]] = {}
    for cell in facts.cells:
        if cell["producer"] in environments:
            place = cases.setdefault((cell["remedy"], cell["loader"]), {})
            place.setdefault(cell["case"], []).append(cell)
    found = {}
    for (remedy, loader), by_case in cases.items():
        counted = [count(cells) for cells in by_case.values()]
        tried = [one for one in counted if one.applicable and (one.failed or not one.not_run)]
        found[remedy, loader] = Field(remedy, loader, sum(c.works for c in tried), len(tried))
    return found


def _way(
    remedy: str,
    fields: tuple[Field | None, ...],
    most: int,
    prices: Mapping[str, tuple[int, tuple[Price, ...]]],
) -> Way:
    tried = max((one.tried for one in fields if one), default=0)
    works, costs = prices.get(remedy, (0, ()))
    return Way(
        remedy,
        way(remedy),
        fields,
        tried,
        tried * FEW < most,
        sum(one.passed for one in fields if one),
        works,
        costs,
    )


def _prices(
    advice: Mapping[str, Sequence[Advice]],
) -> dict[str, tuple[int, tuple[Price, ...]]]:
    """Return by remedy for how many models it passes somewhere, and how many have which cost."""
    works: dict[str, int] = {}
    models: dict[str, dict[str, int]] = {}
    for one in (each for given in advice.values() for each in given):
        works[one.remedy] = works.get(one.remedy, 0) + (one.cells.passed > 0)
        of_way = models.setdefault(one.remedy, {})
        for kind in {cost.kind for cost in one.costs}:
            of_way[kind] = of_way.get(kind, 0) + 1
    return {
        remedy: (
            works[remedy],
            tuple(Price(*KINDS[kind], of_way[kind]) for kind in KINDS if kind in of_way),
        )
        for remedy, of_way in models.items()
    }


def _rank(one: Way) -> tuple[object, ...]:
    return one.few, -one.passed, _cost(one), one.remedy


def _cost(one: Way) -> tuple[int, int]:
    """Return how much a way costs: kinds of cost, then models that have one."""
    return len(one.prices), sum(price.models for price in one.prices)


def _cheapest(ways: Iterable[Way]) -> str:
    """Return the way that costs least, if it is another than the one that passes most."""
    compared = [one for one in ways if not one.few]
    written = next((one.passed for one in compared if one.remedy == AS_WRITTEN), 0)
    better = [one for one in compared if one.passed > written]
    if not better:
        return ""
    least = min(better, key=lambda one: (_cost(one), _rank(one)))
    return least.remedy if least is not better[0] else ""

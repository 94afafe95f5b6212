"""What to do in somebody's situation: what they have, their version, and where it has to run.

Every number is of cells. A model counts for a way of saving, a use and an environment if every
loader of the use that has a verdict passes there; it is counted against if one fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.counting import count
from savedmodel_matrix.model.table import AS_WRITTEN, FAILURES
from savedmodel_matrix.views.naming import uses
from savedmodel_matrix.views.plain_case import plain_case
from savedmodel_matrix.views.report.heatmap import FEW, KINDS
from savedmodel_matrix.views.report.names import safe
from savedmodel_matrix.views.snippets import snippet
from savedmodel_matrix.views.wording import span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from savedmodel_matrix.views.naming import Use
    from savedmodel_matrix.views.report.facts import Cell, Facts
    from savedmodel_matrix.views.report.recommend import Advice

SHOWN_FAILURES = 6  # models for which the first choice does not work
_FROM_FILE = re.compile(r"""load_model\(["'][^"']*\.(keras|h5)["']""")
_OF_DISK = frozenset({AS_WRITTEN, "resave", "repair"})


@dataclass(frozen=True)
class Have:
    """What somebody has, and which models of the matrix are like it."""

    key: str
    title: str
    models: str  # which models are counted
    applies: Callable[[str], bool]  # to the source of a case
    ways: frozenset[str] | None = None  # the ways of saving that are possible; None: all


def _is_module(text: str) -> bool:
    case = plain_case(text)
    return case is not None and case.module


def _is_model(text: str) -> bool:
    case = plain_case(text)
    return case is not None and not case.module


HAVES = (
    Have("module", "Code with a tf.Module", "whose code saves a tf.Module", _is_module),
    Have("model", "Code with a Keras model", "whose code saves a Keras model", _is_model),
    Have("savedmodel", "A SavedModel on disk", "of every kind", bool, _OF_DISK),
    Have(
        "file",
        "A .keras or .h5 file",
        "whose code loads such a file",
        lambda text: bool(_FROM_FILE.search(text)),
    ),
)


@dataclass(frozen=True)
class Score:
    """How many models work with a way of saving in one environment, of those with a verdict."""

    passed: int
    tried: int
    failing: tuple[Cell, ...] = field(default=(), hash=False)  # the first one of each model


@dataclass(frozen=True)
class Option:
    """A way of saving in a situation, with a score per environment."""

    remedy: str
    scores: tuple[Score, ...]
    prices: tuple[str, ...]  # kinds of cost that some of these models have
    code: str

    @property
    def passed(self) -> int:
        """Passes over all environments."""
        return sum(one.passed for one in self.scores)


@dataclass(frozen=True)
class Advised:
    """What to take in some environments; ``cheaper`` costs less, and still beats as written."""

    environments: str
    columns: tuple[str, ...]  # the same, one by one
    option: Option
    cheaper: Option | None
    least: int  # models that pass, over these environments
    most: int
    tried: int


@dataclass(frozen=True)
class Situation:
    """The answer to one situation, for every environment."""

    have: Have
    use: Use
    models: int
    options: tuple[Option, ...]  # the best first
    advised: tuple[Advised, ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.have.key}.{self.place}"

    @property
    def place(self) -> str:
        """The use as a page's address has it."""
        return safe(self.use.name.lower().replace(" ", "-"))

    @property
    def failing(self) -> tuple[Cell, ...]:
        """Failing cells of the first option in the last environment, a few of them."""
        return self.options[0].scores[-1].failing[:SHOWN_FAILURES]


def situations(facts: Facts, advice: Mapping[str, Sequence[Advice]]) -> tuple[Situation, ...]:
    """Return every situation that there are cells for."""
    written = [name for name in facts.loader_names if facts.baselines[name] == AS_WRITTEN]
    found = []
    for have in HAVES:
        cases = [name for name in facts.case_names if have.applies(facts.cases[name].text)]
        for use in uses(written):
            if options := _options(facts, have, use, cases, advice):
                chosen = [_choice(options, at) for at in range(len(facts.columns))]
                advised = _advised(facts, options, chosen)
                found.append(Situation(have, use, len(cases), options, advised))
    return tuple(found)


def _options(
    facts: Facts,
    have: Have,
    use: Use,
    cases: Sequence[str],
    advice: Mapping[str, Sequence[Advice]],
) -> tuple[Option, ...]:
    found = []
    for remedy in facts.remedy_names:
        if have.ways is not None and remedy not in have.ways:
            continue
        scores = tuple(_score(facts, remedy, use, cases, column) for column in facts.columns)
        code = snippet(have.key, remedy)
        if code and any(one.tried for one in scores):
            found.append(Option(remedy, scores, _prices(advice, remedy, cases), code))
    most = max((_tried(one) for one in found), default=0)
    compared = [one for one in found if _tried(one) * FEW >= most]
    return tuple(sorted(compared, key=lambda one: (-one.passed, *_order(one))))


def _tried(option: Option) -> int:
    return max(one.tried for one in option.scores)


def _order(option: Option) -> tuple[int, bool, str]:
    return len(option.prices), option.remedy != AS_WRITTEN, option.remedy


def _score(facts: Facts, remedy: str, use: Use, cases: Iterable[str], column: str) -> Score:
    passed, tried, failing = 0, 0, []
    for case in cases:
        at = (facts.at(case, remedy, loader, column) for loader in use.loaders)
        cells = [cell for cell in at if cell]
        counted = count(cells)
        if not counted.applicable or (counted.not_run and not counted.failed):
            continue
        tried += 1
        passed += counted.works
        failing += [cell for cell in cells if cell["status"] in FAILURES][:1]
    return Score(passed, tried, tuple(failing))


def _prices(
    advice: Mapping[str, Sequence[Advice]], remedy: str, cases: Iterable[str]
) -> tuple[str, ...]:
    of_way = (one for case in cases for one in advice.get(case, ()) if one.remedy == remedy)
    kinds = {cost.kind for one in of_way for cost in one.costs}
    return tuple(short for kind, (short, _) in KINDS.items() if kind in kinds)


def _choice(options: Iterable[Option], at: int) -> Option | None:
    """Return what passes most in one environment and, among equals, costs least."""
    working = [one for one in options if one.scores[at].passed]
    return min(working, key=lambda one: (-one.scores[at].passed, *_order(one)), default=None)


def _cheaper(options: Sequence[Option], chosen: Option, at: int) -> Option | None:
    """Return what costs fewer kinds of thing than the choice, and still beats as written."""
    least = next((one.scores[at].passed for one in options if one.remedy == AS_WRITTEN), 0)
    better = [
        one
        for one in options
        if len(one.prices) < len(chosen.prices) and one.scores[at].passed > least
    ]
    return _choice(better, at)


def _advised(
    facts: Facts, options: Sequence[Option], chosen: Sequence[Option | None]
) -> tuple[Advised, ...]:
    places: dict[tuple[Option, Option | None], list[int]] = {}
    for at, option in enumerate(chosen):
        if option:
            places.setdefault((option, _cheaper(options, option, at)), []).append(at)
    found = []
    for (option, cheaper), columns in places.items():
        scores = [option.scores[at] for at in columns]
        names = tuple(facts.columns[at] for at in columns)
        where = span(set(names), facts.environments)
        passed = [one.passed for one in scores]
        tried = max(one.tried for one in scores)
        found.append(Advised(where, names, option, cheaper, min(passed), max(passed), tried))
    return tuple(found)

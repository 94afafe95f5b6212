"""The engine against a process per step, which is what one would write by hand.

Both run the same cells of the same environments, alternating, each with nothing known, so that a
machine whose speed drifts does not decide. What sharing an import can gain is bounded, by
(import + body) / body; the share of that bound which the engine reaches is the figure to watch.
"""

from __future__ import annotations

import io
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from savedmodel_matrix.commands.progress import Reporter
from savedmodel_matrix.engine import interruption
from savedmodel_matrix.engine.planning import Selected, plan_cells, producing
from savedmodel_matrix.engine.run import Options, Run
from savedmodel_matrix.store.memory import Store
from savedmodel_matrix.store.run_directory import RunDirectory
from savedmodel_matrix.workspace.catalogue import (
    choose,
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from savedmodel_matrix.engine.measured import Measured
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.workspace.project import Project


@dataclass(frozen=True)
class Pair:
    """One alternation: the same cells with a process per step, and with the engine."""

    single: Measured
    engine: Measured


@dataclass(frozen=True)
class Figure:
    """One line of the result; times in seconds, per step where not said otherwise."""

    name: str
    ratio: float  # seconds of all steps in processes of their own, of those in the engine
    body: float
    bound: float

    @property
    def reached(self) -> float:
        """Return the share of the bound."""
        return self.ratio / self.bound


def run_bench(
    project: Project, environments: Sequence[str], cases: Sequence[str], pairs: int
) -> int:
    """Run the pairs and print the figures. Raises UserError for a name that is not known."""
    console = Console()
    loaders = find_loaders(project.plugins.loaders)
    able = producing([project.environments[name] for name in project.select()], loaders)
    names = [one.name for one in able]
    chosen = choose("environment", environments or names[-1:], names)
    known = find_cases(project.case_directories)
    wanted = choose(
        "case", cases or [project.first or known[0].name], [case.name for case in known]
    )
    planned = plan_cells(
        [case for case in known if case.name in wanted],
        find_remedies(project.plugins.remedies),
        loaders,
        Selected(tuple(able), tuple(chosen)),
        find_converters(project.plugins.converters),
    )
    console.print(f"{len(planned)} cells; first once for the bytecode", highlight=False)
    measure(project, planned, loaders, forking=True)
    done = []
    for number in range(pairs):
        single = measure(project, planned, loaders, forking=False)
        pair = Pair(single, measure(project, planned, loaders, forking=True))
        done.append(pair)
        console.print(
            f"pair {number + 1} of {pairs}: {pair.single.wall:.0f} s with a process per step, "
            f"{pair.engine.wall:.0f} s with the engine",
            highlight=False,
        )
    show(done, wanted, len(planned), console)
    return 0


def measure(
    project: Project, planned: Sequence[Cell], loaders: Sequence[Loader], *, forking: bool
) -> Measured:
    """Run the cells with nothing known and return what it cost."""
    with tempfile.TemporaryDirectory() as directory:
        place = RunDirectory(Path(directory))
        place.claim()
        store = Store(place)
        store.open()
        options = Options(jobs=os.cpu_count() or 1, forking=forking)
        quiet = Reporter(Console(file=io.StringIO()), len(planned), options.jobs)
        run = Run(project, planned, loaders, store, quiet, options)
        try:
            interruption.run(run.run())
        finally:
            store.close()
        return run.measured


def figures(pairs: Sequence[Pair], cases: Sequence[str]) -> list[Figure]:
    """Work out a line per case and one for all of them: medians over the pairs.

    What a step of its own process imports is what its host imports, so the bound of several steps
    is the sum of imports and bodies over the sum of bodies.
    """
    groups = [(case, {case}) for case in cases]
    if len(cases) > 1:
        groups.append(("all", set(cases)))
    return [_figure(name, pairs, chosen) for name, chosen in groups]


def _figure(name: str, pairs: Sequence[Pair], cases: Collection[str]) -> Figure:
    ratios, bodies, bounds = [], [], []
    for pair in pairs:
        imports = {kind: statistics.median(s) for kind, s in pair.engine.host_seconds.items()}
        single = [step for step in pair.single.steps if step.case in cases]
        engine = [step for step in pair.engine.steps if step.case in cases]
        body = sum(step.inside for step in engine)
        ratios.append(sum(s.wall for s in single) / sum(s.wall for s in engine))
        bodies.append(body / len(engine))
        bounds.append((sum(imports[step.host] for step in engine) + body) / body)
    middle = statistics.median
    return Figure(name, middle(ratios), middle(bodies), middle(bounds))


def show(pairs: Sequence[Pair], cases: Sequence[str], cells: int, console: Console) -> None:
    """Print the figures; medians over the pairs."""
    table = Table("case", "ratio", "body s", "bound", "of the bound", title="Steps")
    for one in figures(pairs, cases):
        table.add_row(
            one.name,
            f"{one.ratio:.2f}",
            f"{one.body:.3f}",
            f"{one.bound:.2f}",
            f"{one.reached:.2f}",
        )
    console.print(table)
    cores = os.cpu_count() or 1
    outside = [s.wall - s.inside for pair in pairs for s in pair.engine.steps if s.inside]
    lines = {
        "cells": f"{cells}",
        "whole run, process per step / engine": _median(
            pair.single.wall / pair.engine.wall for pair in pairs
        ),
        **{
            f"import of {kind}, s": _median(
                s for pair in pairs for s in pair.engine.host_seconds[kind]
            )
            for kind in sorted(pairs[0].engine.host_seconds)
        },
        "overhead, wall x cores / CPU s of children and host starts": _median(
            pair.engine.overhead(cores) for pair in pairs
        ),
        "outside a step's own instructions, ms": _median(1000 * s for s in outside),
    }
    for name, value in lines.items():
        console.print(f"{name}: {value}", highlight=False)


def _median(values: Iterable[float]) -> str:
    return f"{statistics.median(list(values)):.2f}"

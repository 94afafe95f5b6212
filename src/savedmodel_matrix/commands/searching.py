"""A search over the releases of a package, round by round."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.bisected import (
    ENVIRONMENT,
    Asked,
    Bisected,
    Blame,
    Found,
    Row,
    Side,
    Tried,
    blame,
    changes_of,
    outcome,
)
from savedmodel_matrix.analysis.bisection import next_points, spread
from savedmodel_matrix.analysis.versions import changed_packages
from savedmodel_matrix.commands.axis import KERAS
from savedmodel_matrix.commands.job import print_line
from savedmodel_matrix.commands.trials import Question, Trials, ends_of
from savedmodel_matrix.model.table import rows_of
from savedmodel_matrix.store import accepted
from savedmodel_matrix.views.bisected import trial_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from savedmodel_matrix.commands.axis import Axis
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.workspace.project import Project

COARSE = 7  # releases that are run first where no accepted outcome says where to look
WIDTH = 2  # between two different outcomes: as many as most machines run at once


class Search:
    """Runs the releases that a bisection asks for, round by round."""

    def __init__(
        self,
        trials: Trials,
        rows: Sequence[Row],
        environments: Sequence[Environment],
        axis: Axis,
        asked: Asked,
        progress: Console,
    ) -> None:
        self._trials, self._rows, self._environments = trials, rows, environments
        self._axis, self._asked, self._progress = axis, asked, progress
        self.tried: dict[int, Tried] = {}

    def run(self, coarse: Sequence[int], *, linear: bool) -> None:
        """Run rounds until it is known where the outcome changes."""
        while points := next_points(
            {place: outcome(one, self._asked) for place, one in self.tried.items()},
            len(self._rows),
            coarse=coarse,
            width=WIDTH,
            linear=linear,
            days=[row.day for row in self._rows],
        ):
            said = f"Trying {', '.join(self._rows[point].version for point in points)}"
            fixed, side = self._axis.fixed, self._axis.side
            ends = [ends_of(self._environments[point], fixed, side) for point in points]
            came = dict(zip(points, self._trials.run(ends, said), strict=True))
            self.tried |= came
            for point, one in came.items():
                print_line(trial_line(self._rows[point], one, self._asked), self._progress)

    def result(self, question: Question) -> Bisected:
        """Return what was found."""
        return Bisected(
            case=question.case.name,
            remedy=question.remedy.name,
            loader=question.loader.name,
            package=self._axis.package,
            over=self._axis.fixed.name,
            side=self._axis.side,
            asked=self._asked,
            rows=self._rows,
            tried=self.tried,
            found=self.found(question.loader),
        )

    def found(self, loader: Loader) -> list[Found]:
        """Return every change with what else differs, and which side of the cell it is on."""
        changed = changes_of(self.tried, self._asked)
        mixed = self._axis.side is Side.BOTH and loader.crosses and not loader.environment
        blames = self._blames([(one.before, one.after) for one in changed]) if mixed else {}
        found = []
        for one in changed:
            before, after = (
                {"": {"packages": self.tried[place].installed(self._axis.side)}}
                for place in (one.before, one.after)
            )
            differences = tuple(each.difference for each in changed_packages(before, after))
            side = blames.get((one.before, one.after), Blame.UNKNOWN)
            found.append(Found(one, differences, side))
        return found

    def _blames(self, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Blame]:
        """Run both mixtures of each two releases, and say which side changed."""
        ends = [
            (self._environments[saves], self._environments[loads])
            for before, after in pairs
            for saves, loads in ((before, after), (after, before))
        ]
        if not ends:
            return {}
        ran = self._trials.run(
            ends, "Saved on one side of the change and loaded on the other, both ways"
        )
        came = [outcome(one, self._asked) for one in ran]
        outcomes = {place: outcome(one, self._asked) for place, one in self.tried.items()}
        return {
            (before, after): blame(
                outcomes[before], outcomes[after], (came[2 * number], came[2 * number + 1])
            )
            for number, (before, after) in enumerate(pairs)
        }


def tell_span(question: Question, rows: Sequence[Row], axis: Axis, progress: Console) -> None:
    """Say what is about to be searched."""
    said = f"{question.case.name}, {question.remedy.name}, {question.loader.name}"
    whole = axis.package == ENVIRONMENT
    kind = "environments" if whole else f"releases of {axis.package}"
    over = "" if whole else f", over {axis.varied.name}"
    span = f"{len(rows)} {kind}, {rows[0].version} to {rows[-1].version}{over}"
    print_line(f"{span}: {said}.", progress)


def coarse_points(
    project: Project, question: Question, axis: Axis, rows: Sequence[Row], asked: Asked
) -> list[int]:
    """Return where to look first: where accepted outcomes change, else evenly spread releases.

    Accepted outcomes say where to look and nothing else; what is reported was run.
    """
    table = accepted.load_table(project.results / "accepted", {question.case.name})
    places = {row.version: place for place, row in enumerate(rows)}
    known: dict[int, str] = {}
    for row in rows_of(table):
        if (row["remedy"], row["loader"]) != (question.remedy.name, question.loader.name):
            continue
        place = places.get(_release_in(row, project, question.loader, axis))
        if place is not None and (came := outcome(Tried(row), asked)):
            known[place] = came
    if len(known) < COARSE:
        return spread(len(rows), COARSE)
    ordered = sorted(known)
    return [
        place
        for one, other in pairwise(ordered)
        if known[one] != known[other]
        for place in (one, other)
    ]


def _release_in(row: Mapping[str, str], project: Project, loader: Loader, axis: Axis) -> str:
    """Return the release of the package that an accepted cell ran with, "" if none is stated."""
    saved = project.environments.get(row["producer"])
    loaded = project.environments.get(row["consumer"])
    if not (saved and loaded):
        return ""
    if axis.varied is not axis.fixed:
        if saved is not axis.fixed or not loaded.runs(loader):
            return ""
        stated = dict(one.split("==") for one in loaded.packages if "==" in one)
        return stated.get(axis.package, "")
    if loaded is not saved and loaded.name != loader.environment:
        return ""
    return saved.keras if saved.over == axis.varied.name and axis.package == KERAS else ""

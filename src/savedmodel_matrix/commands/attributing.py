"""Which package it was, of all that differ between two environments with different outcomes.

Each package that differs is put back alone, at the version of the environment before, in front of
the one after. Where the outcome goes back with it, its releases in between are searched. Where no
package alone does it, it is TensorFlow itself, or several together.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from savedmodel_matrix.analysis.bisected import Asked, Attribution, Swap, outcome
from savedmodel_matrix.commands.trials import ends_of
from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.requirements import TENSORFLOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from savedmodel_matrix.analysis.bisected import Bisected, Found, Tried
    from savedmodel_matrix.commands.trials import Trials
    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.workspace.project import Project

RELEASED = "released"  # the group of environments as of the days of TensorFlow's releases
# What saving and loading rest on, beside TensorFlow.
CANDIDATES = ("keras", "tf-keras", "numpy", "protobuf", "h5py", "ml-dtypes")


def is_environment(project: Project, between: tuple[str, str] | None) -> bool:
    """Say whether a range is of environments, not of releases."""
    return bool(between) and any(one in project.environments for one in between or ())


def environments_between(
    project: Project, loaders: Sequence[Loader], between: tuple[str, str] | None
) -> list[Environment]:
    """Return two environments that were named, else those of the days of TensorFlow's releases.

    These are in the group `released`, and those of the group `default` that are older than all of
    them. Raises UserError for one that cannot save, and where there are not two.
    """
    able = producing(list(project.environments.values()), loaders)
    if between:
        for name in between:
            if name not in {one.name for one in able}:
                raise UserError(f"--between {name}: name two environments that have TensorFlow.")
        if between[0] == between[1]:
            raise UserError(f"--between {between[0]} {between[1]}: name two environments.")
        return [project.environments[name] for name in between]
    released = project.groups.get(RELEASED, ())
    found = [one for one in able if one.name in released and one.tensorflow]
    usual = [one for one in able if one.name in project.select() and one.tensorflow]
    oldest = min((_minor(one) for one in found), default=None)
    older = [one for one in usual if oldest is None or _minor(one) < oldest]
    chosen = sorted([*older, *found], key=_minor)
    if len(chosen) < 2:
        raise UserError("There are not two environments with TensorFlow: name them by --between.")
    return chosen


def attribute(
    project: Project,
    trials: Trials,
    result: Bisected,
    found: Found,
    search: Callable[[Environment, str, tuple[str, str]], Bisected],
) -> Attribution:
    """Say which package makes the difference between two environments, and search its releases.

    ``search`` finds the release of a package over an environment, between two versions.
    """
    change = found.change
    names = [result.rows[place].environment for place in (change.before, change.after)]
    after = project.environments[names[1]]
    differing = [
        one for one in found.differences if one.package in CANDIDATES and one.before and one.after
    ]
    hybrids = [project.with_release(after.name, one.package, one.before) for one in differing]
    said = "Putting back " + ", ".join(f"{one.package} {one.before}" for one in differing)
    ends = [ends_of(one, after, result.side) for one in hybrids]
    ran = trials.run(ends, said) if ends else []
    wanted = _exactly(result.tried[change.before], result.asked)
    swaps = [
        Swap(one, tried, guilty=_exactly(tried, result.asked) == wanted)
        for one, tried in zip(differing, ran, strict=True)
    ]
    searched = []
    for one in swaps:
        if one.guilty:
            ends_at = (one.difference.before, one.difference.after)
            with contextlib.suppress(UserError):  # its releases cannot be listed, or are not two
                searched.append(search(after, one.difference.package, ends_at))
    tensorflow = next((one for one in found.differences if one.package in TENSORFLOWS), None)
    return Attribution(names[0], names[1], tuple(swaps), tuple(searched), tensorflow)


def _exactly(tried: Tried, asked: Asked) -> str | None:
    """Return an outcome with the way it fails: a package that is too old fails in its own way."""
    return outcome(tried, asked if asked is Asked.SIGNATURE else Asked.FINGERPRINT)


def _minor(one: Environment) -> tuple[int, ...]:
    try:
        return Version(one.tensorflow).release[:2]
    except InvalidVersion:
        return ()

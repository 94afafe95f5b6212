"""Which releases the stated environments do not have, and what a project would state for them.

Environments whose names end with a minor release (`tf2.21`, `keras3.14`, `litert2.2`) are a row of
one package; another minor that came out is another environment of the row, and a patch release goes
in the place of the one before. A loader's own environment (`litert`) has the newest release; the
one that it had becomes part of the row of versions beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import Version

from savedmodel_matrix.model.release import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from savedmodel_matrix.model.environment import Environment
    from savedmodel_matrix.model.release import Release

    Releases = Callable[[str, str], list[Release]]  # of a package, for a Python

TENSORFLOW, TF_KERAS, KERAS = "tensorflow", "tf-keras", "keras"
_ROW = re.compile(r"([a-z0-9-]*[a-z-])(\d+\.\d+)")


def missing(
    environments: Mapping[str, Environment], releases: Releases, locked: Mapping[str, str]
) -> list[Missing]:
    """Return what is missing, in the order of the environments that would have it.

    ``locked`` are the releases of Keras in the locks of environments that others lie over. Raises
    UserError where the package index cannot be asked.
    """
    found: list[Missing] = []
    rows: dict[tuple[str, str], list[Environment]] = {}
    for one in environments.values():
        if (named := _ROW.fullmatch(one.name)) and (package := _package(one, named[2])):
            rows.setdefault((named[1], package), []).append(one)
    for (base, package), row in rows.items():
        found += _of_row(base, package, row, releases, locked)
    kept = {one.loaders_of for one in environments.values()} - {""}
    for name in sorted(kept & environments.keys()):
        found += _of_loader(environments[name], rows, releases)
    return found


def _of_row(
    base: str,
    package: str,
    row: list[Environment],
    releases: Releases,
    locked: Mapping[str, str],
) -> Iterator[Missing]:
    """Yield newer patch releases of each environment, and minors after the newest of a row."""
    own = not any(one.loaders_of for one in row)  # else the loader's own environment is newer
    for one in row:
        for pinned, had in _pinned(one, package):
            same = [r for r in releases(pinned, one.python) if _minor(r.version) == _minor(had)]
            yield from _newer(same, pinned, had, one.name)
    last = max(row, key=lambda one: _minor(_version(one, package)))
    newest = max(_minor(_version(last, package)), _minor(locked.get(last.over, "0")))
    later: dict[tuple[int, int], Release] = {}
    for release in releases(package, last.python) if own else ():
        if _minor(release.version) > newest:
            later[_minor(release.version)] = release
    for (major, minor), release in later.items():
        name, had = f"{base}{major}.{minor}", _version(last, package)
        yield Missing(package, release.version, release.day, name, had, like=last.name)
        for other, was in _pinned(last, package)[1:]:
            fitting = [
                r for r in releases(other, last.python) if _minor(r.version) <= (major, minor)
            ]
            yield from _newer(fitting, other, was, name)


def _of_loader(
    own: Environment,
    rows: Mapping[tuple[str, str], list[Environment]],
    releases: Releases,
) -> Iterator[Missing]:
    """Yield what is newer than a loader's own environment has, and what then keeps the older."""
    for (base, package), row in rows.items():
        had = dict(_stated(own)).get(package, "")
        if not had or not any(one.loaders_of == own.name for one in row):
            continue
        for newer in _newer(releases(package, own.python), package, had, own.name):
            yield newer
            name = f"{base}{'.'.join(map(str, _minor(had)))}"
            if _minor(newer.version) > _minor(had) and name not in {one.name for one in row}:
                last = max(row, key=lambda one: _minor(_version(one, package)))
                yield Missing(package, had, "", name, _version(last, package), like=last.name)


def _newer(releases: list[Release], package: str, had: str, name: str) -> Iterator[Missing]:
    if releases and Version(releases[-1].version) > Version(had):
        yield Missing(package, releases[-1].version, releases[-1].day, name, had)


def _package(one: Environment, minor: str) -> str:
    """Return the package whose minor release an environment is named for, "" if there is none."""
    return next((name for name, version in _stated(one) if _is(version, minor)), "")


def _is(version: str, minor: str) -> bool:
    return ".".join(version.split(".")[:2]) == minor


def _stated(one: Environment) -> list[tuple[str, str]]:
    """Return the releases that an environment states, by package."""
    own = [(TENSORFLOW, one.tensorflow), (TF_KERAS, one.tf_keras), (KERAS, one.keras)]
    packages = [tuple(each.split("==", 1)) for each in one.packages if "==" in each]
    return [(name, version) for name, version in (*own, *packages) if version]


def _pinned(one: Environment, package: str) -> list[tuple[str, str]]:
    """Return the package of a row with its release, and tf-keras where that goes with it."""
    stated = dict(_stated(one))
    names = [package, TF_KERAS] if package == TENSORFLOW else [package]
    return [(name, stated[name]) for name in names if name in stated]


def _version(one: Environment, package: str) -> str:
    return dict(_stated(one))[package]


def _minor(version: str) -> tuple[int, int]:
    release = (*Version(version).release, 0)
    return release[0], release[1]

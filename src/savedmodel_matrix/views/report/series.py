"""Releases in order: those of TensorFlow, and those of Keras over one TensorFlow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from savedmodel_matrix.views.release_links import compare_link, release_link
from savedmodel_matrix.views.report.names import part_of, safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from savedmodel_matrix.views.report.facts import Facts

TENSORFLOW, KERAS = "TensorFlow", "Keras"
# What a group of environments is about, where its name does not say it.
TITLES = {"released": "TensorFlow, each with the Keras of its day"}
_MINOR = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class Release:
    """An environment as a step in a series, with the versions that were installed in it."""

    environment: str
    tensorflow: str  # "" where it was not written down, as Keras's
    keras: str
    label: str  # "2.16": the minor version of the package of the series, else the environment


@dataclass(frozen=True)
class Series:
    """Releases of one package in order, and the cells that tell them apart."""

    package: str  # TENSORFLOW or KERAS
    title: str
    key: str  # the beginning of its anchors
    root: str  # where the part's own pages are, "" on them
    facts: Facts
    releases: tuple[Release, ...]


def series(facts: Facts) -> tuple[Series, ...]:
    """Return what there is of releases in order: the report's own, then those of its parts."""
    if facts.part:
        own = _of_part(facts, "")
        return (own,) if own else ()
    every = [_series(facts, TENSORFLOW, "TensorFlow, release by release", "tensorflow", "")]
    for inner in facts.parts:
        own = _of_part(inner, part_of(inner.part.group) if inner.part else "")
        every += [own] if own else []
    return tuple(one for one in every if len(one.releases) > 1)


def release(facts: Facts, environment: str, package: str = TENSORFLOW) -> Release:
    """Return an environment with its versions of TensorFlow and Keras."""
    stated = facts.run.get("environments", {}).get(environment, {}).get("packages", {})
    tensorflow = stated.get("tensorflow") or stated.get("tensorflow-cpu") or ""
    keras = stated.get("keras", "")
    minor = _MINOR.match(keras if package == KERAS else tensorflow)
    return Release(environment, tensorflow, keras, minor[0] if minor else environment)


def called(facts: Facts, environment: str) -> str:
    """Return what an environment is called in a sentence: "TensorFlow 2.16", else its name."""
    label = release(facts, environment).label
    plain = environment in (label, f"tf{label}")
    return f"TensorFlow {label}" if plain and label != environment else environment


def notes(package: str, version: str) -> str:
    """Return the address of a version's release notes, "" where none is known."""
    return release_link(package.lower(), version) if package in (TENSORFLOW, KERAS) else ""


def difference(package: str, before: str, after: str) -> str:
    """Return the address of the changes in the code between two versions, "" if none is known."""
    return compare_link(package.lower(), before, after) if package in (TENSORFLOW, KERAS) else ""


def _of_part(facts: Facts, root: str) -> Series | None:
    """Return the releases that a part tells apart: of Keras, if it has one TensorFlow only."""
    if not facts.part:
        return None
    group, names = facts.part.group, list(facts.part.environments)
    beside = [name for name in facts.part.beside if name not in names]
    every = [release(facts, name) for name in (*names, *beside)]
    stated = facts.run.get("environments", {})
    pythons = (_MINOR.search(stated.get(name, {}).get("python", "")) for name in names)
    if len({found[0] for found in pythons if found}) > 1:
        return None  # one release on several Pythons, whatever else these made of it
    if len({one.tensorflow for one in every}) == 1 and len({one.keras for one in every}) > 1:
        over = f"Keras, each over TensorFlow {every[0].tensorflow}"
        return _series(facts, KERAS, over, "keras", root, (*names, *beside))
    if len({one.tensorflow for one in every[: len(names)]}) > 1:
        title = TITLES.get(group, f"TensorFlow, environments {group}")
        return _series(facts, TENSORFLOW, title, safe(group), root, names)
    return None


def _series(
    facts: Facts,
    package: str,
    title: str,
    key: str,
    root: str,
    names: Iterable[str] | None = None,
) -> Series:
    releases = [release(facts, name, package) for name in names or facts.columns]
    if package == KERAS:
        releases.sort(key=lambda one: _version(one.keras))
    labels = [one.label for one in releases]
    if len({*labels}) < len(labels):  # two environments with one minor version: name them apart
        releases = [
            Release(one.environment, one.tensorflow, one.keras, one.environment) for one in releases
        ]
    return Series(package, title, key, root, facts, tuple(releases))


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")

"""The locks of this repository are those of what it states, and docs/environments.md has them."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from savedmodel_matrix.engine.planning import producing
from savedmodel_matrix.environments.locking import pins, stated
from savedmodel_matrix.environments.resolving import resolution
from savedmodel_matrix.model.environment import Environment
from savedmodel_matrix.model.requirements import TENSORFLOWS
from savedmodel_matrix.workspace.catalogue import find_cases, find_loaders
from savedmodel_matrix.workspace.project import find_project

PROJECT = find_project(Path(__file__))
DOCUMENT = (PROJECT.root / "docs" / "environments.md").read_text(encoding="utf-8")


def pinned(environment: Environment) -> dict[str, set[str]]:
    """Return every version by name; what is over another environment replaces what that has."""
    found = pinned(environment.base) if environment.base else {}
    own: dict[str, set[str]] = {}
    for name, version in pins(environment.lock.read_text(encoding="utf-8")):
        own.setdefault(name, set()).add(version)
    return found | own


def tables() -> list[tuple[str, str, str]]:
    """Return (environment, package, versions) of every cell of the document's tables."""
    cells, heading = [], []
    for line in DOCUMENT.splitlines():
        row = [word.strip(" `") for word in line.strip("|").split("|")]
        if line.startswith("| environment"):
            heading = row
        elif line.startswith("| `") and heading:
            cells += [(row[0], *pair) for pair in zip(heading[1:], row[1:], strict=True)]
        elif not line.startswith("|"):
            heading = []
    return cells


@pytest.mark.parametrize("name", PROJECT.environments)
def test_a_lock_has_what_is_stated_and_hashes_of_it(name: str) -> None:
    environment = PROJECT.environments[name]
    text = environment.lock.read_text(encoding="utf-8")
    assert set(stated(environment).items()) <= pins(text)
    assert f"nox -s lock -- --environment {name}\n" in text
    assert len(re.findall(r"(?m)^[a-z].*==[^\\]* \\\n    --hash=sha256:", text)) == len(
        re.findall("(?m)^[a-z]", text)
    )
    if environment.base:
        assert {package for package, _ in pins(text)} == set(stated(environment))


def test_no_lock_is_left_over() -> None:
    names = {file.stem for file in PROJECT.locks.glob("*.txt")}
    assert names == set(PROJECT.environments)


def test_every_environment_is_in_a_group() -> None:
    assert set().union(*PROJECT.groups.values()) == set(PROJECT.environments)


def test_the_document_has_the_versions_of_the_locks() -> None:
    cells = tables()
    assert {name for name, _, _ in cells} >= {
        *(name for name in PROJECT.select() if name.startswith("tf")),
        *PROJECT.groups["released"],
        *PROJECT.groups["keras"],
    }
    for name, package, versions in cells:
        assert pinned(PROJECT.environments[name])[package] == set(versions.split(" or ")), name


def test_the_document_has_the_day_of_each_released_set() -> None:
    assert len(PROJECT.groups["released"]) >= 6
    for name in PROJECT.groups["released"]:
        minor = name.removeprefix("tf").removesuffix("-released")
        day = PROJECT.environments[name].released
        assert re.search(rf"(?m)^\| {re.escape(minor)} \|.*\| {day} \|$", DOCUMENT)


def required() -> dict[str, Environment]:
    """Return what the shipped cases that require packages run in."""
    able = producing(list(PROJECT.environments.values()), find_loaders())
    found = (
        PROJECT.environment_for(case, one.name)
        for case in find_cases([PROJECT.cases])
        if case.requires
        for one in able
    )
    return {one.name: one for one in found}


@pytest.mark.parametrize("name", required())
def test_what_a_shipped_case_requires_is_locked_or_known_to_have_no_solution(name: str) -> None:
    environment = required()[name]
    refusal = resolution(environment)
    assert refusal is not None, "renew it with nox -s lock"
    found = {package for package, _ in pins(environment.lock.read_text(encoding="utf-8"))}
    assert not found & TENSORFLOWS
    assert refusal or {
        canonicalize_name(Requirement(one).name) for one in environment.requires
    } <= (found | pinned(environment).keys())


def test_no_lock_of_a_case_is_left_over() -> None:
    assert {file.stem for file in (PROJECT.locks / "cases").iterdir()} == required().keys()

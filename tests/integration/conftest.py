"""Real environments for the integration tests; `--environment NAME` chooses others than the default."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.environments.filling import fill
from savedmodel_matrix.environments.installer import find_uv
from savedmodel_matrix.store.run_directory import of_project
from savedmodel_matrix.workspace.catalogue import find_cases
from savedmodel_matrix.workspace.project import find_project

ROOT = Path(__file__).parents[2]
DEFAULT = ("tf2.15", "tf2.21")
PROJECT = find_project(ROOT)
CASES = {case.name: case for case in find_cases(PROJECT.case_directories)}


def pytest_generate_tests(metafunc):
    if "environment_name" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("environment") or DEFAULT
        metafunc.parametrize("environment_name", chosen, scope="session")


@pytest.fixture(scope="session", autouse=True)
def _bytecode():
    """Let plain scripts keep bytecode: TensorFlow is imported three times as fast with it."""
    with pytest.MonkeyPatch.context() as variables:
        variables.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


class Ready:
    """An environment that is installed."""

    def __init__(self, name):
        self.name = name
        self.python = PROJECT.environments[name].executable


@pytest.fixture(scope="session")
def environment(environment_name):
    """Return each environment under test, installed; a failure to install fails the test."""
    assert run_install(PROJECT, [environment_name]) == 0
    return Ready(environment_name)


def installed(environment, case):
    """Return an environment with what a case requires, installed, and the variables of a run."""
    beside = replace(PROJECT, environments={**PROJECT.environments, environment.name: environment})
    one = beside.environment_for(CASES[case], environment.name)
    directory = of_project(PROJECT.results)
    directory.claim()
    directory.logs.mkdir(exist_ok=True)
    asyncio.run(fill(one, find_uv(), directory.logs / f"install-{one.name}.log"))
    path = {"PYTHONPATH": str(one.path)} if one.path else {}
    return one, dict(one.variables) | path


def values_asked_for(request, parameter):
    """Return the values of a parameter in the selected tests of the fixture's own module.

    Other modules may call a parameter of theirs the same; those are none of its business.
    """
    return [
        item.callspec.params[parameter]
        for item in request.session.items
        if item.module is request.module and parameter in item.fixturenames
    ]


def sample(pairs, turn, number):
    """Return the pairs of one turn; all come in theirs, neighbours far apart."""
    turns = -(-len(pairs) // number)
    return pairs[turn % turns :: turns]


def turn_of(draw):
    """Return the turn that a text stands for, such as a commit: the same on every machine."""
    return int(hashlib.sha256(draw.encode()).hexdigest(), 16)

"""What the harness demands of the place where it runs."""

import sys
from importlib import import_module

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands import harness
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.commands.harness import HarnessCommand, demand_harness
from savedmodel_matrix.model.errors import UserError
from tests.unit.core import ROOT

CORE = {"diagnose", "repair", "explain"}


def test_every_command_but_those_of_the_core_demands_the_harness():
    others = {name for name, one in main.commands.items() if not isinstance(one, HarnessCommand)}
    assert others == CORE


def test_where_everything_is_there_nothing_is_said():
    demand_harness("matrix")


def test_an_older_python_is_said_to_be_one(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(UserError) as caught:
        demand_harness("matrix")
    assert str(caught.value) == (
        "`matrix` needs Python 3.11 or newer, and this is 3.10: install "
        "savedmodel-matrix[matrix] with a newer one."
    )


def test_the_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(harness, "MODULES", ("packaging", "no_such_package"))
    result = CliRunner().invoke(main, ["report"])
    assert result.exit_code == 2
    assert result.stderr == (
        "savedmodel-matrix: `report` needs the extra `matrix` (no_such_package is not installed): "
        'run pip install "savedmodel-matrix[matrix]".\n'
    )


def test_the_core_works_on_windows_as_far_as_this_command_knows(monkeypatch):
    import_module("savedmodel_matrix.commands.artifacts")  # the standard library knows where it is
    monkeypatch.setattr(sys, "platform", "win32")
    artifact = ROOT / "tests" / "data" / "savedmodels" / "export-2.21"
    result = CliRunner().invoke(main, ["diagnose", "--format", "json", str(artifact)])
    assert (result.exit_code, result.stderr) == (0, "")

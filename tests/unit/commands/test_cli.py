"""The command line as it is typed."""

import asyncio
import sys

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands import cli
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.commands.harness import NO_WINDOWS
from savedmodel_matrix.model.errors import UserError


@pytest.mark.parametrize("option", ["--environment", "--environments"])
def test_an_environment_is_selected_in_the_singular_and_in_the_plural(option):
    result = CliRunner().invoke(main, ["matrix", option, "tf1.15"])
    assert result.exit_code == 2
    assert "There is no environment 'tf1.15': did you mean 'tf2.15'" in result.stderr


def test_an_option_that_is_none_is_said_to_be_none():
    result = CliRunner().invoke(main, ["matrix", "--surroundings", "all"])
    assert result.exit_code == 2
    assert "No such option '--surroundings'" in result.stderr


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (UserError("cases/a.py: no."), 2, "savedmodel-matrix: cases/a.py: no."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (asyncio.CancelledError(), 130, "Interrupted."),
        (MemoryError(), 2, "savedmodel-matrix: This process ran out of memory: allow it more"),
    ],
)
def test_what_ends_a_command_is_one_sentence(monkeypatch, raised, status, said):
    def find_project(_):
        raise raised

    monkeypatch.setattr(cli, "find_project", find_project)
    result = CliRunner().invoke(main, ["matrix"])
    assert result.exit_code == status
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1


def test_a_system_that_is_not_supported_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    result = CliRunner().invoke(main, ["matrix"])
    assert result.exit_code == 2
    assert result.stderr == f"savedmodel-matrix: {NO_WINDOWS}\n"


def test_the_help_has_each_command_once_by_what_somebody_has():
    result = CliRunner().invoke(main, ["--help"])
    listed = [
        line.split()[0].rstrip(",") for line in result.output.splitlines() if line.startswith("  ")
    ]
    assert {name: listed.count(name) for name in main.commands} == dict.fromkeys(main.commands, 1)
    assert result.output.index("explain") < result.output.index("matrix, run  ")
    assert "..." not in result.output.partition("Options:")[2]


def test_run_is_another_name_of_matrix():
    said = [
        CliRunner().invoke(main, [name, "--environment", "tf1.15"]) for name in ("run", "matrix")
    ]
    assert [one.exit_code for one in said] == [2, 2]
    assert said[0].stderr == said[1].stderr
    shown = CliRunner().invoke(main, ["run", "--help"]).output
    assert shown.startswith("Usage: main run [OPTIONS]")
    assert "two names of this command" in " ".join(shown.split())
    assert "run" not in main.commands

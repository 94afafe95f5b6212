"""The command line as it is typed."""

import pytest
from click.testing import CliRunner

from savedmodel_matrix.cli import main


@pytest.mark.parametrize("option", ["--environment", "--environments"])
def test_an_environment_is_selected_in_the_singular_and_in_the_plural(option):
    result = CliRunner().invoke(main, ["matrix", option, "tf1.15"])
    assert result.exit_code == 2
    assert "There is no environment 'tf1.15': did you mean 'tf2.15'" in result.stderr


def test_an_option_that_is_none_is_said_to_be_none():
    result = CliRunner().invoke(main, ["matrix", "--surroundings", "all"])
    assert result.exit_code == 2
    assert "No such option '--surroundings'" in result.stderr

"""`check` runs nothing that its files say is not safe, unless it is told to trust it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from savedmodel_matrix.commands.check import run_check
from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.project import find_project

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data"
HOSTILE, HEALTHY = DATA / "safety" / "hostile", DATA / "safety" / "reads_assets"
ASKED = {"reference": "no-such", "inputs": None, "expected": None, "results": None}


@pytest.mark.parametrize("paths", [(HOSTILE,), (HEALTHY, HOSTILE)])
def test_an_artifact_that_writes_files_is_refused_in_a_sentence_that_names_the_finding(paths):
    with pytest.raises(UserError) as refused:
        run_check(find_project(ROOT), paths, **ASKED, trust=False)
    said = str(refused.value)
    assert str(HOSTILE) in said
    assert "signature 'write' runs WriteFile, which writes a file: 'written'" in said
    assert "and 1 more like it" in said
    assert "--trust" in said
    assert "\n" not in said


@pytest.mark.parametrize(("path", "trust"), [(HOSTILE, True), (HEALTHY, False)])
def test_what_is_trusted_or_safe_is_taken_further(path, trust):
    with pytest.raises(UserError, match="no-such"):  # what is looked at next
        run_check(find_project(ROOT), (path,), **ASKED, trust=trust)


def test_the_command_refuses_and_its_help_says_so():
    refused = CliRunner().invoke(main, ["check", str(HOSTILE)])
    assert refused.exit_code == 2
    assert "--trust" in refused.output
    assert "--trust" in CliRunner().invoke(main, ["check", "--help"]).output

"""The scripts of docs/upstream.md print what the page says, without the patch and with it."""

import os
import subprocess

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from tests.integration.conftest import PROJECT
from tests.upstream import defects

DEFECTS = defects()
SECONDS = 300  # of a few


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory):
    """Where all of these programs keep bytecode: most of what they import is the same."""
    return tmp_path_factory.mktemp("bytecode")


def printed(script, environment, bytecode):
    """Run a script as a plain program of an environment; return what it prints."""
    assert run_install(PROJECT, [environment]) == 0
    stated = PROJECT.environments[environment]
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("KERAS", "TF_"))
    }
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables |= {"PYTHONPATH": str(stated.path or ""), "PYTHONPYCACHEPREFIX": str(bytecode)}
    done = subprocess.run(
        [stated.executable, script.name],
        cwd=script.parent,
        env=variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.environment)
def test_a_script_shows_the_defect_and_its_patch_mends_it(defect, tmp_path, bytecode):
    script = tmp_path / "script.py"
    script.write_text(defect.script)
    base = PROJECT.environments[defect.environment].over
    assert printed(script, base, bytecode) == defect.printed
    assert printed(script, defect.environment, bytecode) == defect.mended

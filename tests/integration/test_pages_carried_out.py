"""What pages tell a reader to type that takes TensorFlow, typed in their order in one project.

What takes none is run by `tests/unit/test_docs.py`, with what it prints. Only `pip install` is left
out: the command is this checkout's. Environments are linked, where this machine has them.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from tests.integration.conftest import PROJECT, ROOT
from tests.unit.test_docs import DOCS, blocks, consoles

LINKED = ("tf2.15", "tf2.21")  # what `init` states
MODELS = {"my_model": "dense-2.21", "new_model": "dense-2.21", "old_model": "dense-2.15"}
DATA = ROOT / "tests" / "data" / "savedmodels"
MADE = ("repaired", "resaved", "proven", "for_serving")
PIP = "pip install"
OUTDATED = frozenset({0, 1})  # what the index has by the day on which it is asked
# In the order in which one leads to the next, with the exit status of what does not end with 0.
PAGES: dict[str, dict[str, Any]] = {
    "docs/tutorials/own-case.md": {},
    "docs/howto/pull-request.md": {"diagnose models/": 1},
    "docs/howto/upgrade.md": {"diagnose new_model --against old_model": 1},
    "docs/howto/add-a-version.md": {"outdated": OUTDATED},
    "docs/tutorials/repair.md": {"diagnose my_model": 1},
    "docs/howto/bulk.md": {"diagnose models/": 1},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return an empty directory of a reader, and the variables with the command on PATH."""
    assert run_install(PROJECT, list(LINKED)) == 0
    top = tmp_path_factory.mktemp("reader")
    script = top / "bin" / "savedmodel-matrix"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m savedmodel_matrix "$@"\n')
    script.chmod(0o755)
    programs = (script.parent, Path(sys.executable).parent, os.environ["PATH"])
    variables = {
        **os.environ,
        "PATH": os.pathsep.join(map(str, programs)),
        "PYTHONPATH": str(ROOT / "src"),
        "NO_COLOR": "1",
    }
    place = top / "mine"
    environments = place / ".nox" / "environments"
    environments.mkdir(parents=True)
    for name in LINKED:
        (environments / name).symlink_to(PROJECT.environments[name].directory.resolve())
    for name, stored in MODELS.items():
        shutil.copytree(DATA / stored, place / name)
    for name in ("one", "old"):
        shutil.copytree(DATA / "dense-2.21", place / "models" / name)
    return place, variables


def stated(page, place):
    """Do what a page says of `pyproject.toml` before its commands: add these lines."""
    file = place / "pyproject.toml"
    for block in blocks(page, "toml"):
        text = file.read_text(encoding="utf-8")
        for table, lines in re.findall(r"(?m)^(\[[^\]]+\])\n((?:(?!\[).+\n)*)", block):
            wanted = [line for line in lines.splitlines() if "3.16" not in line]  # of next year
            kept = [one for one in wanted if not one.startswith("default")]
            text = text.replace(f"{table}\n", "\n".join([table, *kept, ""]), 1)
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_can_be_done(page, project):
    place, variables = project
    for made in MADE:
        shutil.rmtree(place / made, ignore_errors=True)  # by the page before
    stated(page, place)
    for shown in consoles(page):
        if PIP in shown.command:
            continue
        if page.endswith("repair.md") and shown.command.startswith("cp "):
            continue  # the model is there, by the same name
        done = subprocess.run(
            ["sh", "-c", shown.command],
            cwd=place,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        expected = next((s for c, s in PAGES[page].items() if c in shown.command), 0)
        allowed = expected if isinstance(expected, frozenset) else {expected}
        told = f"{shown.command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        assert done.returncode in allowed, told
        assert "Traceback" not in done.stderr, told


def test_every_page_with_commands_to_carry_out_is_among_them():
    others = {
        "docs/howto/bulk.md",
        "docs/index.md",
    }  # which take no TensorFlow, or none that is theirs
    found = {str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md") if "_gen" not in str(path)}
    assert {page for page in found if consoles(page)} == {*PAGES, *others}

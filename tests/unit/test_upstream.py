"""docs/upstream.md: each section has every part, and its patch is the one that is measured."""

import re
from pathlib import Path

import pytest

from savedmodel_matrix.environments.patching import changes_in
from savedmodel_matrix.workspace.project import find_project
from tests.upstream import PARTS, defects

PROJECT = find_project(Path(__file__))
DEFECTS = defects()


def test_at_least_five_defects_are_numbered():
    numbers = [int(one.title.partition(".")[0]) for one in DEFECTS]
    assert numbers == list(range(1, len(DEFECTS) + 1))
    assert len(DEFECTS) >= 5


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.environment)
def test_a_section_has_every_part_in_order(defect):
    assert re.findall(r"(?m)^\*\*([A-Z][a-z ]+)", defect.text) == list(PARTS)
    assert defect.printed != defect.mended
    compile(defect.script, defect.title, "exec")
    named = set(re.findall(r"--with ([\w-]+)==([\d.]+)", defect.text))
    base = PROJECT.environments[PROJECT.environments[defect.environment].over]
    assert named == {("tensorflow-cpu", base.tensorflow), ("keras", "3.15.1")}
    assert re.search(
        r"\*\*At fault\.\*\* Keras \d[^`]*`keras/src/\S+\.py`, lines? \d+", defect.text
    )
    assert re.search(r"\*\*Since\.\*\* Keras 3", defect.text)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.environment)
def test_the_patch_shown_is_the_one_of_its_environment(defect):
    environment = PROJECT.environments[defect.environment]
    assert [PROJECT.root / defect.patch] == list(environment.patches)
    assert defect.diff == (PROJECT.root / defect.patch).read_text(encoding="utf-8")
    assert changes_in(defect.diff)


def test_every_patch_has_a_section_and_one_environment_has_them_all():
    files = {f"patches/{file.name}" for file in (PROJECT.root / "patches").iterdir()}
    assert {one.patch for one in DEFECTS} == files
    together = PROJECT.environments["patched-all"].patches
    assert {str(file.relative_to(PROJECT.root)) for file in together} == files
    assert len(together) == len(files)

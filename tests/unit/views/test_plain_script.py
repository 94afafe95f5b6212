"""Scripts of every case and way of saving: whole, Python, and with nothing of the matrix in them."""

import ast
import builtins
import re
from pathlib import Path

import pytest

from savedmodel_matrix.views.naming import WAYS
from savedmodel_matrix.views.plain_script import known_ways, plain_script
from savedmodel_matrix.workspace.catalogue import find_remedies
from savedmodel_matrix.workspace.project import find_project

ROOT = Path(__file__).parents[3]
CASES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "cases").glob("*.py")}
REMEDIES = find_remedies(find_project(ROOT).plugins.remedies)
SETTINGS = {one.name: tuple(one.settings.items()) for one in REMEDIES}
OURS = re.compile(r"savedmodel.matrix|savedmodel_matrix", re.IGNORECASE)
STATED = ("group", "issue", "changed", "requires", "tolerance")
OF_A_MODEL = {"model-export", "keras-file", "h5-file", "weights-only"}


def made(text, remedy, settings=()):
    """Return the script of a case that has one."""
    script = plain_script(text, remedy, settings)
    assert script is not None
    return script


def scripts(case):
    found = {name: plain_script(CASES[case], name, SETTINGS[name]) for name in SETTINGS}
    return {name: script for name, script in found.items() if script}


def test_every_way_of_saving_has_a_plain_form():
    assert known_ways() == set(SETTINGS) == set(WAYS)


@pytest.mark.parametrize("case", sorted(CASES))
def test_scripts_of_a_case_are_python_and_have_nothing_of_the_matrix(case):
    found = scripts(case)
    assert found.keys() >= known_ways() - OF_A_MODEL
    for name, script in found.items():
        tree = ast.parse(script.text)
        assigned = {ast.unparse(n.targets[0]) for n in tree.body if isinstance(n, ast.Assign)}
        assert not assigned & set(STATED), name
        assert bool(OURS.search(script.text)) == script.command == (name == "repair")
        assert ast.get_docstring(ast.parse(script.program)) == ast.get_docstring(
            ast.parse(CASES[case])
        )
        assert max(map(len, script.text.splitlines())) <= 100


@pytest.mark.parametrize("case", sorted(CASES))
def test_every_name_that_a_script_reads_is_bound_in_it(case):
    for name, script in scripts(case).items():
        tree = ast.parse(script.text)
        nodes = list(ast.walk(tree))
        bound = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        bound |= {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
        imports = [n for n in nodes if isinstance(n, (ast.Import, ast.ImportFrom))]
        bound |= {alias.asname or alias.name for one in imports for alias in one.names}
        read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        assert read <= bound | set(dir(builtins)), (name, read - bound)


def test_program_and_check_are_the_same_for_every_way_so_that_a_page_has_them_once():
    for case in CASES:
        found = scripts(case).values()
        assert len({(one.program, one.check) for one in found}) == 1


def test_settings_come_before_tensorflow_is_imported():
    script = made(CASES["module_dense"], "legacy-keras", (("TF_USE_LEGACY_KERAS", "1"),))
    lines = script.text.splitlines()
    assert lines.index("os.environ['TF_USE_LEGACY_KERAS'] = '1'") < lines.index(
        "import tensorflow as tf"
    )
    assert made(CASES["module_dense"], "as-written").settings == ""
    future = CASES["module_dense"].replace(
        "import numpy", "from __future__ import annotations\nimport numpy"
    )
    assert plain_script(future, "as-written")
    assert plain_script(future, "legacy-keras", (("A", "1"),)) is None


def test_a_module_without_a_model_in_its_place_has_no_script_of_a_models_own_ways():
    assert plain_script(CASES["vocabulary_file"], "model-export") is None
    assert plain_script(CASES["module_dense"], "model-export")
    assert plain_script(CASES["functional_direct"], "keras-file")


def test_the_tolerance_is_the_cases():
    stated = made(CASES["mixed_float16"], "as-written").check
    assert "\n            rtol = 0.005\n" in stated
    both = CASES["mixed_float16"].replace("tolerance = 5e-3", 'tolerance = {"rtol": 1, "atol": 2}')
    assert "own = {'rtol': 1, 'atol': 2}" in made(both, "as-written").check
    assert "rtol = 0.005" not in made(CASES["module_dense"], "as-written").check


def test_what_is_no_case_and_a_way_of_a_users_own_have_no_script():
    assert plain_script("def build(:", "as-written") is None
    assert plain_script(CASES["module_dense"], "their-own") is None


@pytest.mark.parametrize("case", sorted(CASES))
def test_what_reads_a_saved_model_is_what_the_loader_says(case):
    words = {
        "libtensorflow": "Session",
        "tflite": "TFLiteConverter",
        "frozen-graph": "to_constants",
        "TFSMLayer": "layers.TFSMLayer",
    }
    elsewhere = {"litert": "ai_edge", "tflite-runtime": "tflite_runtime"}
    elsewhere |= {"openvino": "openvino.Core", "onnxruntime": "tf2onnx"}
    if made_with := plain_script(CASES[case], "as-written"):
        for loader, word in (words | elsewhere).items():
            apart = loader in elsewhere
            script = plain_script(CASES[case], "as-written", (), loader, apart=apart)
            assert script is not None
            ast.parse(script.text)
            assert word in script.check
            assert word not in made_with.check
            assert (script.program, script.save) == (made_with.program, made_with.save)


def test_a_loader_of_another_format_has_no_script():
    text = CASES["functional_direct"]
    assert plain_script(text, "keras-file", (), "tf.saved_model.load") is None
    assert plain_script(text, "as-written", (), "keras.models.load_model") is None
    assert plain_script(text, "as-written", (), "openvino") is None
    assert plain_script(text, "keras-file", (), "keras.models.load_model") is not None


@pytest.mark.parametrize(
    "own",
    ["def compare(a, b):\n    return a", "held = 1", "import os as check", "for raw in (): pass"],
)
def test_a_case_that_has_a_name_of_the_scripts_own_has_no_script(own):
    text = CASES["module_dense"]
    assert plain_script(text, "as-written") is not None
    assert plain_script(f"{text}\n\n{own}\n", "as-written") is None

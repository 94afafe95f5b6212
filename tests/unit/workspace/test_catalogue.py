"""Files are read without being run."""

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.catalogue import (
    choose,
    find_cases,
    find_converters,
    find_loaders,
    find_remedies,
    read_case,
)

CASE = '"""A title.\n\nMore."""\nraise SystemExit\ninputs = {"x": 1}\ndef build(): ...\n'


def write(directory, name, text):
    path = directory / name
    path.write_text(text)
    return path


def test_a_case_is_read_and_not_run(tmp_path):
    case = read_case(write(tmp_path, "mine.py", CASE))
    assert (case.name, case.title, case.complaint) == ("mine", "A title.", "")


def test_a_case_can_state_its_group_and_its_reports(tmp_path):
    stated = CASE + 'group = "Mine"\nissue = "https://example.org/1"\n'
    case = read_case(write(tmp_path, "mine.py", stated))
    assert (case.group, case.issues) == ("Mine", ("https://example.org/1",))
    assert read_case(write(tmp_path, "other.py", CASE)).group == ""


def test_a_syntax_error_names_file_and_line(tmp_path):
    path = write(tmp_path, "bad.py", "x = 1\ndef build(:\n")
    assert read_case(path).complaint.startswith(f"{path}:2: SyntaxError")


@pytest.mark.parametrize(
    ("text", "lacking"), [("inputs = {}", "build"), ("def build(): ...", "inputs")]
)
def test_what_is_lacking_is_said(tmp_path, text, lacking):
    assert f"needs {lacking}" in read_case(write(tmp_path, "bad.py", text)).complaint


BUILD = "def build(): ...\n"


@pytest.mark.parametrize(
    "text",
    [
        "inputs = {}",
        "inputs: dict = {}",
        "inputs, other = {}, 1",
        "[other, *inputs] = 1, 2",
        "from numpy import array as inputs",
        "import inputs.deep",
        "from numpy import *",
        "if True:\n    inputs = {}",
        "try:\n    import x\nexcept ImportError:\n    inputs = {}",
        "with open('x') as f:\n    inputs = {}",
        "for inputs in ():\n    pass",
        "(inputs := {})",
        "[inputs := i for i in ()]",
        "def fill():\n    global inputs\n    inputs = {}\nfill()",
        "match 1:\n    case inputs: ...",
        "def inputs(): ...",
        "class inputs: ...",
    ],
)
def test_what_the_module_binds_is_there(tmp_path, text):
    assert read_case(write(tmp_path, "mine.py", BUILD + text)).complaint == ""


@pytest.mark.parametrize(
    "text",
    [
        "def serve(x):\n    inputs = x\n    return inputs",
        "class Model:\n    inputs = {}\n    def serve(self, inputs):\n        self.inputs = inputs",
        "serve = lambda inputs: inputs",
        "named = [inputs for inputs in ()]",
        "serve = lambda: (inputs := 1)",
        "print(inputs)",
        "model.inputs = {}",
        "model['inputs'] = {}",
    ],
)
def test_what_is_bound_elsewhere_is_not(tmp_path, text):
    assert "needs inputs" in read_case(write(tmp_path, "mine.py", BUILD + text)).complaint


def test_helpers_are_no_cases(tmp_path):
    write(tmp_path, "_helper.py", CASE)
    write(tmp_path, "mine.py", CASE)
    assert [case.name for case in find_cases([tmp_path])] == ["mine"]


def test_one_name_in_two_directories_is_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "mine.py", CASE)
    with pytest.raises(UserError, match="rename one"):
        find_cases([tmp_path / "a", tmp_path / "b"])


def test_a_directory_that_is_none_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        find_cases([tmp_path / "nowhere"])


def test_the_contract_names_of_remedies_and_loaders():
    assert [remedy.name for remedy in find_remedies()] == [
        "as-written",
        "checkpoint",
        "export-archive",
        "h5-file",
        "keras-file",
        "legacy-keras",
        "model-export",
        "patch-keras",
        "repair",
        "resave",
        "track-keras-variables",
        "track-tf-variables",
        "weights-only",
    ]
    names = {loader.name for loader in find_loaders()}
    assert names >= {"libtensorflow", "saved_model_cli", "tf.saved_model.load"}


def test_every_loader_reads_what_a_remedy_writes_or_a_converter_makes_of_it():
    written = {remedy.writes for remedy in find_remedies()}
    converted = {one.writes for one in find_converters() if one.reads in written}
    read = {format_ for loader in find_loaders() for format_ in loader.reads}
    assert written <= read <= written | converted


def test_a_misspelt_name_gets_the_nearest():
    with pytest.raises(UserError, match="did you mean 'module_dense'"):
        choose("case", ["modul_dens"], ["module_dense", "mixed_float16"])


def test_nothing_asked_for_is_everything():
    assert choose("case", [], ["a", "b"]) == ["a", "b"]


def test_what_a_case_requires_is_read_and_not_run(tmp_path):
    stated = CASE + 'requires = ["tensorflow-text=={tensorflow-minor}.*", "toolz"]\n'
    case = read_case(write(tmp_path, "mine.py", stated))
    assert case.requires == ("tensorflow-text=={tensorflow-minor}.*", "toolz")
    assert case.refused == ""
    assert read_case(write(tmp_path, "other.py", CASE)).requires == ()
    annotated = CASE + 'requires: list[str] = ["toolz"]\n'
    assert read_case(write(tmp_path, "annotated.py", annotated)).requires == ("toolz",)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ('"toolz"', "must be a literal list"),
        ("COMMON + ['toolz']", "must be a literal list"),
        ("{[]: 1}", "must be a literal list"),
        ("['tool z']", "'tool z' is no PEP 508 requirement"),
        ("['toolz', 'tensorflow>=2.16']", "the environment decides"),
        ("[1]", "1 is no requirement"),
    ],
)
def test_requirements_that_cannot_be_used_are_refused_with_file_and_line(tmp_path, stated, said):
    path = write(tmp_path, "bad.py", f"{CASE}requires = {stated}\n")
    case = read_case(path)
    assert case.requires == ()
    assert case.refused.startswith(f"{path}:7: ")
    assert said in case.refused
    assert "\n" not in case.refused

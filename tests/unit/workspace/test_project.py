"""The environments as data: what is read, and the sentence that each mistake gets."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.project import _project, find_project

GOOD = """
[tool.savedmodel-matrix.environments]
"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }
"tf2.9" = { python = "3.10.13", tensorflow = "2.9.3", tf-keras = "2.15.0" }
"tf3-next" = { python = "3.13", tensorflow = "3.0.0rc1", tf-keras = "2.22.0.post1" }

[tool.savedmodel-matrix.groups]
default = ["tf2.21"]
"""

KINDS = """
[tool.savedmodel-matrix.environments]
"keras3.0" = { over = "tf2.21", keras = "3.0.5", packages = ["dm-tree==0.1.10"] }
"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }
"tf2.16-released" = { python = "3.11.7", tensorflow = "2.16.1", released = "2024-03-09" }
"openvino" = { python = "3.12", packages = ["openvino==2026.4.1"] }
"runtime" = { over = "openvino", packages = ["onnxruntime==1.32.0"] }
"jax" = { python = "3.11", tensorflow = "2.21.0", packages = ["jax==0.9.0.1"], variables = { KERAS_BACKEND = "jax" } }

[tool.savedmodel-matrix.groups]
keras = ["keras3.0"]
default = ["openvino", "tf2.21", "tf2.21"]
"""


def state(directory: Path, text: str) -> Path:
    file = directory / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_environments_are_read_in_their_order(tmp_path: Path) -> None:
    state(tmp_path, GOOD)
    project = find_project(tmp_path)
    assert list(project.environments) == ["tf2.21", "tf2.9", "tf3-next"]
    environment = project.environments["tf2.9"]
    assert environment.name == "tf2.9"
    assert environment.python == "3.10.13"
    assert environment.tensorflow == "2.9.3"
    assert environment.tf_keras == "2.15.0"
    assert environment.lock == tmp_path / "locks" / "tf2.9.txt"
    assert environment.lock_name == "locks/tf2.9.txt"
    assert environment.directory == tmp_path / ".nox" / "environments" / "tf2.9"


def test_every_kind_of_environment_is_read(tmp_path: Path) -> None:
    state(tmp_path, KINDS)
    made = find_project(tmp_path).environments
    assert list(made) == ["keras3.0", "tf2.21", "tf2.16-released", "openvino", "runtime", "jax"]
    plain = made["tf2.21"]
    assert (plain.over, plain.base, plain.path, plain.packages) == ("", None, None, ())
    assert (plain.keras, plain.released, plain.variables) == ("", "", {})
    keras = made["keras3.0"]
    assert (keras.over, keras.base) == ("tf2.21", plain)
    assert (keras.keras, keras.tensorflow, keras.tf_keras) == ("3.0.5", "", "")
    assert keras.packages == ("dm-tree==0.1.10",)
    assert keras.python == "3.11"
    assert keras.executable == plain.executable
    assert keras.directory == tmp_path / ".nox" / "environments" / "keras3.0"
    assert keras.path == keras.directory / "packages"
    assert made["runtime"].python == "3.12"
    assert made["tf2.16-released"].released == "2024-03-09"
    assert made["tf2.16-released"].tf_keras == ""
    assert made["jax"].variables == {"KERAS_BACKEND": "jax"}
    with_tensorflow = [name for name, one in made.items() if one.has_tensorflow]
    assert with_tensorflow == ["keras3.0", "tf2.21", "tf2.16-released", "jax"]
    assert len({*made.values()}) == len(made)  # what is a key of dictionaries must hash


def test_what_is_in_an_environment_is_said_in_a_few_words(tmp_path: Path) -> None:
    state(tmp_path, KINDS)
    assert [one.contents for one in find_project(tmp_path).environments.values()] == [
        "Keras 3.0.5, dm-tree 0.1.10 over tf2.21",
        "TensorFlow 2.21.0",
        "TensorFlow 2.16.1 as of 2024-03-09",
        "openvino 2026.4.1",
        "onnxruntime 1.32.0 over openvino",
        "TensorFlow 2.21.0, jax 0.9.0.1",
    ]


@pytest.mark.parametrize(
    ("names", "selected"),
    [
        ([], ["tf2.21", "openvino"]),
        (["default"], ["tf2.21", "openvino"]),
        (["jax"], ["jax"]),
        (["tf2.21", "keras", "default", "tf2.21"], ["keras3.0", "tf2.21", "openvino"]),
        (
            ["jax", "all"],
            ["keras3.0", "tf2.21", "tf2.16-released", "openvino", "runtime", "jax"],
        ),
    ],
)
def test_a_selection_has_the_order_of_the_file(
    tmp_path: Path, names: list[str], selected: list[str]
) -> None:
    state(tmp_path, KINDS)
    assert find_project(tmp_path).select(names) == selected


def test_an_unknown_name_gets_the_nearest_one(tmp_path: Path) -> None:
    state(tmp_path, KINDS)
    project = find_project(tmp_path)
    with pytest.raises(UserError, match=r"no environment 'karas': did you mean 'keras'\?"):
        project.select(["jax", "karas"])
    with pytest.raises(UserError, match=r"no environment 'zzz': known are keras3\.0, .*, all\."):
        project.select(["zzz"])


def test_the_directories_are_those_of_the_design(tmp_path: Path) -> None:
    state(tmp_path, GOOD)
    project = find_project(tmp_path)
    assert project.root == tmp_path
    names = (project.cases, project.results, project.locks, project.report)
    assert [path.relative_to(tmp_path).as_posix() for path in names] == [
        "cases",
        "results",
        "locks",
        "report",
    ]


@pytest.mark.parametrize(
    ("platform", "inside"), [("linux", "bin/python"), ("win32", "Scripts/python.exe")]
)
def test_the_executable_is_where_the_platform_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, inside: str
) -> None:
    state(tmp_path, GOOD)
    environment = find_project(tmp_path).environments["tf2.21"]
    monkeypatch.setattr("sys.platform", platform)
    assert environment.executable == environment.directory / inside


def test_the_nearest_project_above_is_found(tmp_path: Path) -> None:
    state(tmp_path, GOOD)
    inner = tmp_path / "cases" / "deep"
    inner.mkdir(parents=True)
    # Another tool's file on the way up is passed by.
    state(inner, '[project]\nname = "of somebody else"\n')
    assert find_project(inner).root == tmp_path


def test_a_relative_start_is_taken_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(tmp_path, GOOD)
    (tmp_path / "cases").mkdir()
    monkeypatch.chdir(tmp_path / "cases")
    assert find_project(Path()).root == tmp_path


def test_no_project_at_all(tmp_path: Path) -> None:
    state(tmp_path, '[project]\nname = "other"\n')
    with pytest.raises(UserError, match=r"No pyproject\.toml with a table .* run the command in"):
        find_project(tmp_path)


def test_a_project_cannot_be_changed(tmp_path: Path) -> None:
    state(tmp_path, GOOD)
    project = find_project(tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        project.root = tmp_path / "elsewhere"  # type: ignore[misc]
    moved = dataclasses.replace(project, results=tmp_path / "elsewhere")
    assert moved.results == tmp_path / "elsewhere"


LINE = 'python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0"'
GROUPS = '[tool.savedmodel-matrix.groups]\ndefault = ["tf2.21"]\n'
HEAD = f"{GROUPS}[tool.savedmodel-matrix.environments]\n"
PLAIN = f'"tf2.21" = {{ {LINE} }}\n'


def line(values: str) -> str:
    """State an environment x beside a plain one."""
    return f'{HEAD}{PLAIN}"x" = {{ {values} }}\n'


def groups(lines: str) -> str:
    """State groups of one environment."""
    return (
        f"[tool.savedmodel-matrix.environments]\n{PLAIN}[tool.savedmodel-matrix.groups]\n{lines}\n"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[tool.savedmodel-matrix\n", "is not valid TOML: .*line 1"),
        ("[tool.savedmodel-matrix]\n", 'lacks the key "environments"'),
        (
            '[tool.savedmodel-matrix.enviroments]\n"tf2.21" = {}\n',
            'unknown key "enviroments": did you mean "environments"',
        ),
        (
            "[tool]\nsavedmodel-matrix = 3\n",
            'must be a table with "environments" and "groups", not 3',
        ),
        (HEAD, "states no environment: add a line"),
        (
            "[tool.savedmodel-matrix]\nenvironments = []\ngroups = {}\n",
            "states no environment: add a line",
        ),
        (f"{HEAD}'tf 2/../21' = {{ {LINE} }}\n", "an environment named .*letters, digits"),
        (f"{HEAD}'' = {{ {LINE} }}\n", 'an environment named "": use letters'),
        (
            f'{HEAD}"tf2.21" = "2.21.0"\n',
            "tf2.21 must be a table with \"python\", not '2.21.0'",
        ),
        (
            f'{HEAD}"tf2.21" = {{ tensorflow = "2.21.0" }}\n',
            'tf2.21 lacks the key "python": it needs "python"',
        ),
        (
            f'{HEAD}"tf2.21" = {{ {LINE}, tensorfow = "2" }}\n',
            'tf2.21 has an unknown key "tensorfow": did you mean "tensorflow"',
        ),
        (
            f'{HEAD}"tf2.21" = {{ {LINE.replace("2.21.0", ">=2.21", 1)} }}\n',
            "tf2.21: tensorflow must be one version in quotes, such as .*, not '>=2.21'",
        ),
        (
            f'{HEAD}"tf2.21" = {{ {LINE.replace(chr(34) + "3.11" + chr(34), "3.11")} }}\n',
            'tf2.21: python must be one version in quotes, such as "3.11", not 3.11',
        ),
        (
            f'{HEAD}"tf2.21" = {{ {LINE.replace("3.11", "2.7")} }}\n',
            "tf2.21: python must be one version",
        ),
        (
            f'{HEAD}"tf2.21" = {{ {LINE.replace("2.21.0", "2.21.0 ; evil", 1)} }}\n',
            "tf2.21: tensorflow must be one version",
        ),
        (f"[tool.savedmodel-matrix.environments]\n{PLAIN}", 'lacks the key "groups"'),
        (line('python = "3.11"'), "x states nothing to install: state one of"),
        (line('python = "3.11", tf-keras = "2.21.0"'), "x states tf-keras without TensorFlow"),
        (line('python = "3.11", keras = 3.0'), "x: keras must be one version .*, not 3.0"),
        (line('python = "3.11", packages = "jax"'), "x: packages must be a list .*, not 'jax'"),
        (line('python = "3.11", packages = ["jax>=1.2"]'), "a name and one version .*'jax>=1.2'"),
        (line('python = "3.11", packages = [1]'), "packages must hold a name .*, not 1"),
        (
            line('python = "3.11", packages = ["TF_Keras==2.21.0"]'),
            'state tf-keras with its key, tf-keras = "2.21.0", instead',
        ),
        (
            line('python = "3.11", packages = ["dm-tree==0.1.9", "DM_tree==0.1.10"]'),
            "x: packages has dm-tree more than once",
        ),
        (line(f"{LINE}, released = 2024-03-09"), "x: released must be a date in quotes"),
        (line(f'{LINE}, released = "2024-02-30"'), "x: released must be .* not '2024-02-30'"),
        (line(f'{LINE}, released = "20240309"'), "x: released must be a date in quotes"),
        (line(f"{LINE}, variables = {{ A = 1 }}"), "x: variables must be a table of names"),
        (line(f'{LINE}, variables = {{ "A=B" = "1" }}'), "x: variables must be a table of names"),
        (line(f'{LINE}, variables = "A=1"'), "x: variables must be .*, not 'A=1'"),
        (
            line('over = "tf2.12", keras = "3.0.5"'),
            "x: over names \"tf2.12\", which is no environment: did you mean 'tf2.21'",
        ),
        (line('over = 2.21, keras = "3.0.5"'), r"x: over must be a name in quotes, not 2\.21"),
        (line('over = "x", keras = "3.0.5"'), "x: over names x, which is itself over another one"),
        (
            line('over = "y", keras = "3.0.5" }\n"y" = { over = "tf2.21", keras = "3.1.1"'),
            "x: over names y, which is itself over another one",
        ),
        (
            line('over = "tf2.21"'),
            'x states nothing to install: state one of "keras" and "packages"',
        ),
        (
            line(f'{LINE}, loaders-of = "tf2.12"'),
            "x: loaders-of names \"tf2.12\", which is no environment: did you mean 'tf2.21'",
        ),
        (line(f"{LINE}, loaders-of = 3"), "x: loaders-of must be a name in quotes, not 3"),
        (
            line(f'{LINE}, loaders-of = "x"'),
            "x: loaders-of names x, which is not the environment that a loader states",
        ),
        (line('over = "tf2.21", python = "3.11"'), 'x has an unknown key "python"'),
        (line('over = "tf2.21", tensorflow = "2.21.0"'), 'x has an unknown key "tensorflow"'),
        (groups('released = ["tf2.21"]'), r'groups\] lacks the key "default": .*default = \["tf2'),
        (
            groups('default = ["tf2.21", "tf2.12"]'),
            "groups\\]: default names \"tf2.12\", which is no environment: did you mean 'tf2.21'",
        ),
        (groups("default = [3]"), "default must be a name in quotes, not 3"),
        (groups("default = []"), r"default must be a list of environments, not \[\]"),
        (groups('default = "tf2.21"'), "default must be a list of environments, not 'tf2.21'"),
        (
            groups('default = ["tf2.21"]\nall = ["tf2.21"]'),
            'a group named "all", which means every environment: rename it',
        ),
        (
            groups('default = ["tf2.21"]\n"tf2.21" = ["tf2.21"]'),
            'a group named "tf2.21", which means an environment',
        ),
        (groups('default = ["tf2.21"]\n"a b" = ["tf2.21"]'), 'a group named "a b": use letters'),
    ],
)
def test_each_mistake_gets_one_sentence_that_names_the_file(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = state(tmp_path, text)
    with pytest.raises(UserError, match=sentence) as caught:
        find_project(tmp_path)
    assert str(caught.value).startswith(str(file))
    assert str(caught.value).endswith((".", "?"))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="is not valid TOML"):
        find_project(tmp_path)


WORDS = st.text(max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["python", "tensorflow", "tf-keras", "keras", "packages", "released", "variables", "over"]
)
VALUES = st.sampled_from(
    ["3.11", "2.21.0", ["jax==0.9.2"], ["x"], "2024-03-09", {"A": "b"}, "tf2.21", "x"]
)


@given(
    st.dictionaries(KEYS | WORDS, VALUES | JSON, max_size=5) | JSON,
    st.dictionaries(st.just("default") | WORDS, st.just(["x"]) | JSON, max_size=3) | JSON,
)
def test_whatever_is_stated_is_read_or_gets_one_sentence(values: object, stated: object) -> None:
    plain = {"python": "3.11", "tensorflow": "2.21.0"}
    table = {"environments": {"tf2.21": plain, "x": values}, "groups": stated}
    said, project = "", None
    try:
        project = _project(Path("/checkout/pyproject.toml"), table)
    except UserError as error:
        said = str(error)
    if project:
        assert list(project.environments) == ["tf2.21", "x"]
        assert project.select()
        assert project.environments["x"].contents
    else:
        assert said.startswith("/checkout/pyproject.toml: [tool.savedmodel-matrix")
        assert said.endswith((".", "?"))


def test_patches_are_files_of_the_project(tmp_path: Path) -> None:
    state(tmp_path, GOOD.replace("tf-keras = ", 'patches = ["patches/a.diff"], tf-keras = ', 1))
    found = find_project(tmp_path).environments["tf2.21"]
    assert found.patches == (tmp_path / "patches" / "a.diff",)
    assert found.contents == "TensorFlow 2.21.0 with a.diff"


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ('"a.diff"', "patches must be a list"),
        ('["../a.diff"]', "unified diffs inside the project"),
        ('["a.txt"]', "unified diffs inside the project"),
        ('["a.diff", "a.diff"]', "has a.diff more than once"),
    ],
)
def test_patches_that_cannot_be_used(tmp_path: Path, stated: str, sentence: str) -> None:
    state(tmp_path, GOOD.replace("tf-keras = ", f"patches = {stated}, tf-keras = ", 1))
    with pytest.raises(UserError, match=sentence):
        find_project(tmp_path)

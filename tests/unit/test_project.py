"""The environments as data: what is read, and the sentence that each mistake gets."""

import dataclasses
from pathlib import Path

import pytest

from savedmodel_matrix.errors import UserError
from savedmodel_matrix.project import find_project

GOOD = """
[tool.savedmodel-matrix.environments]
"tf2.21" = { python = "3.11", tensorflow = "2.21.0", tf-keras = "2.21.0" }
"tf2.9" = { python = "3.10.13", tensorflow = "2.9.3", tf-keras = "2.15.0" }
"tf3-next" = { python = "3.13", tensorflow = "3.0.0rc1", tf-keras = "2.22.0.post1" }
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
HEAD = "[tool.savedmodel-matrix.environments]\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[tool.savedmodel-matrix\n", "is not valid TOML: .*line 1"),
        ("[tool.savedmodel-matrix]\n", 'lacks the key "environments"'),
        (
            '[tool.savedmodel-matrix.enviroments]\n"tf2.21" = {}\n',
            'unknown key "enviroments": did you mean "environments"',
        ),
        ("[tool]\nsavedmodel-matrix = 3\n", 'must be a table with "environments", not 3'),
        (HEAD, "states no environment: add a line"),
        ("[tool.savedmodel-matrix]\nenvironments = []\n", "states no environment: add a line"),
        (f"{HEAD}'tf 2/../21' = {{ {LINE} }}\n", "an environment named .*letters, digits"),
        (f"{HEAD}'' = {{ {LINE} }}\n", 'an environment named "": use letters'),
        (
            f'{HEAD}"tf2.21" = "2.21.0"\n',
            'tf2.21 must be a table with "python", "tensorflow" and "tf-keras", not \'2.21.0\'',
        ),
        (
            f'{HEAD}"tf2.21" = {{ python = "3.11", tensorflow = "2.21.0" }}\n',
            'tf2.21 lacks the key "tf-keras"',
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

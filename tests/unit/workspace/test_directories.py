"""Cases and plugins of one's own: where they are stated, and the sentences for what is wrong."""

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.catalogue import find_converters, find_loaders, find_remedies
from savedmodel_matrix.workspace.directories import Directories
from savedmodel_matrix.workspace.project import find_project

STATED = """
[tool.savedmodel-matrix]
{}

[tool.savedmodel-matrix.environments]
"tf2.21" = {{ python = "3.11", tensorflow = "2.21.0" }}

[tool.savedmodel-matrix.groups]
default = ["tf2.21"]
"""
REMEDY = 'name = "{}"\nwrites = "SavedModel"\n\n\ndef save(case, obj, directory): ...\n'
LOADER = 'name = "{}"\nreads = "SavedModel"\npreload = []\n'
CONVERTER = 'name = "{}"\nreads = "SavedModel"\nwrites = "mine"\n'


def state(root, lines, *directories):
    root.mkdir(exist_ok=True)
    for directory in directories:
        (root / directory).mkdir(parents=True)
    (root / "pyproject.toml").write_text(STATED.format(lines))
    return root


def test_a_project_states_its_directories_relative_to_itself(tmp_path):
    lines = 'cases = ["my/cases", "more"]\nremedies = ["my/remedies"]\nloaders = ["my/loaders"]'
    root = state(tmp_path, lines, "my/cases", "more", "my/remedies", "my/loaders", "below")
    project = find_project(root / "below")
    assert (project.cases, project.more_cases) == (root / "my/cases", (root / "more",))
    assert project.plugins == Directories((root / "my/remedies",), (root / "my/loaders",))


def test_a_project_that_states_none_has_its_cases_in_cases(tmp_path):
    project = find_project(state(tmp_path, ""))
    assert (project.cases, project.more_cases) == (tmp_path / "cases", ())
    assert project.plugins == Directories()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('remedies = "my"', r"remedies must be a list of directories such as \[\"my/remedies\"\]"),
        ("loaders = [1]", "loaders must be a list of directories"),
        ('converters = [""]', "converters must be a list of directories"),
        ('cases = ["nowhere"]', "cases names 'nowhere', which is no directory in "),
        ('remedy = ["my"]', 'unknown key "remedy": did you mean "remedies"'),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, line, says):
    with pytest.raises(UserError, match=says) as caught:
        find_project(state(tmp_path, line))
    assert str(caught.value).startswith(f"{tmp_path / 'pyproject.toml'}: [tool.savedmodel-matrix]")


@pytest.mark.parametrize(
    ("find", "form", "shipped"),
    [
        (find_remedies, REMEDY, "as-written"),
        (find_loaders, LOADER, "openvino"),
        (find_converters, CONVERTER, "tflite"),
    ],
)
def test_the_plugins_of_the_package_come_along_and_a_name_is_taken_once(
    tmp_path, find, form, shipped
):
    (tmp_path / "mine.py").write_text(form.format("my-own"))
    (tmp_path / "_helper.py").write_text("")
    assert {one.name for one in find([tmp_path])} == {"my-own", *(one.name for one in find())}
    assert find([tmp_path, tmp_path]) == find([tmp_path])
    (tmp_path / "other.py").write_text(form.format(shipped))
    with pytest.raises(UserError, match=f"other.py states the name '{shipped}', which .* too"):
        find([tmp_path])


def test_a_directory_of_plugins_has_a_directory_for_each_kind(tmp_path):
    (tmp_path / "loaders").mkdir()
    stated = Directories(remedies=(tmp_path / "stated",))
    assert stated.beside([tmp_path, tmp_path]) == Directories(
        (tmp_path / "stated",), (tmp_path / "loaders",)
    )
    with pytest.raises(UserError, match=r"holds no plugins: --plugins takes a directory"):
        stated.beside([tmp_path / "loaders"])

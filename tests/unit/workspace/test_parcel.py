"""A project as an archive: the same files are the same bytes, and what comes out plans the same."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.engine.keys import case_hash, plugin_hash
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace import parcel
from savedmodel_matrix.workspace.catalogue import find_cases, find_remedies
from savedmodel_matrix.workspace.parcel import pack_project, unpack_project
from savedmodel_matrix.workspace.project import find_project

PYPROJECT = """
[tool.savedmodel-matrix]
cases = ["mine"]
first = "line"
[tool.savedmodel-matrix.environments]
"tf2.21" = { python = "3.11", tensorflow = "2.21.0" }
"keras3.0" = { over = "tf2.21", keras = "3.0.5" }
"tf2.15" = { python = "3.11", tensorflow = "2.15.1" }
[tool.savedmodel-matrix.groups]
default = ["tf2.21"]
"""


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name, text in {
        "pyproject.toml": PYPROJECT,
        "mine/line.py": '"""A line."""\nfrom _help import x\ninputs = {}\ndef build(): ...\n',
        "mine/_help.py": "x = 1\n",
        "mine/data/words.txt": "word\n",
        "mine/__pycache__/line.pyc": "no",
        "mine/.git/config": "no",
        "secrets.env": "no",
        "locks/tf2.21.txt": "tensorflow==2.21.0\n",
        "locks/keras3.0.txt": "keras==3.0.5\n",
        "locks/tf2.15.txt": "tensorflow==2.15.1\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in ("a/cases", "b/cases"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / f"of_{name[0]}.py").write_text("inputs = {}\ndef build(): ...\n")
    (tmp_path / "plug" / "remedies").mkdir(parents=True)
    (tmp_path / "plug" / "remedies" / "mine.py").write_text(
        '"""Mine."""\nname = "mine"\nwrites = "SavedModel"\ndef save(case, directory): ...\n'
    )
    return find_project(root).with_plugins([tmp_path / "plug"])


def packed(project, tmp_path, names=("keras3.0",)):
    cases = [*project.case_directories, tmp_path / "a" / "cases", tmp_path / "b" / "cases"]
    return pack_project(project, cases, [project.environments[name] for name in names])


def test_what_comes_out_is_what_went_in(project, tmp_path):
    found = packed(project, tmp_path)
    place = tmp_path / "worker" / "projects" / found.digest
    out = unpack_project(found.content, place, lambda one: tmp_path / "env" / one.name)
    names = sorted(
        path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()
    )
    assert [name for name in names if "outside" not in name and "parcel" not in name] == [
        *("locks/keras3.0.txt", "locks/tf2.21.txt"),  # no other environment is needed
        *("mine/_help.py", "mine/data/words.txt", "mine/line.py"),
        "pyproject.toml",
    ]
    cases = {one.name: one for one in find_cases(out.cases)}
    assert cases.keys() == {"line", "of_a", "of_b"}
    assert case_hash(cases["line"].path) == case_hash(project.root / "mine" / "line.py")
    theirs, ours = (
        {one.name: plugin_hash(one.path) for one in find_remedies(each.plugins.remedies)}
        for each in (out.project, project)
    )
    assert theirs == ours
    assert "mine" in theirs
    over = out.project.environments["keras3.0"]
    assert over.directory == tmp_path / "env" / "keras3.0"
    assert over.base is not None
    assert over.base.directory == tmp_path / "env" / "tf2.21"
    assert over.lock == place / "locks" / "keras3.0.txt"


def test_the_same_files_are_the_same_bytes_and_others_are_not(project, tmp_path):
    first = packed(project, tmp_path)
    (project.root / "README.md").write_text("of no account")
    (project.root / "mine" / "line.py").touch()
    assert packed(project, tmp_path) == first
    (project.root / "mine" / "data" / "words.txt").write_text("other\n")
    assert packed(project, tmp_path).digest != first.digest
    assert packed(project, tmp_path, ("keras3.0", "tf2.15")).digest != first.digest


def test_it_is_unpacked_once_and_never_half(project, tmp_path):
    found = packed(project, tmp_path)
    place = tmp_path / "worker" / found.digest
    for _ in range(2):
        unpack_project(found.content, place, lambda one: tmp_path / one.name)
        (place / "mark").touch()
    assert [path.name for path in place.parent.iterdir()] == [found.digest]
    assert (place / "mark").exists()


def test_more_than_should_travel_is_refused_with_the_directory(project, tmp_path, monkeypatch):
    monkeypatch.setattr(parcel, "MOST_BYTES", 100)
    with pytest.raises(UserError, match=r"more than 0 MB.*keep other files out.*\("):
        packed(project, tmp_path)


def test_a_file_that_cannot_be_read_is_named(project, tmp_path):
    (project.root / "pyproject.toml").unlink()
    with pytest.raises(UserError, match=r"pyproject\.toml cannot be read"):
        pack_project(replace(project), [], [])


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}\.(py|bin)", fullmatch=True), st.binary(), max_size=5)
)
def test_bytes_come_back_as_they_were(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("p")
    (root / "mine").mkdir()
    (root / "mine" / "line.py").write_text("inputs = {}\n")
    (root / "pyproject.toml").write_text(PYPROJECT.replace('first = "line"', ""))
    for name, content in files.items():
        (root / "mine" / name).write_bytes(content)
    project = find_project(root)
    found = pack_project(project, project.case_directories, [])
    unpack_project(found.content, root / "out", lambda one: root)
    for name, content in files.items():
        assert (root / "out" / "mine" / name).read_bytes() == content

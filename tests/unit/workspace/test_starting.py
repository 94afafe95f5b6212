"""A project in somebody's own repository, from nothing and beside what is there."""

import re
import tomllib

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.catalogue import find_cases
from savedmodel_matrix.workspace.project import find_project
from savedmodel_matrix.workspace.starting import CASE, STARTER, shipped, start

ROOT = shipped()


def test_a_new_directory_becomes_a_project(tmp_path):
    root = tmp_path / "new"
    started = start(root)
    assert started.environments == ("tf2.15", "tf2.21")
    assert started.kept == ()
    assert {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} == set(
        started.written
    )
    project = find_project(root)
    assert project.root == root
    ours = find_project(ROOT)
    assert project.select() == ["tf2.15", "tf2.21"]
    for name, environment in project.environments.items():
        assert environment.tensorflow == ours.environments[name].tensorflow
        assert environment.lock.read_bytes() == ours.environments[name].lock.read_bytes()
    assert [case.name for case in find_cases([project.cases])] == ["my_model"]
    assert list(project.selections) == ["default"]
    compile((root / "noxfile.py").read_text(), "noxfile.py", "exec")


def test_the_starter_case_is_the_one_of_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (STARTER / "case.txt").read_text(encoding="utf-8") in text


def test_environments_are_chosen_with_what_they_are_over(tmp_path):
    started = start(tmp_path, ["tf2.18", "keras3.12", "released"])
    assert {"tf2.18", "keras3.12", "tf2.21", "tf2.17-released"} <= set(started.environments)
    project = find_project(tmp_path)
    assert project.environments["keras3.12"].over == "tf2.21"
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["savedmodel-matrix"]
    mine = tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]["savedmodel-matrix"]
    assert mine["environments"] == {n: stated["environments"][n] for n in started.environments}


def test_every_environment_can_be_had(tmp_path):
    start(tmp_path, ["all"])
    ours = find_project(ROOT).environments
    assert find_project(tmp_path).environments.keys() == ours.keys()


def test_all_cases_come_with_their_locks(tmp_path):
    start(tmp_path, ["tf2.21"], all_cases=True)
    project = find_project(tmp_path)
    cases = find_cases([project.cases])
    assert {case.name for case in cases} >= {case.name for case in find_cases([ROOT / "cases"])}
    needing = [project.environment_for(case, "tf2.21") for case in cases if case.requires]
    assert needing
    assert all(environment.lock.is_file() for environment in needing)
    assert not list((tmp_path / "locks").rglob("tf2.15*"))


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_what_is_there_is_kept(tmp_path, end):
    theirs = {
        "cases/my_model.py": b"theirs",
        "noxfile.py": b"theirs",
        ".gitignore": b"theirs",
        "pyproject.toml": f'[project]{end or chr(10)}name = "theirs"{end}'.encode(),
    }
    for name, content in theirs.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "pyproject.toml").chmod(0o640)
    started = start(tmp_path)
    assert started.kept == ("cases/my_model.py", "noxfile.py", ".gitignore")
    for name in started.kept:
        assert (tmp_path / name).read_bytes() == theirs[name]
    file = tmp_path / "pyproject.toml"
    assert file.read_bytes().startswith(theirs["pyproject.toml"])
    assert file.stat().st_mode & 0o777 == 0o640
    if end == "\r\n":
        assert not re.search(rb"(?<!\r)\n", file.read_bytes())
    assert tomllib.loads(file.read_bytes().decode())["project"]["name"] == "theirs"
    assert find_project(tmp_path).select() == ["tf2.15", "tf2.21"]


def test_a_project_is_left_as_it_is(tmp_path):
    start(tmp_path)
    (tmp_path / CASE).unlink()
    with pytest.raises(UserError, match=r"pyproject\.toml has a table .* already: nothing was"):
        start(tmp_path)
    assert not (tmp_path / CASE).exists()


def test_a_name_that_means_nothing_writes_nothing(tmp_path):
    with pytest.raises(UserError, match=r"no environment 'tf1\.15'"):
        start(tmp_path / "new", ["tf1.15"])
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cases").write_text("a file")
    with pytest.raises(UserError, match=r"cases/my_model\.py cannot be written: "):
        start(tmp_path)
    assert not (tmp_path / "pyproject.toml").exists()


def test_a_pyproject_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project")
    with pytest.raises(UserError, match=r"pyproject\.toml cannot be read"):
        start(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_begun_again_after_an_interruption_it_is_whole(tmp_path, monkeypatch):
    from savedmodel_matrix.workspace import starting

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(starting, "_add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            start(tmp_path)
    started = start(tmp_path)
    assert set(started.kept) >= {"cases/my_model.py", "locks/tf2.15.txt", "noxfile.py"}
    assert find_project(tmp_path).select() == ["tf2.15", "tf2.21"]
    assert not list(tmp_path.rglob("*.tmp"))

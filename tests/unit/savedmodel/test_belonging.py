"""Which artifact a file belongs to, as git names files."""

import shutil
from pathlib import Path

import pytest

from savedmodel_matrix.savedmodel.belonging import artifact_of, artifacts_of
from savedmodel_matrix.savedmodel.formats import artifacts
from tests.unit.savedmodel.files import FILES
from tests.unit.savedmodel.graphs import ARTIFACTS


@pytest.fixture
def tree(tmp_path, monkeypatch):
    shutil.copytree(ARTIFACTS / "dense-2.15", tmp_path / "models" / "a")
    shutil.copytree(ARTIFACTS / "vocabulary", tmp_path / "models" / "b")
    shutil.copytree(FILES / "checkpoint-2.21", tmp_path / "models" / "steps")
    shutil.copy(FILES / "dense-2.21.keras", tmp_path / "models" / "c.keras")
    (tmp_path / "models" / "search.index").write_text("not a checkpoint")
    (tmp_path / "models" / "README.md").write_text("ours")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "logo.svg").write_text("<svg/>")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_of_one_artifact_are_one(tree):
    files = sorted(path.relative_to(tree) for path in tree.rglob("*") if path.is_file())
    assert len(files) > 10
    assert set(artifacts_of(files)) == set(artifacts(Path("models")))
    assert set(artifacts_of([file.absolute() for file in files])) == set(artifacts(tree))


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("models/a/saved_model.pb", "models/a"),
        ("models/a/variables/variables.index", "models/a"),
        ("models/a/variables/variables.data-00000-of-00001", "models/a"),
        ("models/a/deleted.txt", "models/a"),
        ("models/c.keras", "models/c.keras"),
        ("models/steps/step-1.data-00000-of-00001", "models/steps/step-1.index"),
        ("models/steps/gone-1.data-00000-of-00001", None),
        ("models/search.index", None),
        ("models/README.md", None),
        ("assets/logo.svg", None),
    ],
)
def test_a_file_belongs_to_one_artifact_or_to_none(tree, file, artifact):
    assert artifact_of(Path(file)) == (Path(artifact) if artifact else None)


def test_a_file_of_the_working_directory_belongs_to_it(tree, monkeypatch):
    monkeypatch.chdir(tree / "models" / "a")
    assert artifact_of(Path("saved_model.pb")) == Path()
    assert artifact_of(Path("variables/variables.index")) == Path()


def test_an_artifact_in_another_is_part_of_it(tree):
    shutil.copytree(ARTIFACTS / "dense-2.15", tree / "models" / "a" / "assets.extra" / "inner")
    inner = Path("models/a/assets.extra/inner/saved_model.pb")
    assert artifact_of(inner) == Path("models/a")


def test_a_directory_is_what_is_below_it(tree):
    assert artifacts_of([Path("models")]) == list(artifacts(Path("models")))
    assert artifacts_of([Path("assets")]) == []
    assert artifacts_of([Path("models/a")]) == [Path("models/a")]

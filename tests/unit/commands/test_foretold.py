"""Cells with what the files of their artifacts say: read once, by content."""

import shutil
from pathlib import Path

from savedmodel_matrix.commands import foretold
from savedmodel_matrix.savedmodel.many import diagnose_all
from savedmodel_matrix.store.run_directory import RunDirectory

ARTIFACTS = Path(__file__).parents[2] / "data" / "savedmodels"
VERSIONS = {"tf2.21": "2.21.0", "tf2.4": "2.4.0"}


def cell(artifact, loader="libtensorflow", consumer="tf2.21"):
    return {"artifact": artifact, "loader": loader, "consumer": consumer}


def directory(tmp_path):
    found = RunDirectory(tmp_path / "results")
    found.claim()
    for name in ("dense-2.15", "dense-2.21"):
        shutil.copytree(ARTIFACTS / name, found.artifacts / name / "artifact")
    return found


def test_each_cell_has_what_the_files_say_of_its_loader_and_version(tmp_path):
    cells = [
        cell("dense-2.15"),
        cell("dense-2.21"),
        cell("dense-2.15", consumer="tf2.4"),
        cell("dense-2.15", "tf.saved_model.load"),
        cell("gone"),
        cell(""),
    ]
    found = foretold.with_predictions(cells, directory(tmp_path), VERSIONS, print)
    said = [one["predicted"] and one["predicted"]["verdict"] for one in found]
    assert said == ["runs", "fails", "fails", None, None, None]
    assert "dense/kernel" in found[1]["predicted"]["because"]
    assert all("predicted" not in one for one in cells)


def test_an_artifact_is_read_once(tmp_path, monkeypatch):
    place, read = directory(tmp_path), []

    def counted(paths, jobs):
        read.extend(paths)
        return diagnose_all(paths, jobs)

    monkeypatch.setattr(foretold, "diagnose_all", counted)
    cells = [cell("dense-2.21"), cell("dense-2.21", "saved_model_cli")]
    first = foretold.with_predictions(cells, place, VERSIONS, print)
    assert foretold.with_predictions(cells, place, VERSIONS, print) == first
    assert len(read) == 1
    foretold.with_predictions([cell("dense-2.15")], place, VERSIONS, print)  # another selection
    assert foretold.with_predictions(cells, place, VERSIONS, print) == first
    assert len(read) == 2


def test_many_are_announced(tmp_path, monkeypatch):
    monkeypatch.setattr(foretold, "MANY", 1)
    said: list[str] = []
    cells = [cell("dense-2.15"), cell("dense-2.21")]
    foretold.with_predictions(cells, directory(tmp_path), VERSIONS, said.append)
    assert said == ["2 artifacts are diagnosed."]

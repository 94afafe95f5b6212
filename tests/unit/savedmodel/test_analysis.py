"""A graph that several artifacts share is analysed once, and nothing else is taken for known."""

import shutil

import pytest

from savedmodel_matrix.savedmodel import analysis as module
from savedmodel_matrix.savedmodel.analysis import Graphs
from savedmodel_matrix.savedmodel.diagnose import diagnose, diagnose_sharing
from savedmodel_matrix.savedmodel.reading import read_saved_model
from savedmodel_matrix.savedmodel.soundness import meta_graphs
from tests.unit.savedmodel.graphs import ARTIFACTS, NAMES


@pytest.fixture
def analysed(monkeypatch):
    """Return the directories whose graphs were analysed, in turn."""
    seen = []

    def counting(directory, *, restored):
        seen.append(directory.path)
        return meta_graphs(directory, restored=restored)

    monkeypatch.setattr(module, "meta_graphs", counting)
    return seen


@pytest.fixture
def copy(tmp_path):
    """Return a function that copies the artifact `tf1` to a name."""

    def make(name, artifact=NAMES[0]):
        return shutil.copytree(ARTIFACTS / artifact, tmp_path / name)

    return make


@pytest.mark.parametrize("name", NAMES)
def test_the_second_diagnosis_is_that_of_a_fresh_process(name, copy, analysed):
    graphs, paths = Graphs(), [copy("one", name), copy("two", name)]
    assert [diagnose_sharing(path, graphs) for path in paths] == [diagnose(path) for path in paths]
    assert len(analysed) in (0, 3)  # none where it cannot be read; once, and for comparison twice


def test_copies_are_analysed_once_and_named_by_their_own_path(copy, analysed):
    graphs, paths = Graphs(), [copy(name) for name in ("one", "two", "three")]
    found = [diagnose_sharing(path, graphs) for path in paths]
    assert [one.path for one in found] == [str(path) for path in paths]
    assert analysed == paths[:1]


def test_what_lies_beside_the_graph_is_read_each_time(copy, analysed):
    graphs, whole, broken = Graphs(), copy("whole"), copy("broken")
    for file in (broken / "variables").iterdir():
        file.unlink()
    first = diagnose_sharing(whole, graphs)
    assert diagnose_sharing(broken, graphs) == diagnose(broken) != first
    assert diagnose_sharing(whole, graphs) == first


def test_a_graph_that_was_replaced_is_analysed_again(copy, analysed):
    graphs, place, other = Graphs(), copy("place"), copy("other", NAMES[1])
    first = diagnose_sharing(place, graphs)
    shutil.rmtree(place)
    other.rename(place)
    assert diagnose_sharing(place, graphs) == diagnose(place) != first


def test_a_file_that_changes_while_it_is_read_is_not_kept(copy, analysed, monkeypatch):
    graphs, place = Graphs(), copy("place")

    def slowly(path):
        found = read_saved_model(path)
        with (path / "saved_model.pb").open("ab") as file:
            file.write(b"\x08\x01")
        return found

    monkeypatch.setattr(module, "read_saved_model", slowly)
    diagnose_sharing(place, graphs)
    diagnose_sharing(place, graphs)
    assert analysed == [place, place]


def test_those_asked_for_last_are_kept_as_far_as_there_is_room(copy, analysed):
    first, second = copy("first"), copy("second", NAMES[1])
    sizes = [(path / "saved_model.pb").stat().st_size for path in (first, second)]
    graphs = Graphs(most=max(sizes))
    for path in (first, first, second, second, first):
        diagnose_sharing(path, graphs)
    assert analysed == [first, second, first]


def test_a_graph_that_is_too_large_is_not_kept(copy, analysed, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 10)
    graphs, path = Graphs(), copy("large")
    for _ in range(2):
        diagnose_sharing(path, graphs)
    assert analysed == [path, path]

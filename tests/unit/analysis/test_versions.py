"""Packages side by side."""

from savedmodel_matrix.analysis.versions import Difference, Neighbours, differing, neighbours

ENVIRONMENTS = {
    "tf2.21": {"packages": {"numpy": "2.4", "keras": "3.15", "same": "1"}},
    "tf2.9": {"packages": {"numpy": "1.26", "same": "1", "gone": "7"}},
}


def test_what_matters_comes_first_then_what_differs_then_what_does_not():
    assert differing(ENVIRONMENTS) == [
        ("keras", ["", "3.15"]),
        ("numpy", ["1.26", "2.4"]),
        ("gone", ["7", ""]),
        ("same", ["1", "1"]),
    ]


def test_neighbours_are_by_version_and_name_only_what_changed_what_matters_apart():
    [found] = neighbours(ENVIRONMENTS)
    first = (Difference("keras", "", "3.15"), Difference("numpy", "1.26", "2.4"))
    assert found == Neighbours("tf2.9", "tf2.21", first, (Difference("gone", "7", ""),))
    assert [one.words for one in first] == ["keras (none) → 3.15", "numpy 1.26 → 2.4"]


def test_no_environments():
    assert differing({}) == []
    assert neighbours({}) == []

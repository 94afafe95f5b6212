"""What files predict against what happened."""

import pytest

from savedmodel_matrix.analysis.predictions import Checked, Told, disagreements


def cell(loader="libtensorflow", consumer="tf2.21", status="pass", stage="values"):
    return {
        "loader": loader,
        "consumer": consumer,
        "status": status,
        "stage": stage,
        "reason": "",
        "message": "",
    }


def checked(cells, told):
    versions = {"tf2.15": "2.15.1", "tf2.21": "2.21.0"}
    return Checked("model", "tf2.21", "2.21.0", {"libtensorflow": told}, cells, versions)


@pytest.mark.parametrize(
    ("verdict", "status", "stage", "agrees"),
    [
        ("runs", "pass", "values", True),
        ("runs", "fail", "run", False),
        ("runs", "fail", "values", False),
        ("runs", "crash", "load", False),
        ("runs", "timeout", "run", False),
        ("fails", "pass", "values", False),
        ("fails", "fail", "load", True),
        ("unknown", "pass", "values", True),
        ("unknown", "fail", "run", True),
        # The loader was never reached.
        ("runs", "fail", "build", True),
        ("runs", "not-run", "environment", True),
        ("fails", "not-run", "load", True),
    ],
)
def test_a_disagreement_is_between_a_verdict_and_an_outcome(verdict, status, stage, agrees):
    one = checked([cell(status=status, stage=stage)], Told(verdict))
    assert bool(disagreements(one)) is not agrees
    assert one.to_json()["cells"][0]["agrees"] is agrees


@pytest.mark.parametrize(
    ("since", "until", "old", "new"),
    [
        (None, None, "runs", "runs"),
        ("2.16", None, "fails", "runs"),
        ("2.15", "2.20", "runs", "fails"),
        ("2.15.0", None, "runs", "runs"),
    ],
)
def test_versions_that_cannot_read_it_fail(since, until, old, new):
    told = Told("runs", "", since, until)
    assert (told.for_version("2.15.1"), told.for_version("2.21.0")) == (old, new)


def test_what_fails_anyway_fails_in_every_version():
    assert Told("fails", "", "2.15").for_version("2.21.0") == "fails"


def test_a_loader_of_which_the_files_say_nothing_is_unknown():
    one = checked([cell("tflite", status="fail", stage="values")], Told("runs"))
    assert one.predicted(one.cells[0]) == "unknown"
    assert disagreements(one) == []

"""What a loader reads, told from made-up ends of it."""

import pytest

from savedmodel_matrix.views.loader_guide import FROZEN, GRAPH, RESTORE, loader_guide, reads
from savedmodel_matrix.workspace.catalogue import find_loaders

LOST = {
    "status": "fail",
    "stage": "run",
    "reason": "FAILED_PRECONDITION: Could not find variable <name>. This could mean",
}
TABLE = {"status": "fail", "stage": "run", "reason": "FAILED_PRECONDITION: Table not initialized."}
PASS = {"status": "pass", "stage": "values", "reason": ""}
WRONG = {"status": "fail", "stage": "values", "reason": "wrong values"}
CRASH = {"status": "crash", "stage": "load", "reason": "the process died of SIGABRT"}


def cell(loader, end, case="a", consumer="tf2.21"):
    names = {"case": case, "remedy": "as-written", "producer": "tf2.21"}
    return names | {"loader": loader, "consumer": consumer} | end


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([LOST, LOST], RESTORE),
        ([PASS, PASS], GRAPH),
        ([PASS, CRASH], GRAPH),
        ([WRONG, CRASH], FROZEN),
        ([LOST, WRONG], RESTORE),
    ],
)
def test_how_a_loader_ends_tells_what_it_reads(ends, expected):
    assert reads([cell("l", end) for end in ends]) == expected


def test_without_an_artifact_that_tells_nothing_is_told():
    assert "not told" in reads([])


def test_the_page_counts_ends_on_the_artifacts_that_tell_and_on_the_sound_ones():
    cells = [
        *(cell("saved_model_cli", end, case) for end, case in ((LOST, "a"), (PASS, "b"))),
        *(cell("tflite", end, case) for end, case in ((WRONG, "a"), (PASS, "b"))),
        *(cell("openvino", PASS, case, "openvino") for case in "ab"),
        cell("saved_model_cli", TABLE, "c"),
    ]
    page, _, _ = loader_guide(cells, find_loaders()).partition("## Who fails when")
    lines = page.splitlines()
    assert "There are 1 such artifacts in the table." in lines
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| `")}
    assert rows["`saved_model_cli`"].endswith("| 1 fails at run | 1 passes |")
    assert FROZEN in rows["`tflite`"]
    assert "1 fails at values" in rows["`tflite`"]
    assert GRAPH in rows["`openvino`"]
    assert any(line.startswith("- `openvino`: OpenVINO") for line in lines)


def test_the_page_tells_who_fails_when_by_the_environment_that_saved():
    older = [cell("tflite", CRASH) | {"producer": "tf2.16", "consumer": "tf2.16"}]
    older.append(cell("saved_model_cli", LOST) | {"producer": "tf2.16", "consumer": "tf2.16"})
    cells = [cell("saved_model_cli", LOST), cell("tflite", WRONG), *older]
    page = loader_guide(cells, find_loaders()).partition("## Who fails when")[2].splitlines()
    assert "| loader | tf2.16 | tf2.21 |" in page
    assert "| `tflite` | 1 crashes at load | 1 fails at values |" in page


def test_without_an_artifact_that_tells_nobody_fails_on_it():
    page = loader_guide([cell("saved_model_cli", PASS)], find_loaders())
    assert "Who fails when" not in page

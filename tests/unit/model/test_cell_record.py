"""A cell is what its save and its load left."""

from pathlib import Path

from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.cell import Cell
from savedmodel_matrix.model.cell_record import canonical_signature, portable, whole_cell
from savedmodel_matrix.model.fingerprint import fingerprint
from savedmodel_matrix.model.plugin import Loader, Remedy
from savedmodel_matrix.model.signatures import parse_signatures
from savedmodel_matrix.model.table import COLUMNS
from savedmodel_matrix.model.verdict import dead

SIGNATURES = {
    "serving_default": {
        "inputs": {"x": {"dtype": "DT_FLOAT", "shape": [-1, 4], "tensor": "x:0"}},
        "outputs": {
            "b": {"dtype": "DT_HALF", "shape": None, "tensor": "b:0"},
            "a": {"dtype": "DT_STRING", "shape": [], "tensor": "a:0"},
        },
    }
}
SAVED = {
    "status": "pass",
    "stage": "values",
    "reason": "",
    "fingerprint": "",
    "facts": {"keras": {"keras": "3.15.1"}},
    "record": {"format": "SavedModel", "signatures": SIGNATURES, "artifact_hash": "h"},
    "seconds": {"build": 1.0},
}
LOST = {
    "status": "fail",
    "stage": "run",
    "reason": "FAILED_PRECONDITION: Could not find variable <name>.",
    "fingerprint": "f",
    "seconds": {"run": 2.0},
}


def cell(settings=None):
    return Cell(
        Case("a", Path("a.py"), ""),
        Remedy("r", Path("r.py"), "", "SavedModel", settings or {}),
        "tf2.21",
        Loader("l", Path("l.py"), "", ("SavedModel",), ("numpy",), False),
        "tf2.21",
    )


def test_the_signature_is_canonical_and_can_be_parsed():
    text = canonical_signature(SIGNATURES)
    assert text == "serving_default(x float32[-1,4]) -> (a string[], b float16[...])"
    assert parse_signatures(text)


def test_an_artifact_without_signatures_has_none_whatever_it_is_judged_by():
    judged = {"call": {"inputs": {}, "outputs": {"output_0": "expected/output_0"}}}
    saved = SAVED | {"record": {"format": "Keras", "signatures": judged}}
    assert whole_cell(cell(), saved, None, "key", "artifact")["signature"] == ""


def test_a_load_decides_the_outcome_and_the_save_gives_the_signature():
    whole = whole_cell(cell(), SAVED, LOST, "key", "artifact")
    assert set(COLUMNS) <= set(whole)
    assert (whole["status"], whole["stage"], whole["fingerprint"]) == ("fail", "run", "f")
    assert whole["signature"]
    assert whole["seconds"] == {"build": 1.0, "run": 2.0}


def test_a_record_older_than_the_masks_is_named_by_those_of_now():
    old = LOST | {"kind": "AttributeError", "message": "'list' object has no attribute 'shape'"}
    whole = whole_cell(cell(), SAVED, old, "key", "artifact")
    assert whole["reason"] == "AttributeError: list object has no attribute shape"
    assert whole["fingerprint"] == fingerprint(whole["reason"])


def test_so_are_wrong_values_of_which_nothing_was_raised():
    said = "wrong values: price: 4 of 4 values differ"
    old = LOST | {"stage": "values", "identity": "wrong values: price: <n> of …", "message": said}
    whole = whole_cell(cell(), SAVED, old, "key", "artifact")
    assert whole["reason"] == "wrong values: <n> of <n> values differ"
    assert whole["fingerprint"] == fingerprint(whole["reason"])


def test_a_step_that_ended_without_a_word_keeps_its_name():
    ended = dead("fail", "run", "the process ended with exit status 1 before the step was done")
    whole = whole_cell(cell(), SAVED, ended.record, "key", "artifact")
    assert whole["fingerprint"] == ended.record["fingerprint"]


def test_a_save_that_failed_decides_for_every_loader():
    failed = LOST | {"stage": "save"}
    whole = whole_cell(cell(), failed, None, "key", "artifact")
    assert (whole["status"], whole["stage"], whole["signature"]) == ("fail", "save", "")
    assert whole["artifact"] == ""


def test_the_reason_says_where_the_legacy_flag_does_not_reach():
    whole = whole_cell(cell({"TF_USE_LEGACY_KERAS": "1"}), SAVED, LOST, "key", "artifact")
    assert whole["reason"].startswith(LOST["reason"])
    assert "does not reach code that imports keras itself: it holds Keras 3.15.1" in whole["reason"]


def test_where_the_flag_reaches_nothing_is_said():
    saved = SAVED | {"facts": {"keras": {"tf_keras": "2.21.0"}}}
    whole = whole_cell(cell({"TF_USE_LEGACY_KERAS": "1"}), saved, LOST, "key", "artifact")
    assert whole["reason"] == LOST["reason"]


def test_what_is_published_names_no_path_of_the_machine():
    trace = 'File "/home/me/clone/.nox/x/lib/python3.11/a.py"\nFile "/opt/py/lib/python3.11/b.py"'
    cell = {"message": "", "traceback": trace, "where": "/home/me/clone/cases/a.py:3", "case": "a"}
    plain = portable(cell, "/home/me/clone")
    assert plain["where"] == "./cases/a.py:3"
    assert plain["traceback"] == (
        'File "./.nox/x/lib/python3.11/a.py"\nFile "…/lib/python3.11/b.py"'
    )


def test_what_is_published_does_not_name_the_machine():
    said = "Op type not registered 'A' in binary running on my-laptop.local. Make sure."
    cell = {"message": said, "traceback": f"Error: {said}", "where": "", "case": "a"}
    plain = portable(cell, "/home/me/clone")
    assert "my-laptop" not in plain["message"] + plain["traceback"]
    assert "running on <host>. Make sure." in plain["message"]


def test_a_record_from_another_checkout_names_no_path_of_it():
    frame = 'File "/srv/old/src/savedmodel_matrix/host/save.py", line 3'
    made = whole_cell(cell(), SAVED, LOST, "key", "artifact") | {
        "traceback": f'{frame}\nFile "/srv/old/cases/a.py", line 1\nFile "/elsewhere/src/b.py"',
        "message": "in /srv/old/results/work/x",
        "where": "/srv/old/cases/a.py:1",
    }
    plain = portable(made, "/home/me/clone")
    assert plain["where"] == "./cases/a.py:1"
    assert plain["message"] == "in ./results/work/x"
    assert "/srv" not in plain["traceback"]
    assert "/elsewhere/src/b.py" in plain["traceback"]

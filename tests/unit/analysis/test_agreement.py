"""Predicted against happened: what agrees, what is a miss, what is a false alarm."""

import pytest

from savedmodel_matrix.analysis.agreement import (
    CANNOT,
    PASSES,
    WRONG,
    confusion,
    happened,
    is_false_alarm,
    is_miss,
)


def cell(said, status, stage="values", loader="libtensorflow", case="one"):
    predicted = {"verdict": said, "because": ""} if said else None
    place = {"case": case, "loader": loader, "reason": "why"}
    return {**place, "status": status, "stage": stage, "predicted": predicted}


@pytest.mark.parametrize(
    ("status", "stage", "expected"),
    [
        ("pass", "values", PASSES),
        ("fail", "values", WRONG),
        ("fail", "run", CANNOT),
        ("crash", "load", CANNOT),
        ("timeout", "run", CANNOT),
        ("fail", "save", ""),
        ("fail", "convert", ""),
        ("not-run", "environment", ""),
        ("not-applicable", "", ""),
    ],
)
def test_what_happened_is_of_the_loader_or_of_nobody(status, stage, expected):
    assert happened(cell("runs", status, stage)) == expected


def test_every_cell_is_counted_once_and_what_says_nothing_not_at_all():
    cells = [
        *[cell("runs", "pass")] * 5,
        *[cell("fails", "fail", "run")] * 3,
        cell("fails", "fail", "values"),
        cell("runs", "fail", "values", case="miss"),
        cell("fails", "pass", case="alarm"),
        cell("", "pass"),
        cell("unknown", "pass"),
        cell("runs", "fail", "save"),
        cell("runs", "pass", loader="saved_model_cli"),
    ]
    first, second = confusion(cells)
    assert (first.loader, second.loader) == ("libtensorflow", "saved_model_cli")
    assert (first.cells, first.agreeing) == (11, 9)
    assert first.misses == {("miss", "why"): 1}
    assert first.alarms == {("alarm", "why"): 1}
    assert (second.cells, second.agreeing, second.misses, second.alarms) == (1, 1, {}, {})
    assert sum(map(is_miss, cells)) == sum(map(is_false_alarm, cells)) == 1
    assert confusion([]) == []


def test_cells_of_before_there_were_predictions_say_nothing():
    old = cell("runs", "pass")
    del old["predicted"]
    assert confusion([old]) == []

"""Times expected of saves and cells, worked out by hand."""

from pathlib import Path

import pytest

from savedmodel_matrix.engine.estimate import BESIDE, Estimate
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.plugin import Remedy
from savedmodel_matrix.model.steps import Save


def cell(case, remedy, producer, **seconds):
    return {"case": case, "remedy": remedy, "producer": producer, "seconds": seconds}


def save(case, remedy, producer):
    made = Remedy(remedy, Path(f"{remedy}.py"), "", "SavedModel")
    return Save(Case(case, Path(f"{case}.py"), ""), made, producer)


KNOWN = [
    cell("lstm", "resave", "tf2.15", build=4.0, save=16.0, load=1.0, run=1.0),
    cell("lstm", "resave", "tf2.16", build=2.0, save=8.0, load=1.0, run=1.0),
    cell("dense", "resave", "tf2.15", build=0.5, save=0.5, load=0.25),
]


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        (("lstm", "resave", "tf2.15"), 20.0),
        (("lstm", "resave", "tf2.15+toolz-00112233"), 20.0),  # as the table names it
        (("lstm", "resave", "tf2.99"), 15.0),
        (("new", "resave", "tf2.15"), 10.0),
    ],
)
def test_a_save_takes_what_it_took_or_what_its_like_took(wanted, seconds):
    assert Estimate(KNOWN).of_save(save(*wanted)) == pytest.approx(seconds)


def test_cells_share_their_save():
    estimate = Estimate(KNOWN)
    assert estimate.of_cell(save("lstm", "resave", "tf2.15"), 4) == pytest.approx(5 + 2 + BESIDE)


def test_a_cell_whose_artifact_is_there_takes_its_load_alone():
    estimate = Estimate(KNOWN)
    known = estimate.of_cell(save("lstm", "resave", "tf2.15"), 4, made=True)
    assert known == pytest.approx(2 + BESIDE)


def test_where_nothing_is_known_all_saves_are_alike():
    nothing = Estimate([])
    assert nothing.of_save(save("a", "b", "c")) == nothing.of_save(save("d", "e", "f")) > 0

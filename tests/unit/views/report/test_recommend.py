"""Recommendations and their prices, worked out by hand."""

import dataclasses

from savedmodel_matrix.views.report.recommend import advise
from tests.unit.views.report.generated import PLAIN, cell, facts_of, failed


def advised(cells, case="module_dense"):
    return [one.remedy for one in advise(facts_of(cells))[case]]


def test_fewest_failures_come_first():
    cells = [
        cell(**failed()),
        cell(remedy="resave"),
        cell(remedy="resave", loader="libtensorflow", **failed()),
        cell(remedy="legacy-keras"),
    ]
    assert advised(cells) == ["legacy-keras", "resave", "as-written"]


def test_of_equals_the_cheapest_and_as_written_before_any():
    renamed = PLAIN.replace("(x ", "(inputs ")
    cells = [
        cell(functions=["serve"]),
        cell(remedy="model-export", signature=renamed, functions=["serve"]),
        cell(remedy="resave", functions=["serve"]),
    ]
    assert advised(cells) == ["as-written", "resave", "model-export"]


def test_what_never_passes_comes_last_though_it_never_fails():
    cells = [
        cell(**failed()),
        cell(loader="libtensorflow"),
        cell(remedy="model-export", status="not-applicable", stage=""),
    ]
    assert advised(cells) == ["as-written", "model-export"]


def test_what_other_programs_read_is_not_advised_instead_of_what_is_served():
    cells = [
        cell(**failed()),
        cell(remedy="resave", **failed()),
        cell(remedy="keras-file", loader="keras.models.load_model", signature=""),
    ]
    assert advised(cells) == ["as-written", "resave"]
    assert advised(cells[2:]) == ["keras-file"]


def test_prices_are_measured_against_as_written_in_the_same_environment():
    cells = [
        cell(**failed(functions=["serve", "train"], artifact_bytes=100)),
        cell(
            remedy="legacy-keras",
            keras={"tf_keras": "2.16.0"},
            functions=["serve"],
            artifact_bytes=200,
            signature=PLAIN.replace("(x ", "(inputs "),
            lost_signatures=["other"],
        ),
    ]
    facts = facts_of(cells)
    remedies = dict(facts.remedies)
    remedies["legacy-keras"] = dataclasses.replace(
        remedies["legacy-keras"], settings={"TF_USE_LEGACY_KERAS": "1"}
    )
    [first, _] = advise(dataclasses.replace(facts, remedies=remedies))["module_dense"]
    assert first.remedy == "legacy-keras"
    told = [(cost.kind, cost.words) for cost in first.costs]
    assert ("package", "needs the package tf-keras") in told
    assert ("setting", "TF_USE_LEGACY_KERAS=1 must be set before TensorFlow is imported") in told
    assert ("method", "the loaded object loses its method train") in told
    assert ("size", "the artifact is 1.5 times as large, or more") in told
    assert ("signature", "signature other is lost") in told
    assert any(kind == "signature" and "inputs" in words for kind, words in told)
    assert {cost.producers for cost in first.costs} == {("tf2.16",)}


def test_cells_that_fail_cost_nothing():
    cells = [cell(), cell(remedy="resave", **failed(functions=[]))]
    assert advise(facts_of(cells))["module_dense"][1].costs == ()

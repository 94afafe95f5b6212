"""Recommendations and their prices, worked out by hand."""

import dataclasses
from typing import Any

from savedmodel_matrix.views.report.recommend import (
    NO_BETTER,
    NO_CHANGE,
    NOTHING,
    TAKE,
    advise,
    choices,
)
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


def chosen(cells, loader="saved_model_cli"):
    facts = facts_of(cells)
    choice = choices(facts, advise(facts))["module_dense", loader]
    return choice.words, choice.remedies


def test_each_loader_has_an_answer_of_its_own():
    cells = [
        cell(),
        cell(loader="libtensorflow", **failed()),
        cell(remedy="resave", loader="libtensorflow"),
        cell(loader="tflite", **failed()),
        cell(remedy="resave", loader="tflite", status="crash", stage="load"),
    ]
    assert chosen(cells) == (NO_CHANGE, ())
    assert chosen(cells, "libtensorflow") == (TAKE, ("resave",))
    assert chosen(cells, "tflite") == (NOTHING, ())


def test_what_does_no_better_than_as_written_is_not_advised():
    cells = [cell(producer="tf2.15"), cell(producer="tf2.16", **failed())]
    cells += [cell(remedy="resave", producer="tf2.15"), cell(remedy="resave", **failed())]
    assert chosen(cells) == (NO_BETTER, ())


def test_what_applies_nowhere_neither_works_nor_fails():
    cells = [cell(**failed()), cell(remedy="resave", status="not-applicable", stage="")]
    assert chosen(cells) == (NOTHING, ())


def test_what_was_not_run_may_work():
    cells = [cell(**failed()), cell(remedy="resave", status="not-run", stage="environment")]
    assert chosen(cells) == (TAKE, ())


def test_two_are_named_where_what_passes_most_costs_more():
    plain: dict[str, Any] = {"functions": ["serve"]}
    cells = [cell(producer=name, **failed(**plain)) for name in ("tf2.16", "tf2.17")]
    cells += [
        cell(remedy="model-export", producer=name, functions=[]) for name in ("tf2.16", "tf2.17")
    ]
    cells += [cell(remedy="resave", producer="tf2.16", **plain)]
    cells += [cell(remedy="resave", producer="tf2.17", **failed(**plain))]
    assert chosen(cells) == (TAKE, ("model-export", "resave"))


def test_of_files_that_replace_nothing_the_one_that_passes_most_is_taken():
    keras = {"loader": "keras.models.load_model", "signature": ""}
    cells = [cell(remedy="h5-file", **keras), cell(remedy="keras-file", **keras)]
    assert chosen(cells, "keras.models.load_model")[0] == TAKE

"""The heatmap: what is counted, ranked and priced, by hand."""

from savedmodel_matrix.views.report.heatmap import Field, heatmap
from savedmodel_matrix.views.report.recommend import advise
from tests.unit.views.report.generated import cell, facts_of, failed

NOT = {"status": "not-applicable", "stage": ""}
UNKNOWN = {"status": "not-run", "stage": "environment"}


def drawn(cells):
    facts = facts_of(cells)
    return heatmap(facts, advise(facts))


def numbers(cells):
    return {
        way.remedy: [(one.passed, one.tried) if one else None for one in way.fields]
        for way in drawn(cells).ways
    }


def test_a_model_counts_that_passes_in_every_release():
    cells = [
        cell("a", producer="tf2.16"),
        cell("a", producer="tf2.17"),
        cell("b", producer="tf2.16"),
        cell("b", producer="tf2.17", status="crash", stage="load"),
    ]
    assert numbers(cells) == {"as-written": [(1, 2)]}


def test_what_does_not_apply_and_what_was_not_run_counts_neither_way():
    cells = [
        cell("a", producer="tf2.16"),
        cell("b", producer="tf2.16", **NOT),
        cell("c", producer="tf2.16", **UNKNOWN),
        cell("d", producer="tf2.16"),
        cell("d", producer="tf2.17", **UNKNOWN),
        cell("e", producer="tf2.16", **failed()),
        cell("e", producer="tf2.17", **UNKNOWN),
    ]
    assert numbers(cells) == {"as-written": [(1, 2)]}


def test_what_applies_nowhere_is_no_failure():
    field = next(way for way in drawn([cell(), cell(remedy="resave", **NOT)]).ways if way.few)
    assert field.fields[0].symbol == "\N{EN DASH}"
    assert field.fields[0].step == -1
    assert Field("a", "b", 0, 3).symbol == "✗"
    assert Field("a", "b", 0, 3).step == 0


def test_a_symbol_tells_all_some_and_none_without_colour():
    told = [Field("a", "b", passed, 60).symbol for passed in (0, 1, 20, 40, 59, 60)]
    assert told == ["✗", "◔", "◑", "◕", "◕", "✓"]


def test_the_way_that_passes_most_comes_first_and_what_was_hardly_tried_last():
    cells = [cell(name, **failed()) for name in "abc"]
    cells += [cell("a", "resave"), cell("b", "resave"), cell("c", "resave", **failed())]
    cells += [cell(name, "model-export") for name in "abc"]
    cells += [cell("a", "repair")]
    found = drawn(cells)
    assert [way.remedy for way in found.ways] == ["model-export", "resave", "as-written", "repair"]
    assert [way.few for way in found.ways] == [False, False, False, True]


def test_both_leaders_are_named_where_what_passes_most_costs_more():
    cells = [cell(name, functions=["serve"], **failed()) for name in "ab"]
    cells += [cell(name, "model-export", functions=[]) for name in "ab"]
    assert drawn(cells).cheapest == ""
    cells += [cell("a", "resave"), cell("b", "resave", **failed())]
    found = drawn(cells)
    assert (found.ways[0].remedy, found.cheapest) == ("model-export", "resave")
    assert [(price.short, price.models) for price in found.ways[0].prices] == [("methods lost", 2)]


def test_loaders_are_grouped_by_use_and_the_unknown_come_last():
    cells = [cell(loader=name) for name in ("mine", "tflite", "libtensorflow", "saved_model_cli")]
    cells.append(cell(remedy="h5-file", loader="keras.models.load_model", signature=""))
    found = drawn(cells)
    assert [use.name for use in found.uses] == ["Serve", "Mobile", "Other loaders"]
    assert found.loaders == ("saved_model_cli", "libtensorflow", "tflite", "mine")
    assert found.edges == (2, 3)
    assert [(way.remedy, way.fields[0].loader) for way in found.files] == [
        ("h5-file", "keras.models.load_model")
    ]

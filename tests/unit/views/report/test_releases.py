"""What each release did, by hand: fixed, broken, changed otherwise, and why."""

from dataclasses import replace

from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.facts import Part
from savedmodel_matrix.views.report.pages import Pages
from savedmodel_matrix.views.report.releases import history_of, kind_of
from savedmodel_matrix.views.report.series import called, difference, notes, release, series
from tests.unit.pages import HOSTILE
from tests.unit.views.report.generated import cell, facts_of, failed

PACKAGES = {
    "tf2.15": {"tensorflow": "2.15.1", "keras": "2.15.0", "numpy": "1.26.4"},
    "tf2.16": {"tensorflow": "2.16.2", "keras": "3.15.1", "numpy": "1.26.4"},
    "tf2.17": {"tensorflow": "2.17.1", "keras": "3.15.1", "numpy": "2.0.0"},
    "keras3.9": {"tensorflow": "2.17.1", "keras": "3.9.2", "numpy": "2.0.0"},
    "keras3.10": {"tensorflow": "2.17.1", "keras": "3.10.0", "numpy": "2.0.0"},
}


def with_packages(cells, **given):
    environments = {
        name: {"packages": each, "python": "CPython 3.11", "lock": "ab" * 32}
        for name, each in PACKAGES.items()
    }
    facts = facts_of(cells)
    return replace(facts, run={**facts.run, "environments": environments}, **given)


def keras_part():
    names = ("keras3.9", "keras3.10", "tf2.17")
    cells = [cell(producer=name, **(failed() if name == "tf2.17" else {})) for name in names]
    return with_packages(cells, part=Part("keras", names[:2], dict.fromkeys(names[:2], "tf2.17")))


def told(facts):
    known = by_cell(causes(facts))
    return [history_of(one, known) for one in series(facts)]


def test_a_break_a_fix_and_a_change_are_told_apart():
    passes, fails = cell(), cell(**failed())
    assert kind_of(passes, fails) == "broke"
    assert kind_of(fails, passes) == "fixed"
    assert kind_of(fails, cell(**failed(stage="load"))) == "changed"
    assert kind_of(passes, cell(status="not-applicable", stage="")) == "changed"
    assert kind_of(fails, fails) == ""
    assert kind_of(passes, cell(status="not-run", stage="environment")) == ""


def test_a_release_is_counted_over_all_loaders_and_ways_with_its_cause():
    cells = []
    for producer in ("tf2.15", "tf2.16", "tf2.17"):
        broken = failed() if producer != "tf2.15" else {}
        cells += [
            cell("a", "as-written", producer, name, **broken)
            for name in ("libtensorflow", "tflite")
        ]
        cells += [cell("a", "resave", producer, **broken), cell("b", "as-written", producer)]
    [found] = told(with_packages(cells))
    first, second = found.steps
    assert dict(first.numbers) == {"broke": 3, "fixed": 0, "changed": 0}
    assert first.known == 4
    assert second.differs == 0
    assert found.runs == ((0, 1), (1, 3))
    [reason] = first.broke
    assert reason.title == "Could not find variable: nothing restores it"
    assert reason.outcomes == 3
    assert [(model.words, [link.words for link in links]) for model, links in reason.models] == [
        ("What a saves", ["libtensorflow", "tflite"])
    ]
    assert reason.ways == (("Load in Python, save again", 1),)


def test_a_release_has_its_versions_its_packages_and_links_to_its_notes():
    cells = [cell(producer=name) for name in ("tf2.15", "tf2.16", "tf2.17")]
    [found] = told(with_packages(cells))
    assert [(one.label, one.keras) for one in found.series.releases] == [
        ("2.15", "2.15.0"),
        ("2.16", "3.15.1"),
        ("2.17", "3.15.1"),
    ]
    links = [link.href for link in found.steps[0].links]
    assert "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.2" in links
    assert "https://github.com/keras-team/keras/compare/v2.15.0...v3.15.1" in links
    assert not any("keras" in link.href for link in found.steps[1].links)
    assert found.steps[1].packages == ("numpy 1.26.4 → 2.0.0",)


def test_keras_over_one_tensorflow_is_a_series_by_its_own_version():
    [found] = told(keras_part())
    assert found.series.package == "Keras"
    assert [one.label for one in found.series.releases] == ["3.9", "3.10", "3.15"]
    assert [step.anchor for step in found.steps] == ["keras-3.10", "keras-3.15"]
    assert dict(found.steps[1].numbers)["broke"] == 1


def test_several_pythons_are_no_releases_of_the_keras_that_one_of_them_has():
    part = keras_part()
    stated = part.run["environments"]
    for name, python in zip(
        stated, ("3.10.13", "3.12.1", "3.12.4", "3.13.0", "3.11.7"), strict=False
    ):
        stated[name]["python"] = f"CPython {python}"
    assert told(part) == []


def test_the_whole_report_has_the_releases_of_its_parts_and_links_into_them():
    part = keras_part()
    usual = [cell(producer=name) for name in ("tf2.15", "tf2.16")]
    usual += [one for one in part.every if one["producer"] == "tf2.17"]
    whole = with_packages([*usual, *(one for one in part.every if one["producer"] != "tf2.17")])
    facts = with_packages(usual, parts=(replace(part, of=whole),), of=whole)
    page = dict(Pages(facts).all())["releases.html"]
    assert 'id="tensorflow-2.16"' in page
    assert 'id="keras-3.15"' in page
    assert 'href="cases/module_dense.html#as-written.tf2.17.saved_model_cli"' in page
    assert 'href="environments/keras/releases.html"' in page


def test_one_environment_has_nothing_before_it():
    assert told(with_packages([cell()])) == []
    assert "nothing to compare" in dict(Pages(with_packages([cell()])).all())["releases.html"]


def test_an_address_is_made_of_nothing_but_a_version():
    for text in (*HOSTILE, "", "2.16.2/../x", "2.16.2 "):
        assert notes("TensorFlow", text) == ""
        assert difference("Keras", "3.0.0", text) == ""
    assert notes("numpy", "2.0.0") == ""


def test_an_environment_is_called_by_its_release_where_it_is_one():
    facts = with_packages([cell()])
    assert called(facts, "tf2.16") == "TensorFlow 2.16"
    assert called(facts, "tf2.16-mine") == "tf2.16-mine"
    assert called(facts, "keras3.9") == "keras3.9"
    assert release(facts, "elsewhere").label == "elsewhere"

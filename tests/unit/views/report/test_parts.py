"""A group of environments beside the default one has a part of the report."""

from dataclasses import replace
from pathlib import Path

import pytest

from savedmodel_matrix.views.report.findings import finding
from savedmodel_matrix.views.report.parts import divided
from savedmodel_matrix.views.report.site import files
from savedmodel_matrix.workspace.project import find_project
from tests.unit.views.report.generated import cell, facts_of, failed

PROJECT = find_project(Path(__file__).parents[4])
NAMES = ("tf2.15", "tf2.16", "tf2.21")


def keys(facts):
    return {(one["remedy"], one["producer"], one["consumer"]) for one in facts.every}


@pytest.fixture(scope="module")
def facts():
    cells = [cell(producer=name, remedy=r) for name in NAMES for r in ("as-written", "resave")]
    cells += [cell(producer="tf2.21", consumer="tf2.16"), cell(producer="jax", consumer="tf2.16")]
    cells += [cell(producer=name) for name in ("jax", "keras3.0", "keras3.14", "tf2.16-released")]
    return divided(facts_of(cells), PROJECT)


def test_the_report_has_the_default_group_and_its_cross_cells(facts):
    assert facts.columns == NAMES
    assert ("as-written", "tf2.21", "tf2.16") in keys(facts)
    assert {one["producer"] for one in facts.every} == set(NAMES)
    assert set(facts.run["environments"]) == set(NAMES)
    assert facts.run["commit"]


def test_a_part_has_its_group_beside_the_same_tensorflow_in_what_both_ran(facts):
    parts = {one.part.group: one for one in facts.parts}
    assert list(parts) == [name for name in PROJECT.groups if name in parts]
    assert keys(parts["backends"]) == {
        ("as-written", "jax", "jax"),
        ("as-written", "jax", "tf2.16"),
        ("as-written", "tf2.21", "tf2.21"),
    }
    assert parts["keras"].columns == ("tf2.21", "keras3.0", "keras3.14")
    assert parts["released"].columns == ("tf2.16", "tf2.16-released")
    assert parts["keras"].part.environments == ("keras3.0", "keras3.14")
    assert parts["keras"].part.beside == ("tf2.21",)
    assert set(parts["keras"].run["environments"]) == {"tf2.21", "keras3.0", "keras3.14"}


def test_each_part_has_pages_of_its_own_and_shares_those_of_cases_causes_and_data(facts):
    made = dict(files(facts))
    front = made["index.html"].decode()
    for inner in facts.parts:
        at = f"environments/{inner.part.group}/"
        assert f'href="{at}index.html"' in front
        own = {place.removeprefix(at) for place in made if place.startswith(at)}
        pages = {"index.html", "remedies.html", "environments.html", "releases.html"}
        assert own == {*pages, "data/outcomes.js"}
        page = made[f"{at}index.html"].decode()
        assert 'href="../../index.html">The whole report' in page
        assert f"Part <strong>{inner.part.group}</strong>" in page
        for producer in inner.columns:
            anchor = f"as-written.{producer}.saved_model_cli"
            assert f'href="../../cases/module_dense.html#{anchor}"' in page
            assert made["cases/module_dense.html"].decode().count(f"<p id={anchor}>") == 1
    assert "keras3.0, keras3.14, beside tf2.21." in made["environments/keras/index.html"].decode()
    assert "--environment backends" in made["data.html"].decode()
    page = made["cases/module_dense.html"].decode()
    assert page.index("Part keras: keras3.0, keras3.14, beside tf2.21") > page.index("Every remedy")
    assert "Part <strong>" not in front


def test_the_front_page_of_a_part_shows_every_loader_so_none_has_a_page_there():
    cells = [cell(producer=p, loader=n) for p in (*NAMES, "jax") for n in ("a loader", "b&c")]
    made = dict(files(divided(facts_of(cells), PROJECT)))
    assert "loaders/b-c" in "".join(place for place in made if place.startswith("loaders/"))
    assert not [place for place in made if place.startswith("environments/") and "loaders" in place]
    front = made["environments/backends/index.html"].decode()
    assert 'href="index.html?loader=b%26c#models" data-loader="b&amp;c"' in front
    assert "the other loaders need JavaScript here" in front
    assert "the whole table does not" in made["index.html"].decode()


def test_a_part_says_what_comes_out_otherwise_than_beside_it(facts):
    parts = {one.part.group: one for one in facts.parts}
    assert finding(parts["backends"]) == ["Saved as written, every case comes out as in tf2.21."]
    assert finding(parts["released"]) == ["Saved as written, every case comes out as in tf2.16."]
    keras = parts["keras"]
    every = [one | failed() if one["producer"] == "keras3.0" else one for one in keras.every]
    assert finding(replace(keras, every=every))[0] == (
        "Saved as written, 1 of 1 cases come out otherwise than in tf2.21: "
        "1 in keras3.0; none in keras3.14."
    )
    jax = parts["backends"]
    every = [one | failed() if one["producer"] == "jax" else one for one in jax.every]
    assert finding(replace(jax, every=every))[0] == (
        "Saved as written, 1 of 1 cases come out otherwise in jax than in tf2.21."
    )


def test_where_only_one_group_ran_the_report_is_one():
    other = facts_of([cell(producer="jax")])
    assert divided(other, PROJECT) is other
    usual = divided(facts_of([cell(producer="tf2.21"), cell(producer="unheard")]), PROJECT)
    assert usual.columns == ("tf2.21", "unheard")
    assert usual.parts == []
    assert "reports of their own" not in dict(files(usual))["environments.html"].decode()

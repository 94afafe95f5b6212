"""Which scripts the page of a case has, with which packages, and what is said to come out."""

from dataclasses import replace

from savedmodel_matrix.model.requirements import overlay_name
from savedmodel_matrix.views.report.case_scripts import case_scripts, command
from savedmodel_matrix.views.report.facts import Source
from tests.unit.views.report.generated import cell, facts_of, failed
from tests.unit.views.test_plain_script import CASES

LOADER = {"loader": "tf.saved_model.load"}
VERSIONS = {"producer": {"tensorflow-cpu": "2.16.2", "keras": "3.15.1", "python": "3.11.7"}}


def scripts(cells, text=CASES["module_dense"], environments=None):
    facts = facts_of(cells)
    cases = {**facts.cases, "module_dense": Source("module_dense", "A layer.", text)}
    run = {**facts.run, "environments": environments or {}}
    return case_scripts(replace(facts, cases=cases, run=run), "module_dense")


def test_each_ending_is_told_once_with_the_newest_environment_to_run_it_in():
    lost = failed("no such variable", **LOADER)
    cells = [
        cell(producer="tf2.15", **LOADER),
        cell(producer="tf2.16", **lost),
        cell(producer="tf2.17", versions=VERSIONS, **lost),
    ]
    (one,) = scripts(cells)
    passed, broken = one.endings
    assert (passed.environments, passed.status) == ("tf2.15", "pass")
    assert (broken.environments, broken.status) == ("tf2.16, tf2.17", "fail")
    first, second, end = broken.head.split("\n")
    assert (
        first
        == "# uv run --python 3.11 --with tensorflow-cpu==2.16.2 --with keras==3.15.1 script.py"
    )
    assert second.startswith("# tf2.16, tf2.17, tf.saved_model.load: fails at ")
    assert second.endswith(": no such variable")
    assert end == ""


def test_only_ways_with_an_outcome_in_python_have_a_script():
    none = {"status": "not-applicable", "stage": "", "reason": "no model"}
    cells = [
        cell(**LOADER),
        cell(remedy="resave"),
        cell(remedy="model-export", **LOADER, **none),
        cell(remedy="keras-file", loader="keras.models.load_model", signature=""),
    ]
    assert [one.remedy for one in scripts(cells)] == ["as-written", "keras-file"]
    assert scripts(cells, text="") == ()
    assert scripts(cells, text="def build(:") == ()


def test_what_a_case_requires_is_pinned_as_it_was_installed():
    own = {"packages": {"toolz": "1.1.0", "keras": "9"}, "python": "CPython 3.11.7"}
    environments = {overlay_name("tf2.16", ("toolz",)): own}
    said = command(cell(versions=VERSIONS), environments, ("toolz",))
    assert said.endswith("--with keras==3.15.1 --with toolz==1.1.0 script.py")
    assert "--with toolz" not in command(cell(versions=VERSIONS), environments)


def test_a_cell_without_versions_takes_those_of_its_environment():
    environments = {"tf2.16": {"packages": {"keras": "3.1.0"}, "python": "CPython 3.11.7"}}
    said = command(cell(versions={}), environments)
    assert said == "uv run --python 3.11 --with keras==3.1.0 script.py"
    assert command(cell(versions={}), {}) == "uv run script.py"


def test_a_reason_is_cut_and_cannot_leave_its_line():
    (one,) = scripts([cell(**failed("a\nimport os " + 300 * "x", **LOADER))])
    assert len(one.endings[0].head.splitlines()) == 2
    assert one.endings[0].head.splitlines()[1].endswith("…")


def test_tf_keras_is_pinned_where_the_object_came_from_it():
    versions = {"producer": {"tf-keras": "2.16.0", "keras": "3.0.0"}}
    assert "tf-keras" not in command(cell(versions=versions), {})
    legacy = cell(versions=versions, keras={"tf_keras": "2.16.0"})
    assert command(legacy, {}).endswith("--with tf-keras==2.16.0 script.py")


def test_a_required_package_that_is_no_requirement_is_left_out():
    text = CASES["module_dense"] + '\n\nrequires = ["not a requirement !"]\n'
    (one,) = scripts([cell(versions=VERSIONS, **LOADER)], text)
    assert "requirement" not in one.endings[0].head

"""What to do in a situation: counted from cells, of the models that are like what somebody has."""

from dataclasses import replace

from savedmodel_matrix.views.report.facts import Source
from savedmodel_matrix.views.report.pages import Pages
from savedmodel_matrix.views.report.recommend import advise
from savedmodel_matrix.views.report.situation import situations
from tests.unit.views.report.generated import cell, facts_of, failed
from tests.unit.views.test_plain_script import CASES

SERVING = ("saved_model_cli", "libtensorflow")
KINDS = {
    "module_dense": "module",
    "module_list": "module",
    "functional_direct": "model",
    "h5_compiled_mse": "model",
}


def facts_with(cells):
    facts = facts_of(cells)
    sources = {name: Source(name, name, CASES[name]) for name in facts.case_names}
    return replace(facts, cases=sources)


def found(cells):
    facts = facts_with(cells)
    return {one.anchor: one for one in situations(facts, advise(facts))}


def ended(case, remedy, *, passes, loaders=SERVING, **given):
    state = {} if passes else failed("reason")
    return [cell(case=case, remedy=remedy, loader=name, **given, **state) for name in loaders]


def scores(situation):
    return {
        one.remedy: [(score.passed, score.tried) for score in one.scores]
        for one in situation.options
    }


def test_models_are_counted_by_what_their_code_saves():
    cells = [one for case in KINDS for one in ended(case, "as-written", passes=True)]
    answers = found(cells)
    assert answers["module.serve"].models == 2
    assert answers["model.serve"].models == 2
    assert answers["savedmodel.serve"].models == 4
    assert answers["file.serve"].models == 1


def test_every_loader_of_a_use_has_to_pass():
    half = ended("module_list", "as-written", passes=True, loaders=SERVING[:1])
    half += ended("module_list", "as-written", passes=False, loaders=SERVING[1:])
    cells = [*ended("module_dense", "as-written", passes=True), *half]
    answer = found(cells)["module.serve"]
    assert scores(answer) == {"as-written": [(1, 2)]}
    assert [one["case"] for one in answer.failing] == ["module_list"]


def test_what_does_not_apply_or_was_not_run_is_not_counted():
    none = {"status": "not-applicable", "stage": "", "reason": "no"}
    unknown = {"status": "not-run", "stage": "load", "reason": "no"}
    cells = [
        *ended("module_dense", "as-written", passes=True),
        cell(case="module_list", loader="saved_model_cli", **none),
        cell(case="module_dict", loader="saved_model_cli", **unknown),
    ]
    assert scores(found(cells)["module.serve"]) == {"as-written": [(1, 1)]}


def test_the_best_comes_first_and_each_environment_has_its_own_choice():
    cells = [
        *ended("module_dense", "as-written", passes=True, producer="tf2.15"),
        *ended("module_dense", "resave", passes=True, producer="tf2.15"),
        *ended("module_dense", "as-written", passes=False, producer="tf2.16"),
        *ended("module_dense", "resave", passes=True, producer="tf2.16"),
    ]
    answer = found(cells)["module.serve"]
    assert [one.remedy for one in answer.options] == ["resave", "as-written"]
    told = [(one.columns, one.option.remedy, one.least, one.tried) for one in answer.advised]
    assert told == [(("tf2.15",), "as-written", 1, 1), (("tf2.16",), "resave", 1, 1)]


def test_where_nothing_works_nothing_is_advised():
    answer = found(ended("module_dense", "as-written", passes=False))["module.serve"]
    assert answer.advised == ()
    page = dict(Pages(facts_with(ended("module_dense", "as-written", passes=False))).all())[
        "situation.html"
    ]
    assert ">tf2.16: nothing tested works</h3>" in page


def test_what_costs_less_stands_beside_what_passes_most():
    legacy = {"keras": {"tf_keras": "2.16.0"}}
    cells = []
    for case, by_resave in (("module_dense", True), ("module_list", False)):
        cells += ended(case, "as-written", passes=False)
        cells += ended(case, "resave", passes=by_resave)
        cells += ended(case, "legacy-keras", passes=True, **legacy)
    (advised,) = found(cells)["module.serve"].advised
    assert advised.option.remedy == "legacy-keras"
    assert "needs tf-keras" in advised.option.prices
    assert advised.cheaper is not None
    assert advised.cheaper.remedy == "resave"


def test_a_savedmodel_on_disk_has_only_what_needs_no_code():
    cells = [
        *ended("module_dense", "as-written", passes=False),
        *ended("module_dense", "export-archive", passes=True),
        *ended("module_dense", "resave", passes=True),
    ]
    assert set(scores(found(cells)["savedmodel.serve"])) == {"as-written", "resave"}


def test_a_page_without_an_answer_says_so():
    facts = facts_of([cell(remedy="their-own")])
    assert "no cells here that answer it" in dict(Pages(facts).all())["situation.html"]

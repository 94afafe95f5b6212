"""Two environments compared: what comes out otherwise, and which package that goes with."""

from dataclasses import replace

from savedmodel_matrix.views.report.compared import changes
from tests.unit.views.report.generated import cell, facts_of, failed

PACKAGES = {
    "tf2.15": {"tensorflow": "2.15", "keras": "2.15", "numpy": "1.26"},
    "tf2.16": {"tensorflow": "2.16", "keras": "3.0", "numpy": "1.26"},
    "tf2.17": {"tensorflow": "2.17", "keras": "3.0", "numpy": "2.0"},
    "keras2": {"tensorflow": "2.17", "keras": "2.15", "numpy": "2.0"},
}


def facts_with(ends, packages=PACKAGES, **given):
    """Return a case's cells: "p" passes, "f" fails, "?" is not run, in the order of PACKAGES."""
    kinds = {"p": {}, "f": failed(), "?": {"status": "not-run", "stage": "environment"}}
    cells = [
        cell(producer=name, **kinds[end], **given) for name, end in zip(PACKAGES, ends, strict=True)
    ]
    facts = facts_of(cells)
    environments = {name: {"packages": each} for name, each in packages.items()}
    return replace(facts, run=dict(facts.run) | {"environments": environments})


def goes_with(ends, one="tf2.15", other="tf2.16"):
    return [group.packages for group in changes(facts_with(ends), one, other)]


def test_what_one_package_alone_tells_goes_with_it():
    assert goes_with("pffp") == [("keras",)]
    assert goes_with("pfff") == [("tensorflow",)]
    assert goes_with("pppf", "tf2.17", "keras2") == [()]
    assert goes_with("ppff", "tf2.16", "tf2.17") == [("tensorflow", "numpy")]
    assert goes_with("pfpf") == [()]


def test_what_is_not_known_speaks_against_nothing():
    assert goes_with("pff?") == [("tensorflow", "keras")]
    assert goes_with("?fff") == []


def test_cells_that_changed_alike_are_together_as_written_named_and_the_others_counted():
    written, resaved = facts_with("pffp"), facts_with("pffp", remedy="resave")
    facts = replace(
        written,
        every=[*written.every, *resaved.every],
        remedies={**written.remedies, **resaved.remedies},
    )
    [group] = changes(facts, "tf2.15", "tf2.16")
    [change] = group.changes
    assert group.number == 2
    assert (change.before.status, change.after.status, change.others) == ("pass", "fail", 1)
    link = "cases/module_dense.html#as-written.tf2.16.saved_model_cli"
    assert change.written == (("module_dense", (("saved_model_cli", link),)),)


def test_without_packages_the_outcomes_are_told_all_the_same():
    [group] = changes(facts_with("pffp", {}), "tf2.15", "tf2.16")
    assert (group.packages, group.number) == ((), 1)

"""The page of the cases: written from them and the accepted table."""

from pathlib import Path
from typing import Any

from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.table import from_cells
from savedmodel_matrix.views.guide import as_written, guide
from tests.unit.rows import cell

ENVIRONMENTS = ["tf2.15", "tf2.16", "tf2.17", "tf2.18"]


def case(name, **given):
    issues = ("https://github.com/keras-team/keras/issues/20095",)
    stated: dict[str, Any] = {"story": "A story.", "issues": issues, "group": "Group", "length": 20}
    return Case(name, Path(f"cases/{name}.py"), f"Title of {name}.", **(stated | given))


def rows(name, statuses, loader="libtensorflow"):
    return [
        cell(status, case=name, producer=producer, loader=loader)
        for producer, status in zip(ENVIRONMENTS, statuses, strict=True)
    ]


def test_a_case_is_told_with_its_outcome_and_links():
    table = from_cells(rows("one", ["pass", "fail", "fail", "fail"]))
    page = guide([case("one", changed="TensorFlow 2.16")], {"Group": "About it."}, table)
    assert (
        "## Group\n\nAbout it.\n\n### [one](../cases/one.py)\n\n**Title of one.** A story.\n"
        in page
    )
    assert "- As written: passes in tf2.15; fails at run in tf2.16 to tf2.18.\n" in page
    assert "- Changed in TensorFlow 2.16.\n" in page
    link = "[keras-team/keras#20095](https://github.com/keras-team/keras/issues/20095)"
    assert f"- Reported in {link}.\n" in page
    assert "Like no other: [one](#one)." in page


def test_cases_that_behave_alike_are_one_group_and_each_says_what_it_adds():
    table = from_cells([*rows("one", ["pass"] * 4), *rows("two", ["pass"] * 4)])
    page = guide([case("two", length=30), case("one")], {}, table)
    assert "2 cases, which behave in 1 way" in page
    assert "- Behaves like [one](#one)." in page
    assert "[one](#one): Title of one. Like it behave\n\n- [two](#two): Title of two." in page


def test_a_gap_is_not_hidden_and_loaders_that_differ_are_named():
    both = [
        *rows("one", ["pass", "fail", "pass", "pass"]),
        *rows("one", ["pass"] * 4, "saved_model_cli"),
    ]
    assert as_written(both, ENVIRONMENTS) == (
        "passes in tf2.15, tf2.17, tf2.18 with libtensorflow; "
        "passes in every environment with saved_model_cli; "
        "fails at run in tf2.16 with libtensorflow"
    )


def test_what_a_case_says_is_text():
    page = guide([case("one", story="<b>bold</b> *stars* `code`")], {}, from_cells([]))
    assert r"&lt;b>bold&lt;/b> \*stars\* `code`" in page

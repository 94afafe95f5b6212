"""The finding, worked out by hand from tables of a few cells."""

from savedmodel_matrix.views.report.findings import Stop, best, counts, finding, stops
from tests.unit.views.report.generated import cell, facts_of, failed

EARLY, LATE = "tf2.15", "tf2.16"


def test_counts_leave_out_what_has_no_verdict():
    told = counts(
        [
            cell(),
            cell(**failed()),
            cell(status="not-applicable", stage=""),
            cell(status="not-run", stage="environment"),
        ]
    )
    assert (told.passed, told.applicable, told.not_run) == (1, 2, 1)


def test_a_case_stops_where_its_first_lasting_failure_is():
    facts = facts_of(
        [
            cell("a", producer="tf2.15"),
            cell("a", producer="tf2.16", **failed()),
            cell("a", producer="tf2.17"),
            cell("a", producer="tf2.18", **failed()),
            cell("a", producer="tf2.19", status="timeout", stage="run"),
        ]
    )
    assert stops(facts) == [Stop("a", "saved_model_cli", "tf2.18")]


def test_a_case_that_recovers_or_never_worked_or_is_unknown_does_not_stop():
    facts = facts_of(
        [
            cell("recovers", producer="tf2.15"),
            cell("recovers", producer="tf2.16", **failed()),
            cell("recovers", producer="tf2.17"),
            cell("never", producer="tf2.15", **failed()),
            cell("never", producer="tf2.16", **failed()),
            cell("unknown", producer="tf2.15"),
            cell("unknown", producer="tf2.16", status="not-run", stage="environment"),
        ]
    )
    assert stops(facts) == []


def test_the_best_is_as_written_where_that_passes_and_else_the_first_that_does():
    facts = facts_of(
        [
            cell(producer=EARLY),
            cell(remedy="resave", producer=EARLY),
            cell(producer=LATE, **failed()),
            cell(remedy="legacy-keras", producer=LATE, status="not-applicable", stage=""),
            cell(remedy="resave", producer=LATE),
            cell(remedy="export-archive", producer=LATE),
        ]
    )
    order = ["resave", "export-archive", "legacy-keras", "as-written"]

    def found(environment):
        return best(facts, "module_dense", "saved_model_cli", environment, order)["remedy"]

    assert found(EARLY) == "as-written"
    assert found(LATE) == "resave"


def test_what_stops_is_left_to_the_first_sentence_of_the_page():
    made = [cell(producer=EARLY), cell(producer=LATE, **failed())]
    assert finding(facts_of(made), led=True) == []
    unknown = cell(remedy="resave", status="not-run", stage="environment")
    assert finding(facts_of([*made, unknown]), led=True) == [
        "1 of 3 cells was not run, so nothing is known of it."
    ]


def test_the_finding_tells_what_applies_only_somewhere_and_what_was_not_run():
    made = [
        cell("a", **failed()),
        cell("b", **failed()),
        cell("a", "model-export"),
        cell("b", "model-export", status="not-applicable", stage=""),
        cell("b", "resave", status="not-run", stage="environment"),
        cell("a", "resave", **failed()),
    ]
    assert finding(facts_of(made)) == [
        "Saved as written, 2 of 2 cases fail somewhere.",
        "Every case works, where it can be applied, with model-export.",
        "1 of 6 cells was not run, so nothing is known of it.",
    ]


def test_nothing_fails():
    assert finding(facts_of([cell()])) == ["Saved as written, no case of 1 is seen to fail."]

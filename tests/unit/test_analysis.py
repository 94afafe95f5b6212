"""What the table says: counts, remedies, prices, root causes, surprises, and the folded tables."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.analysis import (
    RemedyResult,
    Signature,
    Spec,
    count,
    format_signatures,
    loader_results,
    matrix,
    parse_signatures,
    prices,
    remedy_results,
    signature_changes,
    summarise,
)
from savedmodel_matrix.table import COLUMNS, FAILURES, Row, from_cells, key_of, rows_of

PLAIN = "serving_default(x float32[-1,4]) -> (output_0 float32[-1,2])"
RENAMED = "serving_default(inputs float32[-1,4]) -> (output_0 float32[-1,2])"
STAGES = {"pass": "values", "not-applicable": "", "not-run": "environment"}
EMPTY = from_cells([])


def cell(status: str = "pass", **given: str) -> Row:
    """Return a cell as written on tf2.15, with what is given in it."""
    key = ("module_dense", "as-written", "tf2.15", "libtensorflow", "tf2.15")
    outcome = (status, STAGES.get(status, "run"), "", "", PLAIN)
    known = dict(zip(COLUMNS, (*key, *outcome), strict=True))
    if "producer" in given:
        given = {"consumer": given["producer"], **given}
    return known | given


def remedy(name: str, *statuses: str) -> RemedyResult:
    """Return the result of a remedy whose cells, one a case, end so."""
    table = from_cells(
        cell(status, case=f"case{number}", remedy=name) for number, status in enumerate(statuses)
    )
    (result,) = remedy_results(table)
    return result


def test_what_has_no_verdict_is_in_no_denominator() -> None:
    statuses = ["pass", "pass", *FAILURES, "not-applicable", "not-run", "not-run"]
    counts = count(cell(status) for status in statuses)
    assert (counts.passed, counts.failed, counts.applicable, counts.not_run) == (2, 3, 5, 2)


@pytest.mark.parametrize(
    ("statuses", "works"),
    [
        (["pass"], True),
        (["pass", "not-applicable"], True),
        (["not-applicable"], False),
        (["pass", "fail"], False),
        (["pass", "crash"], False),
        (["pass", "timeout"], False),
        (["pass", "not-run"], False),
    ],
)
def test_what_works_everywhere_it_applies(statuses: list[str], works: bool) -> None:
    assert remedy("resave", *statuses).cells.works is works


def test_cases_of_a_remedy() -> None:
    result = remedy("resave", "pass", "pass", "fail", "not-applicable", "not-run")
    assert (result.cases, result.cases_working, result.cases_failing) == (3, 2, 1)
    assert result.cases_without == 1


def test_a_case_works_only_if_all_its_cells_pass() -> None:
    table = from_cells([cell(), cell("timeout", producer="tf2.16"), cell(case="other")])
    (result,) = remedy_results(table)
    assert (result.cases, result.cases_working, result.cases_failing) == (2, 1, 1)


def test_remedies_that_carry_farthest_come_first() -> None:
    made = [
        *(cell("pass", remedy="half", case=case) for case in "ab"),
        *(cell("fail", remedy="half", case=case) for case in "cde"),
        *(cell("fail", remedy="never", case=case) for case in "ab"),
        cell("pass", remedy="works", case="a"),
        cell("not-applicable", remedy="works", case="b"),
    ]
    assert [each.remedy for each in remedy_results(from_cells(made))] == ["works", "half", "never"]


# Signatures


SIGNATURES = {
    "serving_default": Signature({"x": Spec("float32", (-1, 4))}, {"y": Spec("string", ())}),
    "a b": Signature({}, {'"),; -> (': Spec("int64", None), "": Spec("bool", (0,))}),
}
CANONICAL = (
    r'"a b"() -> ("" bool[0], "\"),; -> (" int64[...]); serving_default(x float32[-1,4]) -> '
    "(y string[])"
)

names = st.text(max_size=6) | st.sampled_from(
    ["x", "output_0", 'a"', "\\", "; ", " -> (", "é\u202e"]
)
specs = st.builds(
    Spec,
    st.sampled_from(["float32", "string", "bfloat16"]),
    st.none() | st.lists(st.integers(-1, 99), max_size=3).map(tuple),
)
signatures = st.dictionaries(
    names,
    st.builds(
        Signature,
        st.dictionaries(names, specs, max_size=3),
        st.dictionaries(names, specs, max_size=3),
    ),
    max_size=3,
)


def test_the_canonical_text() -> None:
    assert format_signatures(SIGNATURES) == CANONICAL
    assert parse_signatures(CANONICAL) == SIGNATURES
    assert format_signatures(parse_signatures(PLAIN)) == PLAIN
    assert parse_signatures("") == {}


@settings(deadline=None)
@given(signatures)
def test_what_is_formatted_is_parsed_back(made: dict[str, Signature]) -> None:
    assert parse_signatures(format_signatures(made)) == made


@settings(deadline=None)
@given(st.text() | st.text(alphabet='ab"\\()[],; ->01.-'))
def test_any_other_text_is_a_value_error(text: str) -> None:
    try:
        parsed = parse_signatures(text)
    except ValueError:
        return
    assert format_signatures(parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        "serving_default",
        PLAIN + "; ",
        PLAIN + "; " + PLAIN,
        "b() -> (); a() -> ()",
        "a(y float32[], x float32[]) -> ()",
        "a(x float32[-1, 4]) -> ()",
        "a(x float32[01]) -> ()",
        'a("x" float32[]) -> ()',
    ],
)
def test_text_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_signatures(text)


@settings(deadline=None)
@given(signatures, signatures)
def test_what_differs_is_told_and_what_does_not_is_not(
    one: dict[str, Signature], other: dict[str, Signature]
) -> None:
    changes = signature_changes(format_signatures(one), format_signatures(other))
    assert bool(changes) == (one != other)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("(x f[]) -> ()", "(inputs f[]) -> ()", ["input x is now inputs"]),
        ("() -> (y f[])", "() -> (output_0 f[])", ["output y is now output_0"]),
        ("(x f[]) -> ()", "(z i[]) -> ()", ["input x f[] is now z i[]"]),
        ("(x f[]) -> ()", "(x i[]) -> ()", ["dtype of input x: f is now i"]),
        ("(x f[-1]) -> ()", "(x f[...]) -> ()", ["shape of input x: [-1] is now [...]"]),
        ("(a f[], b i[]) -> ()", "(c i[], d f[]) -> ()", ["input a is now d", "input b is now c"]),
        (
            "(a f[], b f[]) -> ()",
            "(c f[], d f[]) -> ()",
            ["the inputs a, b now have, in some order, the names c, d"],
        ),
        ("(a f[], b i[]) -> ()", "(a f[]) -> ()", ["input b is lost"]),
        ("() -> (a f[])", "() -> (a f[], b i[])", ["output b is added"]),
        (
            "(a f[]) -> ()",
            "(b f[], c f[]) -> ()",
            ["input a is lost", "input b is added", "input c is added"],
        ),
    ],
)
def test_changes_in_words(before: str, after: str, said: list[str]) -> None:
    assert list(signature_changes(f"s{before}", f"s{after}")) == said


def test_lost_and_added_signatures_in_words() -> None:
    changes = signature_changes("a(x f[]) -> (); b() -> ()", "b() -> (y f[]); serve() -> ()")
    assert changes == (
        "signature a is lost",
        "signature serve is added",
        "output y of b is added",
    )


def test_a_text_that_cannot_be_parsed_still_differs() -> None:
    assert signature_changes(PLAIN, "nonsense") == ("the signature is another one",)


# Prices


def test_a_price_is_told_once_for_all_loaders_and_environments() -> None:
    environments, loaders = ["tf2.15", "tf2.9", "tf2.16"], ["libtensorflow", "saved_model_cli"]
    made = [cell(producer=each) for each in environments]
    made += [
        cell(producer=each, loader=loader, remedy="model-export", signature=RENAMED)
        for each, loader in product(environments, loaders)
    ]
    (price,) = prices(from_cells(made), EMPTY)
    assert (price.case, price.remedy) == ("module_dense", "model-export")
    assert price.producers == ("tf2.9", "tf2.15", "tf2.16")
    assert (price.changes, price.baseline) == (("input x is now inputs",), "tf2.9")


def test_as_written_has_its_price_in_later_environments() -> None:
    made = [cell(), cell(producer="tf2.16", signature=RENAMED)]
    (price,) = prices(from_cells(made), EMPTY)
    assert (price.remedy, price.producers) == ("as-written", ("tf2.16",))


def test_what_fails_has_no_price() -> None:
    made = [cell(), cell("fail", remedy="resave", signature=RENAMED)]
    assert prices(from_cells(made), EMPTY) == ()


def test_a_selection_is_compared_with_what_was_accepted() -> None:
    made = [cell(producer="tf2.16", signature=RENAMED)]
    assert prices(from_cells(made), EMPTY) == ()
    (price,) = prices(from_cells(made), from_cells([cell()]))
    assert price.baseline == "tf2.15"


def test_this_run_knows_better_than_what_was_accepted() -> None:
    run = [cell(signature=RENAMED), cell(remedy="resave", signature=RENAMED)]
    assert prices(from_cells(run), from_cells([cell()])) == ()
    run[0] = cell("not-run", signature="")
    assert len(prices(from_cells(run), from_cells([cell()]))) == 1


def test_where_nothing_was_ever_written_there_is_no_price() -> None:
    made = [cell("fail", signature=""), cell(remedy="resave")]
    assert prices(from_cells(made), EMPTY) == ()


# Root causes and surprises


def test_failures_have_one_group_per_fingerprint_the_largest_first() -> None:
    made = [
        cell("fail", case="a", fingerprint="rare", reason="rare"),
        cell("fail", case="b", fingerprint="often", reason="often"),
        cell("crash", case="c", fingerprint="often", reason="often"),
        cell("timeout", case="d", reason="slow"),
        cell("not-run", case="e", fingerprint="broken", reason="broken"),
        cell("not-applicable", case="f", reason="nothing there"),
        cell(case="g"),
    ]
    summary = summarise(from_cells(made), EMPTY, full=True)
    found = [(group.reason, len(group.rows)) for group in summary.failures]
    assert found == [("often", 2), ("rare", 1), ("slow", 1)]
    assert [group.reason for group in summary.unknown] == ["broken"]


def test_a_surprise_does_not_pass_and_was_not_accepted_so() -> None:
    now = [
        cell("fail", case="accepted"),
        cell("crash", case="broken"),
        cell("pass", case="cured"),
        cell("timeout", case="new"),
        cell("not-run", case="unknown"),
        cell("not-applicable", case="nothing"),
    ]
    before = [
        cell("fail", case="accepted"),
        cell("pass", case="broken"),
        cell("fail", case="cured"),
        cell("pass", case="nothing"),
        cell("pass", case="unknown"),
    ]
    logs = {key_of(now[1]): "logs/broken.txt"}
    summary = summarise(from_cells(now), from_cells(before), full=True, logs=logs)
    found = [(s.row["case"], s.before and s.before["status"], s.log) for s in summary.surprises]
    assert found == [
        ("broken", "pass", "logs/broken.txt"),
        ("new", None, ""),
        ("unknown", "pass", ""),
    ]


# Tables


def test_the_matrix_has_cases_and_remedies_by_producers() -> None:
    made = [
        cell("fail", producer="tf2.16"),
        cell(producer="tf2.9"),
        cell("not-applicable", producer="tf2.9", remedy="resave"),
        cell("crash", loader="other"),
    ]
    table = matrix(from_cells(made), "libtensorflow")
    assert list(table.columns) == ["tf2.9", "tf2.16"]
    assert table.index.names == ["case", "remedy"]
    assert {key: list(row) for key, row in zip(table.index, table.to_numpy(), strict=True)} == {
        ("module_dense", "as-written"): ["pass values", "fail run"],
        ("module_dense", "resave"): ["not-applicable", ""],
    }


def test_a_consumer_that_is_not_the_producer_is_named() -> None:
    made = [
        cell(producer="tf2.16"),
        cell(producer="tf2.16", consumer="tf2.15"),
        cell(producer="tf2.9", consumer="openvino"),
    ]
    table = matrix(from_cells(made), "libtensorflow")
    assert list(table.columns) == ["tf2.9 → openvino", "tf2.16 → tf2.15", "tf2.16"]


def test_remedies_and_cases_that_are_alike_are_folded() -> None:
    made = [
        cell("fail" if remedy == "as-written" else "pass", case=case, remedy=remedy)
        for case, remedy in product("abc", ["as-written", "export", "resave"])
    ]
    made[3] = cell("crash", case="b")
    made += [cell(case="d"), cell("not-applicable", case="d", remedy="resave")]
    made += [cell("not-applicable", case="e"), cell("not-run", case="f")]
    (result,) = loader_results(from_cells(made))
    assert result.passing == ("d",)
    assert [(block.cases, block.rows) for block in result.blocks] == [
        (
            ("a", "c"),
            ((("as-written",), ("fail run",)), (("export", "resave"), ("pass values",))),
        ),
        (("b",), ((("as-written",), ("crash run",)), (("export", "resave"), ("pass values",)))),
        (("e",), ((("as-written",), ("not-applicable",)),)),
        (("f",), ((("as-written",), ("not-run environment",)),)),
    ]


def long_table(differing: int) -> list[Row]:
    """Return 8 cases, unlike each other, of two loaders that differ in so many of them."""
    made = []
    for number, loader in product(range(8), ["first", "second"]):
        for position in range(8):
            status = "fail" if position <= number else "pass"
            if loader == "second" and number < differing:
                status = "crash"
            name = f"tf2.{position}"
            made.append(cell(status, case=f"case{number}", loader=loader, producer=name))
            made.append(
                cell("timeout", case=f"case{number}", remedy="resave", loader=loader, producer=name)
            )
    return made


@pytest.mark.parametrize(
    ("differing", "like", "shown"), [(0, "first", 0), (2, "first", 2), (3, "", 8)]
)
def test_a_long_table_that_repeats_another_is_told_by_what_differs(
    differing: int, like: str, shown: int
) -> None:
    _, second = loader_results(from_cells(long_table(differing)))
    assert second.like == like
    assert sum(len(block.cases) for block in second.blocks) == shown


def test_a_short_table_is_shown_even_if_it_repeats_another() -> None:
    made = [cell("fail", loader=loader) for loader in ["first", "second"]]
    first, second = loader_results(from_cells(made))
    assert (first.like, second.like) == ("", "")
    assert first.blocks == second.blocks != ()


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            cell,
            st.sampled_from(["pass", *FAILURES, "not-applicable", "not-run"]),
            case=st.sampled_from("abc"),
            remedy=st.sampled_from("rs"),
            producer=st.sampled_from(["tf2.15", "tf2.9"]),
            loader=st.sampled_from("lm"),
        ),
        unique_by=key_of,
    )
)
def test_folding_loses_no_outcome(made: list[Row]) -> None:
    table = from_cells(made)
    summary = summarise(table, EMPTY, full=True)
    for result in summary.loaders:
        folded = {
            (case, remedy): outcomes
            for block in result.blocks
            for case in block.cases
            for remedies, outcomes in block.rows
            for remedy in remedies
        }
        for key, row in zip(result.matrix.index, result.matrix.to_numpy().tolist(), strict=True):
            if key[0] in result.passing:
                assert set(row) <= {"pass values", "not-applicable", ""}
            else:
                assert folded.pop(key) == tuple(row)
        assert not folded
    assert sum(each.counts.applicable for each in summary.loaders) == summary.counts.applicable
    assert sum(summary.counts.by_status.values()) == len(rows_of(table))


def test_nothing_selected_is_no_error() -> None:
    summary = summarise(EMPTY, EMPTY, full=False)
    assert (summary.loaders, summary.remedies, summary.failures) == ((), (), ())
    assert summary.has_accepted is False

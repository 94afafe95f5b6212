"""The terminal page: what it says, that it fits, and that nothing from a case acts in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.markdown import markdown
from savedmodel_matrix.views.wording import SYMBOLS
from tests.unit.pages import (
    ENVIRONMENTS,
    HOSTILE,
    MODULES,
    OTHERS,
    PLAIN,
    UNLIKE,
    acts,
    cell,
    failed,
    hostile,
    hostile_summary,
    key,
    printed,
    section,
    summary_of,
)

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.summary import Summary


def test_the_table_folds_what_is_alike(realistic: Summary) -> None:
    page = printed(realistic, 200)
    assert section(page, "saved_model_cli: 547 of 777 (70 %) pass")[:2] == [
        "The same as with libtensorflow in 14 of 16 cases; these differ:",
        "   ".join(f"{name}    " for name in ENVIRONMENTS).strip(),
    ]
    table = section(page, "libtensorflow: 579 of 777 (74 %) pass")
    assert ", ".join(sorted({*MODULES, *OTHERS} - set(UNLIKE))) == " ".join(table[1:3])
    broken = " ".join(table[3].split())
    assert broken == "as-written, track-keras-variables ✓ pass" + " ✗ fail run" * 6
    cured = "export-archive, legacy-keras, model-export, resave, track-tf-variables"
    assert " ".join(table[4].split()) == cured + " ✓ pass" * 7
    assert len(table) == 20
    assert "mixed_bfloat16\n  every remedy  " in page


def test_cases_that_pass_are_one_sentence(realistic: Summary) -> None:
    table = section(printed(realistic, 400), "tf.saved_model.load: 770 of 777 (99 %) pass")
    assert table[-1].startswith("The other cases pass with every remedy that applies, in every")
    assert table[-1].endswith(", same_shaped_inputs_eleven_outputs, several_signatures")
    assert "(14): batchnorm_dropout, " in table[-1]


def test_how_many_pass_and_which_remedy_works() -> None:
    made = [
        cell(),
        cell(loader="libtensorflow", status="fail", stage="run", fingerprint="no", reason="no"),
        cell(remedy="resave"),
        cell(remedy="model-export"),
        cell(remedy="model-export", case="other", status="not-applicable", stage=""),
        cell(remedy="legacy-keras", status="not-run", stage="environment"),
    ]
    page = printed(summary_of(made))
    assert [line.split("  ")[-1].strip() for line in section(page, "How many pass")] == [
        "the others",
        "1 fail",
        "1 not-applicable, 1 not-run",
    ]
    rows = [re.split("  +", line) for line in section(page, "Which remedy works everywhere")]
    assert rows[1:] == [
        ["model-export", "works everywhere, n/a in 1 case", "1 of 1", "1 of 1"],
        ["resave", "works everywhere", "1 of 1", "1 of 1"],
        ["legacy-keras", "not known yet", "0 of 0", "0 of 0"],
        ["as-written", "fails in 1 case", "1 of 2", "0 of 1"],
    ]


def test_the_price_of_remedies_is_told_once_for_those_that_are_alike(realistic: Summary) -> None:
    found = section(printed(realistic), "What a remedy costs: another signature than as written")
    assert found == [
        "These pass, but a client that feeds or fetches by name, type or shape breaks.",
        "as-written, export-archive, resave, track-keras-variables, track-tf-variables",
        "functional_direct: output probabilities is now output_0 (tf2.16 to tf2.21; against tf2.15)",
        "model-export",
        "batchnorm_dropout: input x is now inputs (every environment; against tf2.15)",
        "bidirectional_lstm: input x is now inputs (every environment; against tf2.15)",
        "… and 13 more in results/matrix.csv",
    ]


def test_what_differs_is_told_with_reason_place_and_log() -> None:
    crash = failed("run", "signal SIGSEGV", status="crash")
    now = [cell(producer=each, consumer=each, **crash) for each in ("tf2.15", "tf2.16", "tf2.17")]
    cured = cell(remedy="resave")
    other = cell(remedy="model-export", signature=PLAIN.replace("x ", "inputs "))
    before = [cell(**key(each)) for each in now]
    before += [cured | failed("load", "no"), other | {"signature": PLAIN}]
    logs = {key_of(each): f"results/logs/{each['producer']}.txt" for each in now}
    page = printed(summary_of([*now, cured, other], before, logs))
    assert section(page, "What differs from the accepted table") == [
        "module_dense: ✓ pass → ☠ crash run (3 cells)",
        "signal SIGSEGV",
        "with as-written",
        "in every environment; saved_model_cli",
        "2 more logs in results/cells.jsonl",
        "log: results/logs/tf2.15.txt",
        "module_dense: still ✓ pass, but not as before (1 cell)",
        "input x is now inputs",
        "with model-export",
        "in tf2.16; saved_model_cli",
        "module_dense: ✗ fail load → ✓ pass (1 cell)",
        "with resave",
        "in tf2.16; saved_model_cli",
    ]
    assert "Against the accepted table 5 cells differ." in page


def test_new_and_gone_cells_are_told() -> None:
    new = cell(case="mine", **failed("build", "NameError: x"))
    logs = {key_of(new): "log.txt"}
    summary = summary_of([cell(), new, cell(case="fine")], [cell(), cell(case="old")], logs)
    page = printed(summary)
    assert section(page, "New: not in the accepted table") == [
        "2 cells: 1 pass, 1 fail.",
        "mine: ✗ fail build (1 cell)",
        "NameError: x",
        "with as-written",
        "in tf2.16; saved_model_cli",
        "log: log.txt",
    ]
    assert section(page, "Gone: accepted, but no longer there in a full run") == [
        "old, as-written, tf2.16, saved_model_cli, tf2.16: ✓ pass"
    ]
    assert "0 cells differ, 1 is gone, 2 are new." in page


def test_root_causes_say_where_they_are() -> None:
    made = [
        cell(producer=each, consumer="tf2.15", case=case, **failed("run", "no variable"))
        for each in ("tf2.15", "tf2.16", "tf2.18")
        for case in "abcdefgh"
    ]
    made += [cell(producer="tf2.17", status="not-run", stage="environment", reason="no Python")]
    page = printed(summary_of(made))
    assert section(page, "Failures by root cause") == [
        "24 cells: no variable",
        "with as-written",
        "in tf2.15, saved in tf2.16, tf2.18 and loaded in tf2.15; saved_model_cli",
        "cases: a, b, c, d, e, f, 2 more",
    ]
    assert section(page, "Not run: of these nothing is known")[0] == "1 cell: no Python"


def test_long_lists_are_cut_and_say_where_the_rest_is() -> None:
    made = [cell(case=f"case{number}", **failed("run", f"no {number}")) for number in range(30)]
    page = printed(summary_of(made))
    assert page.count("… and 22 more in results/matrix.csv") == 2
    assert len(section(page, "Failures by root cause")) == 8 * 4 + 1


def test_a_reason_is_cut() -> None:
    page = printed(summary_of([cell(**failed("run", "x" * 5000))]), 200)
    assert re.findall("x+…", re.sub(r"\s", "", page)) == ["x" * 240 + "…"] * 2


def test_nothing_selected_is_a_page_too() -> None:
    assert "Of the applicable cells 0 of 0 pass." in printed(summary_of([]))
    assert "0 of 0" in markdown(summary_of([]))


@pytest.mark.parametrize(
    ("width", "cells", "legend"),
    [(120, "✗ fail run", False), (80, "✗ run", True), (78, "\n  ✓✗✗✗✗✗✗\n", True)],
)
def test_words_shrink_to_symbols_with_a_legend(
    realistic: Summary, width: int, cells: str, legend: bool
) -> None:
    page = printed(realistic, width)
    assert cells in page
    shown = [f"{SYMBOLS[each]} {each}" for each in ("pass", "fail", "crash", "not-applicable")]
    assert ("   ".join(shown) + "\n" in page) is legend


@pytest.mark.parametrize("width", [20, 21, 33, 47, 60, 79, 80, 81, 100, 119, 120, 200])
def test_no_line_is_wider_than_the_terminal(realistic: Summary, width: int) -> None:
    lines = printed(realistic, width).split("\n")
    assert max(map(cell_len, lines)) <= width


def test_a_log_path_is_never_broken() -> None:
    row = cell(**failed("run", "no"))
    path = "results/logs/" + "a-long-name-" * 10 + ".txt"
    assert f"log: {path}\n" in printed(summary_of([row], [], {key_of(row): path}), 20)


def test_colour_stands_beside_words(realistic: Summary) -> None:
    page = printed(realistic, TERM="xterm-256color")
    assert re.search("\x1b\\[31m✗ fail run", page)
    assert re.search("\x1b\\[32m✓ pass", page)


def test_no_color_and_a_pipe_get_no_colour(realistic: Summary) -> None:
    assert "\x1b[31m" not in printed(realistic, TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b" not in printed(realistic)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_a_stream_without_the_symbols_gets_others(realistic: Summary, encoding: str) -> None:
    page = printed(realistic, encoding=encoding)
    assert "x fail run" in page
    assert "+ pass" in page
    assert "! crash run" in page
    assert "- n/a" in page
    assert "... and 13 more" in page


def test_a_stream_gets_of_a_reason_what_it_can_write() -> None:
    page = printed(summary_of([cell(**failed("run", "naïve 🙂 → 数"))]), encoding="latin-1")
    assert "1 cell: naïve \\U0001f642 -> \\u6570" in page


@settings(deadline=None)
@given(hostile, st.integers(1, 250), st.sampled_from(["utf-8", "ascii", "cp1252"]))
def test_nothing_from_a_case_acts_on_a_terminal(text: str, width: int, encoding: str) -> None:
    assert not any(map(acts, printed(hostile_summary(text), width, encoding)))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_is_shown_as_it_is(text: str) -> None:
    page = printed(hostile_summary(text), 500)
    assert f"1 cell: {' '.join(one_line(text).split(' '))}".rstrip() in page

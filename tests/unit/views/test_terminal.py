"""The terminal page: what it says, that it fits, and that nothing from a case acts in it."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from savedmodel_matrix.analysis.explanations import Explanation, Explanations
from savedmodel_matrix.model.fingerprint import heart
from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.markdown import markdown
from savedmodel_matrix.views.next_steps import Step
from tests.unit.pages import (
    ENVIRONMENTS,
    HOSTILE,
    LOADERS,
    MODULES,
    OTHERS,
    PLAIN,
    REMEDIES,
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

STEPS = [Step("nox -s matrix -- --case a", "its remedies"), Step("nox -s matrix -- --all", "all")]


def test_the_answer_comes_first_and_the_next_steps_last(realistic: Summary) -> None:
    lines = printed(realistic, steps=STEPS).split("\n")
    assert lines[0].startswith("Saved as written, ")
    assert lines[-3:] == [
        "Next  nox -s matrix -- --case a  its remedies",
        "      nox -s matrix -- --all     all",
        "",
    ]


def test_a_command_is_never_broken() -> None:
    steps = [Step("nox -s matrix -- --case " + "a" * 90, "its remedies")]
    page = printed(summary_of([cell()]), 40, steps=steps)
    assert f"Next  nox -s matrix -- --case {'a' * 90}  # its remedies\n" in page


def test_every_case_and_remedy_has_one_row(realistic: Summary) -> None:
    lines = printed(realistic, 200, most=10**6).split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("TensorFlow "))
    end = next(i for i, line in enumerate(lines) if line.startswith("✓ pass"))
    names = [line.split()[0] for line in lines[start + 1 : end]]
    expected = []
    for case in sorted([*MODULES, *OTHERS]):
        expected += [case, *(remedy for remedy in REMEDIES if remedy != "as-written")]
    assert names == expected


def test_a_run_of_sixty_cases_takes_at_most_a_hundred_lines() -> None:
    made, groups = [], {}
    for number, environment, loader in product(range(60), ENVIRONMENTS, LOADERS):
        name = f"a_case_of_a_model_with_a_name_{number:02}"
        groups[name] = f"A group of cases with a name, {number // 5}"
        bad = failed("run", f"cause {number % 20} says that something went wrong " * 3)
        ends = bad if environment != "tf2.15" and number > 3 else {}
        made.append(
            cell(case=name, producer=environment, consumer=environment, loader=loader, **ends)
        )
    made += [
        cell(
            case="a_case_of_a_model_with_a_name_00",
            remedy=remedy,
            producer=e,
            consumer=e,
            loader=one,
        )
        for remedy, e, one in product(REMEDIES[1:], ENVIRONMENTS, LOADERS)
    ]
    steps = [Step("nox -s matrix -- --all", "everything")] * 3
    described = {e: {"packages": {"keras": "2" if e == "tf2.15" else "3"}} for e in ENVIRONMENTS}
    summary = summary_of(made, made, tour=groups, environments=described)
    for width in (80, 120, 200):
        page = printed(summary, width, steps=steps)
        assert len(page.rstrip("\n").split("\n")) <= 98
        assert max(map(cell_len, page.split("\n"))) <= width
        assert re.search(r"\n +… and \d+ more: -v prints them.\nNext", page)
        assert all(page.count(f"  {case} ") == 1 for case in groups)
    assert "more: -v" not in printed(summary, verbose=True)


def test_explained_causes_say_what_to_do_with_the_real_message() -> None:
    one = Explanation("one", "A variable is lost", "W", "Y", "S", "Export it. Then load it.", ())
    row = cell(**failed("run", "no variable <name>"))
    other = cell(case="b", **failed("run", "no variable <name>"))
    summary = summary_of(
        [row, other],
        [row, other],
        messages={key_of(other): "no variable dense/\x1b[1mbias\x1b[0m"},
        explained=Explanations({"no variable <name>": (one,)}),
    )
    page = printed(summary)
    lines = page.split("\n")
    start = lines.index("Why   2 cells of 2 cases: A variable is lost")
    assert lines[start + 1 : start + 3] == [
        "        “no variable dense/bias”",
        "        Export it. Then load it.",
    ]
    assert "<name>" not in page


def test_what_nobody_explained_shows_its_message_its_place_and_its_log() -> None:
    row = cell(**failed("run", "no <name>"))
    page = printed(
        summary_of(
            [row],
            [row],
            {key_of(row): "results/logs/1.log"},
            messages={key_of(row): "no 'serve'"},
            places={key_of(row): "cases/a.py:7"},
        )
    )
    assert section(page, "Failures without an explanation") == [
        "1 cell of module_dense: no 'serve'",
        "at cases/a.py:7",
        "log: results/logs/1.log",
    ]


def test_a_missing_module_says_what_to_state() -> None:
    reason = "ModuleNotFoundError: No module named <name>"
    first, second = (cell(case=name, **failed("build", reason)) for name in "ab")
    said = {
        key_of(first): "No module named 'tensorflow_text'",
        key_of(second): "No module named 'x'",
    }
    found = section(
        printed(summary_of([first, second], [first, second], messages=said), 400),
        "Failures without an explanation",
    )
    assert found == [
        "1 cell of a: No module named 'tensorflow_text'",
        (
            "The environment has no module tensorflow_text. If the case needs a package for it, state "
            'requires = ["tensorflow_text"] in the case, with the name of that package.'
        ),
        "1 cell of b: No module named 'x'",
        (
            "The environment has no module x. If the case needs a package for it, state "
            'requires = ["x"] in the case, with the name of that package.'
        ),
    ]


def test_figures_are_for_the_verbose() -> None:
    made = [
        cell(),
        cell(loader="libtensorflow", status="fail", stage="run", fingerprint="no", reason="no"),
        cell(remedy="resave"),
        cell(remedy="model-export"),
        cell(remedy="model-export", case="other", status="not-applicable", stage=""),
        cell(remedy="legacy-keras", status="not-run", stage="environment"),
    ]
    assert "How many pass" not in printed(summary_of(made))
    page = printed(summary_of(made), verbose=True)
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


def test_the_price_of_remedies_is_shown_once_for_those_that_are_alike(realistic: Summary) -> None:
    page = printed(realistic, verbose=True)
    found = section(page, "What a remedy costs: another signature than as written")
    assert found == [
        "These pass, but a client that feeds or fetches by name, type or shape breaks.",
        "as-written, export-archive, resave, track-keras-variables, track-tf-variables",
        "functional_direct: output probabilities is now output_0 (tf2.16 to tf2.21; against tf2.15)",
        "model-export",
        "batchnorm_dropout: input x is now inputs (every environment; against tf2.15)",
        "bidirectional_lstm: input x is now inputs (every environment; against tf2.15)",
        "… and 13 more in results/matrix.csv",
    ]


def test_what_differs_is_shown_with_message_place_and_log() -> None:
    crash = failed("run", "signal SIGSEGV", status="crash")
    now = [cell(producer=each, consumer=each, **crash) for each in ("tf2.15", "tf2.16", "tf2.17")]
    cured = cell(remedy="resave")
    other = cell(remedy="model-export", signature=PLAIN.replace("x ", "inputs "))
    before = [cell(**key(each)) for each in now]
    before += [cured | failed("load", "no"), other | {"signature": PLAIN}]
    logs = {key_of(each): f"results/logs/{each['producer']}.txt" for each in now}
    said = {key_of(now[0]): "signal SIGSEGV (segmentation fault)"}
    page = printed(summary_of([*now, cured, other], before, logs, messages=said))
    assert section(page, "Regressed: passed before, fails now (3 cells)") == [
        "module_dense: passes → crashes at run (3 cells)",
        "as-written; in every environment; saved_model_cli",
        "now: “signal SIGSEGV (segmentation fault)”",
        "2 more logs in results/cells.jsonl",
        "log: results/logs/tf2.15.txt",
        "Fixed: failed before, passes now (1 cell)",
        "module_dense: fails at load → passes (1 cell)",
        "resave; in tf2.16; saved_model_cli",
        "before: “no”",
        "Signature changed: ends the same way, with another signature (1 cell)",
        "module_dense: passes as before (1 cell)",
        "model-export; in tf2.16; saved_model_cli",
        "input x is now inputs",
        "Failures without an explanation",
        "3 cells of module_dense: signal SIGSEGV (segmentation fault)",
        "log: results/logs/tf2.15.txt",
    ]
    said_first = "3 regressed, 1 fixed, 1 signature changed; none is the same."
    assert f"Against the accepted table: {said_first}\n" in page


def test_new_and_gone_cells_are_shown() -> None:
    new = cell(case="mine", **failed("build", "NameError: x"))
    logs = {key_of(new): "log.txt"}
    summary = summary_of([cell(), new, cell(case="fine")], [cell(), cell(case="old")], logs)
    page = printed(summary)
    assert section(page, "New: not in the accepted table") == [
        "2 cells: 1 pass, 1 fail.",
        "Gone: accepted, but no longer there in a full run",
        "old: passes (1 cell)",
        "as-written; in tf2.16; saved_model_cli",
        "Failures without an explanation",
        "1 cell of mine: NameError: x",
        "log: log.txt",
    ]
    assert section(printed(summary, verbose=True), "New: not in the accepted table") == [
        "2 cells: 1 pass, 1 fail.",
        "mine: fails at build (1 cell)",
        "as-written; in tf2.16; saved_model_cli",
        "now: “NameError: x”",
        "log: log.txt",
    ]
    assert "Against the accepted table: 1 gone, 2 new; 1 is the same.\n" in page


def test_file_and_line_of_a_case_that_cannot_be_built_are_always_named() -> None:
    made = [cell(case=f"c{n}", **failed("build", f"no {n}")) for n in range(15)]
    places = {key_of(row): f"cases/{row['case']}.py:{n}" for n, row in enumerate(made)}
    page = printed(summary_of(made, places=places, has_accepted=True), 80, most=10)
    found = section(page, "Where the code of a case fails")
    assert found[:2] == ["cases/c0.py:0: no 0", "cases/c1.py:1: no 1"]
    assert len([line for line in found if line.startswith("cases/")]) == 15
    accepted = printed(summary_of(made, made, places=places))
    assert "Where the code of a case fails" not in accepted


def test_verbose_causes_say_where_they_are() -> None:
    made = [
        cell(producer=each, consumer="tf2.15", case=case, **failed("run", "no variable"))
        for each in ("tf2.15", "tf2.16", "tf2.18")
        for case in "abcdefgh"
    ]
    made += [cell(producer="tf2.17", status="not-run", stage="environment", reason="no Python")]
    page = printed(summary_of(made), verbose=True)
    assert section(page, "Failures without an explanation") == [
        "24 cells of 8 cases: no variable",
        "cases: a, b, c, d, e, f, g and h",
        "with as-written; in tf2.15, saved in tf2.16, tf2.18 and loaded in tf2.15; saved_model_cli",
        "Nobody has explained fingerprint no variable yet: see CONTRIBUTING.md.",
    ]
    assert section(page, "Not run, and why")[0] == "1 cell of module_dense: no Python"


def test_a_message_is_cut() -> None:
    page = printed(summary_of([cell(**failed("run", "x" * 5000))]), 200)
    assert re.findall("x+…", page) == ["x" * 99 + "…", "x" * 189 + "…"]


def test_nothing_selected_is_a_page_too() -> None:
    assert "No cell was selected." in printed(summary_of([]))
    assert "No cell was selected." in markdown(summary_of([]))


@pytest.mark.parametrize("width", [20, 21, 33, 47, 60, 79, 80, 81, 100, 119, 120, 200])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal(realistic: Summary, width: int, verbose: bool) -> None:
    lines = printed(realistic, width, verbose=verbose).split("\n")
    longest = max(len(name) for name in [*MODULES, *OTHERS])
    assert max(map(cell_len, lines)) <= max(width, longest)  # a name is never cut


def test_a_log_path_is_never_broken() -> None:
    row = cell(**failed("run", "no"))
    path = "results/logs/" + "a-long-name-" * 10 + ".txt"
    assert f"log: {path}\n" in printed(summary_of([row], [], {key_of(row): path}), 20)


def test_colour_stands_beside_symbols(realistic: Summary) -> None:
    page = printed(realistic, TERM="xterm-256color")
    assert re.search("\x1b\\[31m *R *\x1b\\[0m", page)
    assert re.search("\x1b\\[32m *✓ *\x1b\\[0m", page)


def test_no_color_a_pipe_and_a_dumb_terminal_get_no_colour(realistic: Summary) -> None:
    assert "\x1b[3" not in printed(realistic, TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b" not in printed(realistic, TERM="dumb")
    assert "\x1b" not in printed(realistic)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_a_stream_without_the_symbols_gets_others(realistic: Summary, encoding: str) -> None:
    page = printed(realistic, 80, encoding=encoding)
    assert "\n  as-written " not in page
    assert re.search(
        r"\nmodule_dense +\+ R R R R R R  \+ R R R R R R  \+ \+ \+ \+ \+ \+ \+\n", page
    )
    assert "\n+ pass   fails at S save, R run   ! crash   - not applicable\n" in page


def test_a_stream_gets_of_a_message_what_it_can_write() -> None:
    page = printed(summary_of([cell(**failed("run", "naïve 🙂 → 数"))]), encoding="latin-1")
    assert "1 cell of module_dense: naïve \\U0001f642 -> \\u6570" in page


@settings(deadline=None)
@given(hostile, st.integers(1, 250), st.sampled_from(["utf-8", "ascii", "cp1252"]), st.booleans())
def test_nothing_from_a_case_acts_on_a_terminal(
    text: str, width: int, encoding: str, verbose: bool
) -> None:
    page = printed(hostile_summary(text), width, encoding, verbose=verbose)
    assert not any(map(acts, page))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_is_shown_as_it_is(text: str) -> None:
    shown = " ".join(one_line(heart(text)).split())
    page = " ".join(printed(hostile_summary(text), 500).split())
    assert f": {shown}" in page


def test_a_table_longer_than_anybody_reads_has_every_case_as_written() -> None:
    names = [f"case_{number:02}" for number in range(40)]
    made = [
        cell(case=name, remedy=remedy, loader=loader)
        for name, remedy, loader in product(names, [*REMEDIES, "h5-file", "other"], LOADERS)
        if (remedy == "h5-file") == (loader == LOADERS[-1])
    ]
    summary = summary_of(made)
    page = printed(summary, 120, most=10**6)
    rows = {remedy for _, remedy in {(c["case"], c["remedy"]) for c in made}}
    left = 40 * (len(rows) - 1)
    assert f"{left} rows of remedies are in results/matrix.md; --verbose prints them" in page
    assert all(len(re.findall(rf"^ *{name} ", page, re.MULTILINE)) == 1 for name in names)
    assert "h5-file" not in page.split("Why")[0].split("\n", 1)[1]
    whole = printed(summary, 120, most=10**6, verbose=True)
    assert "rows of remedies are in" not in whole
    table = whole.partition("✓ pass")[0]
    assert table.count("\n  other ") == 40

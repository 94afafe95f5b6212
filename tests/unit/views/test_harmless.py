"""Whatever a text holds, what is shown of it does nothing."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from savedmodel_matrix.commands import cli
from savedmodel_matrix.commands.progress import Reporter
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.views.harmless import LONGEST_BLOCK, block, one_line
from tests.unit.pages import acts, hostile

anything = hostile | st.text(
    st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Ll"]), max_size=40
)


@given(anything)
def test_nothing_acts(text: str) -> None:
    assert not any(map(acts, block(text)))
    assert not any(acts(character) or character == "\n" for character in one_line(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[1mb\x1b[0m", "ab"),
        ("a\x9b31mb", "ab"),
        ("\x1b]0;title\x07x\x1b]8;;http://x\x1b\\y", "xy"),
        ("\x1bP1$r\x1b\\x\x1bcy\x1b(Bz", "xyz"),
        ("\x1b[2J\x07", "\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b]0;no end", "\\x1b]0;no end"),
        ("\x1b[", "\\x1b["),
        ("a\x1b[2J\u202eb\nc", "a\\u202eb c"),
        ("\u2066\u200b\ufeff\u2028\x07\x85", "\\u2066\\u200b\\ufeff \\x07 "),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("naïve 数 🙂", "naïve 数 🙂"),
        # What is removed never leaves a sequence behind.
        ("\x1b\x1b[0m[2J", "\\x1b[2J"),
    ],
)
def test_sequences_go_and_other_characters_are_spelled_out(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_lines_stay_lines() -> None:
    assert block("a\n\tb\x1b[31m\u202e") == "a\n b\\u202e"


def test_a_long_line_is_cut() -> None:
    assert one_line("x" * 100, 10) == "x" * 9 + "…"
    assert one_line("x" * 10, 10) == "x" * 10


def test_ten_megabytes_are_cut_in_the_middle_which_is_said() -> None:
    text = "start" + "x" * 10_000_000 + "end"
    shown = block(text)
    assert len(shown) < LONGEST_BLOCK + 100
    assert shown.startswith("start")
    assert shown.endswith("end")
    assert f"[… {len(text) - LONGEST_BLOCK} characters left out …]" in shown


@given(anything, st.booleans())
def test_progress_writes_nothing_that_acts(text: str, live: bool) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=live, width=120, _environ={"TERM": "dumb"})
    reporter = Reporter(console, 2, 1)
    reporter.say(text)
    reporter.cell("fail", text, 1.0)
    assert not any(map(acts, stream.getvalue()))


@given(anything)
def test_what_is_being_run_cannot_act_on_a_live_line(text: str) -> None:
    plain, told = io.StringIO(), io.StringIO()
    for stream, doing in ((plain, "x"), (told, text)):
        console = Console(
            file=stream,
            force_terminal=True,
            color_system=None,
            width=120,
            _environ={"TERM": "xterm"},
        )
        with Reporter(console, 2, 1) as reporter:
            reporter.cell("fail", doing, 1.0)
            reporter._progress.refresh()
    # The live line moves the cursor by itself; the text adds nothing to that.
    for character in "\x1b\x07\x9b\u202e\u200b\u2028":
        assert told.getvalue().count(character) <= plain.getvalue().count(character)


def test_an_error_message_cannot_act(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> None:
        raise UserError("no such case: \x1b[2J\u202ex\nThe second line.")

    monkeypatch.setattr(cli, "find_project", failing)
    result = CliRunner().invoke(cli.main, ["report"])
    assert result.exit_code == 2
    assert result.stderr == "savedmodel-matrix: no such case: \\u202ex\nThe second line.\n"

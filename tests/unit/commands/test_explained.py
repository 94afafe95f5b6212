"""The command `explain` as it is typed, in any directory."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import savedmodel_matrix
from savedmodel_matrix.commands.cli import main
from tests.unit.analysis.errors import HERE

SOURCE = Path(savedmodel_matrix.__file__).parents[1]


def run(*arguments, **more):
    return CliRunner().invoke(main, ["explain", *map(str, arguments)], **more)


def test_a_known_error_is_answered_first_and_then_what_to_do():
    result = run(HERE / "serving-docker-log.txt")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "✓ This is known."
    assert lines[2] == "Could not find variable: nothing restores it"
    labels = ["Recognised by", "What happens", "What to do", "Remedy", "Why", "Since", "Upstream"]
    assert [line.split("  ")[0] for line in lines[4:] if line[:1].isalpha()] == labels


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_what_is_piped_is_read_and_a_name_is_only_possible(arguments):
    result = run(*arguments, input="dense/bias\n")
    assert result.exit_code == 1
    assert result.output.startswith("? Possibly this.")
    assert "paste all of it" in result.output


def test_what_is_not_known_is_said_with_what_to_do_then():
    result = run(input="the coffee machine is on fire\n")
    assert result.exit_code == 1
    assert result.output.startswith("? Not known.")
    for label in ("More text", "The file", "Reproduce", "Report"):
        assert f"\n{label} " in result.output


def test_of_many_possible_causes_the_last_are_titles_only():
    result = run(input="wrong values: output_0: 15 of 15 values differ\n")
    assert result.exit_code == 1
    assert result.output.count("What happens") == 3
    assert "Or one of these:" in result.output


@pytest.mark.parametrize(
    ("text", "status", "keys"),
    [
        ("The filename must end in `.weights.h5`. Received: x.h5", 0, ["weights-file-name"]),
        ("FailedPreconditionError", 1, ["uninitialised-variable"]),
        ("quux", 1, []),
    ],
)
def test_json_is_a_list_the_likeliest_first(text, status, keys):
    result = run("--format", "json", input=text)
    assert result.exit_code == status
    found = json.loads(result.output)
    assert [one["key"] for one in found] == keys
    for one in found:
        assert list(one) == [
            *("key", "title", "confidence", "line"),
            *("what", "why", "since", "do", "remedy", "links"),
        ]
        assert one["confidence"] == ("possible" if status else "known")
        assert one["line"] == text
        assert all(link.startswith("https://") for link in one["links"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_files_of_other_programs_are_read(tmp_path, encoding):
    file = tmp_path / "error.txt"
    text = "ValueError: The filename must end in `.weights.h5`. Received: é.h5"
    file.write_bytes(text.encode(encoding))
    assert run(file).exit_code == 0


@pytest.mark.parametrize("given", ["nothing there", "directory", "empty"])
def test_what_cannot_be_read_is_one_sentence(tmp_path, given):
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "directory").mkdir()
    result = run(tmp_path / given)
    assert result.exit_code == 2
    assert str(tmp_path / given) in result.output
    assert "Traceback" not in result.output


def test_what_was_pasted_cannot_act_in_the_terminal():
    evil = "\x1b]0;title\x07The filename must end in \u202e`.weights.h5` \x1b[2J [red]x[/red]"
    result = run(input=evil)
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "[red]x[/red]" in " ".join(result.output.split())


def test_it_works_in_any_directory_and_a_terminal_is_told_what_to_do(tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "savedmodel_matrix", "explain", "--format", "json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    os.write(ours, b"dense/bias\n\x04")
    output, said = process.communicate(timeout=60)
    os.close(ours)
    assert b"Paste the error, then press Ctrl-D" in said
    assert [one["key"] for one in json.loads(output)] == ["uninitialised-variable"]
    assert process.returncode == 1
    assert list(tmp_path.iterdir()) == []

"""What a pasted text is reduced to: no prefixes, no frames, and no line ends that split words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.analysis.error_text import LONGEST, Squashed, read, squash


def lines_of(text):
    return [line.strip() for line in read(text).lines if line.strip()]


@pytest.mark.parametrize(
    "prefix",
    [
        "serving-1  | ",
        "2026-05-01T10:00:00.123456789Z stderr F ",
        "2026-05-01 10:00:00.123456: W tensorflow/core/framework/op_kernel.cc:1830] ",
        "E0501 10:00:00.123456 1 model_lifecycle.cc:621] ",
        "May  1 10:00:00 host-3 python3[4711]: ",
        "[2026-05-01 10:00:00,123] ERROR ",
        "[pod/model-7f9/kserve-container] 2026-05-01 10:00:00.123456: ",
        "ERROR:root:",
        "WARNING:tensorflow:",
        "| ",
        "> > ",
        "E       ",
    ],
)
def test_what_a_server_or_a_logger_puts_before_a_line_is_removed(prefix):
    assert lines_of(f"{prefix}Could not find variable") == ["Could not find variable"]


@pytest.mark.parametrize(
    "line", ["2 root error(s) found.", "(0) FAILED", "ValueError: x", "a: b | c"]
)
def test_what_belongs_to_a_message_stays(line):
    assert lines_of(line) == [line]


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[1mCould not\x1b[0m find",
        "[1mCould not[0m find",
        r"\u001b[1mCould not\u001b[0m find",
        r"\x1b[31mCould not\033[0m find",
        "Could\u2019 not \u2018find\u2019",
        r"Could\tnot\nfind",
        r"Could \\\"not\\\" find",
        "Could &quot;not&quot; &#39;find&#39;",
        "\x1b]0;title\x07Could not find",
    ],
)
def test_escapes_and_colours_are_no_letters(text):
    assert read(text).messages.letters == "couldnotfind"


FRAMES = """Traceback (most recent call last):
  File "save.py", line 3, in save
    raise ValueError("You cannot add new elements of state")
          ^^^^^^^^^^
  File "other.py", line 4, in other
    call()
ValueError: the message
    that goes on
"""


def test_frames_are_left_out_with_the_code_that_they_show():
    assert lines_of(FRAMES) == [
        "Traceback (most recent call last):",
        "ValueError: the message",
        "that goes on",
    ]
    assert "youcannotadd" in read(FRAMES).everything.letters


def test_frames_within_user_code_end_before_the_message_at_the_same_depth():
    text = 'in user code:\n\n    File "a.py", line 3, in serve  *\n        return f(x)\n\n    TypeError: y'
    assert lines_of(text) == ["in user code:", "TypeError: y"]


def test_frames_of_a_notebook_are_left_out():
    text = """ValueError                Traceback (most recent call last)
Cell In[5], line 17
     16 x = 1
---> 17 model.save("m")

File ~/lib/keras/saving_api.py:114, in save_model(model)
    113 if a:
--> 114     raise ValueError("another message")
    115 finally:

ValueError: the message
"""
    assert lines_of(text)[-1] == "ValueError: the message"
    assert "anothermessage" not in read(text).messages.letters


def test_whole_words_are_found_and_the_end_of_one_only_where_it_is_asked_for():
    text = Squashed("no attribute 'shape_as_list', serving_default_x:0")
    end = len(text.letters)
    assert text.find("noattribute", 0, end) == 0
    assert text.find("attributeshape", 0, end) == -1
    assert text.find("servingdefault", 0, end) == -1
    assert text.find("servingdefault*", 0, end) >= 0
    assert text.find("ttribute", 0, end) == -1


def test_the_line_of_a_place():
    text = Squashed("one two\n--\nthree\nfour five")
    assert text.line_of(text.find("three", 0, 99)) == 2
    assert text.line_of(text.find("five", 0, 99)) == 3


def test_of_a_long_log_the_end_is_read():
    error = read("a " * LONGEST + "Could not find variable")
    assert error.everything.letters.endswith("couldnotfindvariable")
    assert len(error.everything.text) == LONGEST


@given(st.lists(st.from_regex(r"[A-Za-z0-9]{1,9}", fullmatch=True), min_size=1), st.data())
def test_line_ends_change_no_letters_and_no_beginnings(words, data):
    text = " ".join(words)
    cut = data.draw(st.integers(0, len(text)))
    broken = Squashed(f"{text[:cut]}\n{text[cut:]}")
    whole = Squashed(text)
    assert broken.letters == whole.letters == squash(text)
    assert broken.starts >= whole.starts
    assert len(broken.starts - whole.starts) <= 1


@given(st.text(alphabet=st.characters(codec=None), max_size=400))
def test_any_text_can_be_read(text):
    error = read(text)
    assert error.everything.letters.isascii()
    assert error.messages.starts <= set(range(len(error.messages.letters) + 1))
    assert all("\n" not in line for line in error.lines)

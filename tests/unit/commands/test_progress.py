"""What is said of a run under way: counts, and a time left that is honest from the start."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from savedmodel_matrix.commands import progress as module
from savedmodel_matrix.commands.progress import Reporter, in_words


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def reporter(total=100, jobs=2, **console):
    out = io.StringIO()
    return Reporter(Console(file=out, **console), total, jobs), out


def test_before_anything_is_done_the_estimate_is_shared_by_the_jobs(clock):
    made, _ = reporter()
    made.expect(600.0)
    assert made.left() == pytest.approx(300.0)


def test_the_pace_of_this_machine_corrects_the_estimate(clock):
    made, _ = reporter()
    made.expect(600.0)
    clock.now += 50
    made.cell("pass", "", 100.0)
    assert made.left() == pytest.approx(250.0)


def test_plain_lines_come_now_and_then_and_count_failures(clock):
    made, out = reporter(total=3)
    with made:
        made.say("3 cells.")
        made.expect(30.0)
        clock.now += 20
        made.cell("fail", "", 10.0)
        made.cell("pass", "", 10.0)
        clock.now += 20
        made.cell("crash", "", 10.0)
    assert out.getvalue().splitlines() == [
        "3 cells.",
        "1 of 3 cells, 1 failed, about 40 s left",
        "3 of 3 cells, 2 failed",
    ]


def test_a_not_run_cell_is_no_failure(clock):
    made, out = reporter(total=1)
    clock.now += 20
    made.cell("not-run", "", 1.0)
    assert out.getvalue() == "1 of 1 cells, 0 failed\n"


def frames(text):
    """Return what a terminal showed, one line after the other, without its control sequences."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return [line for line in re.split(r"[\r\n]", plain) if line.strip()]


@pytest.mark.parametrize("width", [20, 40, 59, 60, 80, 99, 100, 200])
def test_the_live_line_fits(clock, width):
    made, out = reporter(total=2646, width=width, force_terminal=True, legacy_windows=False)
    made.expect(2000.0)
    with made:
        for _ in range(9):
            made.cell("fail", "tf2.21 same_shaped_inputs_eleven_outputs", 0.5)
        made._progress.refresh()
        frame = frames(out.getvalue())[-1]
    assert all(cell_len(line) <= width for line in frames(out.getvalue()))
    assert frame.startswith("9 of 2")
    # A line that was broken would have left its end as a line of its own.
    assert {line[0] for line in frames(out.getvalue())} <= {"0", "9"}
    if width >= 59:
        assert frame.startswith("9 of 2646 cells ")
        assert " 9 failed " in frame
        assert "about 17 min left" in frame
    assert ("same_shaped_inputs_eleven_outputs" in frame) is (width >= 100)


def test_the_first_case_is_shown_above_the_live_line_which_goes_on(clock):
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, legacy_windows=False)
    made = Reporter(console, 7, 2, lambda cells: out.write(f"table of {len(cells)}\n"))
    with made:
        made.cell("pass", "", 1.0)
        before = out.getvalue()
        made.first([{}, {}])
        shown = out.getvalue().removeprefix(before)
        made.cell("pass", "", 1.0)
        made._progress.refresh()
        after = out.getvalue().removeprefix(before + shown)
    lines = frames(shown)
    assert "table of 2" in lines  # and nothing of the live line beside it
    assert frames(after)[-1].startswith("2 of 7 cells")


def test_where_nothing_is_live_the_first_case_is_shown_all_the_same(clock):
    out = io.StringIO()
    made = Reporter(Console(file=out), 7, 2, lambda cells: out.write(f"{len(cells)} cells\n"))
    with made:
        made.first([{"case": "a"}])
    assert out.getvalue() == "1 cells\n"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "10 s"), (44, "40 s"), (90, "2 min"), (600, "10 min")]
)
def test_durations_are_said_as_people_do(seconds, said):
    assert in_words(seconds) == said


def test_where_nothing_is_expected_of_what_is_ahead_nothing_is_divided(clock):
    made, _ = reporter()
    made.expect(0.0)
    made.known(7)
    assert made.left() == 0

"""Two results compared, on a terminal."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from rich.cells import cell_len
from rich.console import Console

from savedmodel_matrix.views.compare_terminal import compare_terminal
from tests.unit.analysis.test_compared import compared
from tests.unit.pages import acts, hostile
from tests.unit.rows import cell

if TYPE_CHECKING:
    from savedmodel_matrix.analysis.compared import Compared

ENVIRONMENTS = [f"tf2.{minor}" for minor in range(15, 22)]
LOADERS = ["libtensorflow", "saved_model_cli", "tflite"]
CASES = [f"case_{number:02}" for number in range(50)]


def large() -> Compared:
    """Return two results of which a thousand cells differ, in every class of both."""
    keys = [
        {"case": case, "producer": producer, "loader": loader}
        for case in CASES
        for producer in ENVIRONMENTS
        for loader in LOADERS
    ]
    ends = [
        cell(),
        *(cell("fail", fingerprint=f"f{number}", reason=f"cause {number}") for number in range(40)),
        cell("not-applicable", reason="nothing to apply it to"),
        cell("not-run", reason="no Python"),
        cell("fail", stage="values", fingerprint="v", reason="wrong values"),
    ]
    before = [cell(**key) | _end(ends[n % len(ends)]) for n, key in enumerate(keys)]
    after = [cell(**key) | _end(ends[(n * 7 + 3) % len(ends)]) for n, key in enumerate(keys)]
    return compared(before[:-20], after[20:])


def _end(row: dict[str, str]) -> dict[str, str]:
    return {name: row[name] for name in ("status", "stage", "reason", "fingerprint", "signature")}


def printed(found: Compared, width: int = 100, encoding: str = "utf-8", **options: object) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    color = bool(options.pop("color", False))
    console = Console(file=stream, width=width, force_terminal=color, _environ={"TERM": "xterm"})
    compare_terminal(found, console, **options)  # type: ignore[arg-type]
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_a_thousand_changed_cells_are_at_most_a_screen() -> None:
    found = large()
    assert len(found.differences.every) > 900
    page = printed(found)
    assert len(page.splitlines()) <= 45
    for kind in found.groups:  # none is left out for want of room
        assert re.search(rf"(?m)^{kind.title}: ", page)
    assert "-v prints them" in page


def test_everything_is_there_with_verbose() -> None:
    found = large()
    page = printed(found, verbose=True)
    assert "-v prints them" not in page
    flat = " ".join(page.split())
    for groups in found.groups.values():
        for group in groups:
            for row in group.rows:
                assert f"{row['case']}, {row['remedy']}, {row['loader']}: " in flat


def test_another_machine_is_said_first() -> None:
    runs = ({"processor": {"architecture": "x86_64"}}, {"processor": {"architecture": "aarch64"}})
    lines = printed(compared([cell()], [cell("fail")], runs=runs)).splitlines()
    assert lines[0].startswith("The results were made on two kinds of processor")
    before, after = (number for number, line in enumerate(lines) if re.match("Before|After", line))
    assert 0 < before < after < lines.index("1 regressed; none is the same.")


def test_nothing_that_differs_is_one_line() -> None:
    assert "Nothing differs: 1 is the same.\n" in printed(compared([cell()], [cell()]))
    assert "Neither result has a cell.\n" in printed(compared([], []))


def test_packages_that_differ_come_last() -> None:
    def run(version: str) -> dict[str, object]:
        packages = {f"p{n}": version for n in range(9)} | {"keras": version}
        return {"environments": {"tf2.15": {"packages": packages}}}

    runs = (run("1"), run("2"))
    page = printed(compared([cell()], [cell("fail")], runs=runs)).splitlines()
    assert page[-5:] == [
        "Packages that differ",
        "  keras 1 → 2 in tf2.15",
        "  p0 1 → 2 in tf2.15",
        "  p1 1 → 2 in tf2.15",
        "  … and 7 more: -v prints them.",
    ]


def test_that_no_package_differs_is_said_where_cells_do() -> None:
    runs = ({"environments": {"tf2.15": {"packages": {"keras": "1"}}}},) * 2
    said = "Packages that differ\n  none, in the 1 environment that both results have\n"
    assert said in printed(compared([cell()], [cell("fail")], runs=runs))
    for found in (
        compared([cell()], [cell()], runs=runs),
        compared([], [cell()], runs=runs),
        compared([cell()], [cell("fail")]),
    ):
        assert "Packages that differ" not in printed(found)


@pytest.mark.parametrize("width", [40, 60, 80, 119])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cell_len, printed(large(), width).splitlines())) <= width


def test_colours_are_for_terminals() -> None:
    found = compared([cell()], [cell("fail")])
    assert "\x1b[1;31mRegressed" in printed(found, color=True)
    assert "\x1b" not in printed(found)
    printed(found, encoding="ascii").encode("ascii")


@given(hostile)
def test_what_comes_from_a_result_does_not_act(text: str) -> None:
    rows = [cell(case=text, remedy=text, loader=text, producer=text)]
    now = [
        row | {"status": "fail", "stage": "run", "reason": text, "signature": text} for row in rows
    ]
    runs = ({"finished": text, "commit": text}, {"processor": {"model": text}})
    for verbose in (False, True):
        page = printed(compared(rows, now, runs=runs), verbose=verbose)
        assert not any(map(acts, page))

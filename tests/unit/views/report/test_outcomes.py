"""Outcomes of a case: texts that are long, many or of one machine, and ranges of numbers."""

from savedmodel_matrix.analysis.explanations import Explanations
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.outcomes import SHOWN_MESSAGES, outcomes, shortened
from savedmodel_matrix.views.report.pages import Pages
from tests.unit.views.report.generated import cell, facts_of, failed

RAISED = (
    "Traceback (most recent call last):\n"
    '  File "./.nox/environments/tf2.16/lib/python3.11/site-packages/keras/src/ops.py", line 3, in f\n'
    "    return g(x)\n"
    "           ^^^^\n"
    "ValueError: no\n"
)


def told_of(cells):
    facts = facts_of(cells)
    return outcomes(facts, "module_dense", by_cell(causes(facts, Explanations({}))))[1]


def test_a_traceback_is_shown_without_what_is_of_one_machine():
    assert shortened(RAISED) == (
        'Traceback (most recent call last):\n  File "…/keras/src/ops.py", line 3, in f\n'
        "    return g(x)\nValueError: no\n"
    )


def test_a_traceback_is_shown_without_the_frames_of_the_process_that_ran_the_step():
    plugin = '  File "./src/savedmodel_matrix/plugins/remedies/as_written.py", line 13, in save\n'
    host = "".join(
        f'{indent}File "{place}savedmodel_matrix/host/{name}.py", line 93, in calling\n{line}'
        for place in ("./src/", "/home/me/lib/python3.11/site-packages/")
        for indent, name, line in (
            ("  ", "outcome", "    yield\n"),
            ("  ", "save", "    remedy.save(\n        case)\n"),
            ("  ", "case", ""),
            ("    ", "observe", "        self._original()  *\n"),
        )
    )
    assert shortened(
        RAISED.replace('  File "./.nox', f'{host}{plugin}    x\n{host}  File "./.nox')
    ) == (
        f"Traceback (most recent call last):\n{plugin}    x\n"
        '  File "…/keras/src/ops.py", line 3, in f\n'
        "    return g(x)\nValueError: no\n"
    )


def test_of_many_messages_a_few_are_shown_and_the_others_counted():
    names = [f"tf2.{minor}" for minor in range(10, 20)]
    [one] = told_of([cell(producer=n, **failed(message=f"variable {n}")) for n in names])
    assert one.messages == tuple(f"variable {n}" for n in names[:SHOWN_MESSAGES])
    assert one.more == len(names) - SHOWN_MESSAGES


def test_a_message_that_the_traceback_has_is_not_told_again():
    [one] = told_of([cell(**failed(message="no", traceback=RAISED))])
    assert one.messages == ()
    assert one.traceback.endswith("ValueError: no\n")


def test_a_text_without_end_is_cut():
    cells = [cell(**failed(message="x" * 10**6, traceback="y" * 10**6))]
    page = dict(Pages(facts_of(cells)).all())["cases/module_dense.html"]
    assert "characters left out" in page
    assert len(page) < 30_000


def test_times_and_errors_of_several_cells_are_ranges_and_the_worst():
    large = {"output": "y", "absolute": 0.5, "relative": 0.1}
    cells = [
        cell(producer="tf2.15", seconds={"build": 0.1, "load": 2.0}),
        cell(producer="tf2.16", seconds={"build": 0.3, "load": 2.0}, largest_error=large),
    ]
    [one] = told_of(cells)
    assert one.stages == "build 0.10 to 0.30 s → load 2.00 s"
    assert one.error == "0.5 absolute, 0.1 relative, in y"
    infinite = {"output": "z", "absolute": None, "relative": None}
    [one] = told_of([*cells, cell(producer="tf2.17", largest_error=infinite)])
    assert one.error == "not finite, in z"


def test_failures_of_most_cells_come_first_and_what_passes_last():
    cells = [
        cell(producer="tf2.15"),
        cell(producer="tf2.16"),
        cell(producer="tf2.17", status="not-applicable", stage="", reason="no"),
        cell(producer="tf2.18", **failed("a", "a")),
        cell(producer="tf2.19", **failed("b", "b")),
        cell(producer="tf2.20", **failed("b", "b")),
    ]
    assert [(one.status, one.reason) for one in told_of(cells)] == [
        ("fail", "b"),
        ("fail", "a"),
        ("not-applicable", "no"),
        ("pass", ""),
    ]

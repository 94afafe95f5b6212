"""What to type next."""

from __future__ import annotations

from savedmodel_matrix.views.next_steps import next_steps
from tests.unit.pages import cell, failed, summary_of

LOADERS = ["Checkpoint.restore", "libtensorflow", "saved_model_cli", "tflite"]
BAD = failed("run", "no")
N = "nox -s matrix -- "


def test_after_the_default_run() -> None:
    made = [cell(case="a"), cell(case="b", **BAD), cell(case="c", **BAD)]
    made += [cell(case="b", remedy="resave")]  # its remedies are known already
    assert [step.command for step in next_steps(summary_of(made), {}, LOADERS, everything=9)] == [
        f"{N}--case c",
        f"{N}--loader tflite --remedy as-written",
        f"{N}--all",
    ]


def test_what_was_selected_is_kept_and_quoted() -> None:
    options = {
        "case": ("mine",),
        "environment": ("tf2.15", "tf2.16"),
        "cases": ("my cases",),
        "remedy": ("as-written",),
        "loader": (),
        "results": None,
        "all": False,
    }
    steps = next_steps(summary_of([cell(case="mine", **BAD)]), options, LOADERS, everything=1200)
    kept = "--environment tf2.15 --environment tf2.16 --cases 'my cases'"
    assert [step.command for step in steps] == [
        f"{N}--case mine {kept}",
        f"{N}--loader tflite --case mine {kept}",
        f"{N}--all",
    ]
    assert steps[-1].says == "everything: 1,200 cells"


def test_after_everything_there_is_nothing_left() -> None:
    assert next_steps(summary_of([cell()]), {"all": True}, LOADERS, everything=0) == []


def test_a_loader_that_may_read_another_format_is_asked_for_a_case_only() -> None:
    made = [cell(loader=name) for name in LOADERS[1:]]
    assert [s.command for s in next_steps(summary_of(made), {}, LOADERS, everything=9)] == [
        f"{N}--all"
    ]
    steps = next_steps(summary_of(made), {"case": ("a",)}, LOADERS, "savedmodel-matrix matrix")
    assert steps[0].command == "savedmodel-matrix matrix --loader Checkpoint.restore --case a"

"""A checked artifact as a person reads it."""

import io

from rich.console import Console, Group

from savedmodel_matrix.analysis.predictions import Checked, Told
from savedmodel_matrix.views.checked import screen
from tests.unit.analysis.test_predictions import cell

LOADERS = ("saved_model_cli", "libtensorflow", "tf.saved_model.load")
TOLD = {"saved_model_cli": Told("fails"), "libtensorflow": Told("runs", "", "2.16")}


def shown(cells, reference="tf2.21", told=TOLD, width=100, remedies=()):
    versions = {"tf2.15": "2.15.1", "tf2.21": "2.21.0"}
    checked = Checked("model", reference, "2.21.0", told, cells, versions, remedies)
    file = io.StringIO()
    console = Console(file=file, width=width)
    console.print(Group(*screen(checked)), highlight=False, crop=False)
    return file.getvalue()


def cells(failing=(), **how):
    return [
        cell(loader, consumer, *(("fail", "run") if loader in failing else ()))
        | (how if loader in failing else {})
        for loader in LOADERS
        for consumer in ("tf2.15", "tf2.21")
    ]


def test_where_everything_passes_the_first_line_says_so():
    first, *_ = shown(cells(), told={}).splitlines()
    assert first == "✓ model gives the same numbers with every loader in every environment"


def test_a_row_a_loader_with_what_the_files_say():
    text = shown(cells(["saved_model_cli"], message="Could not find variable"))
    assert text.startswith("✗ model gives the same numbers everywhere with libtensorflow and tf.")
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if " R " in line}
    assert rows["saved_model_cli"] == ["R", "R", "fails"]
    assert "libtensorflow          ✓       ✓     runs from 2.16" in text
    assert "saved_model_cli in every environment\n  Could not find variable\n" in text


def test_a_message_is_shown_once_for_all_that_it_comes_from():
    text = shown(cells(LOADERS, message="Could not find variable"))
    assert text.count("Could not find variable") == 1
    assert "with none of these loaders" in text


def test_a_disagreement_is_loud():
    text = shown(cells(), told={"libtensorflow": Told("fails")})
    assert text.count("the files say that it fails, and it passes. Please report this.") == 2


def test_what_to_do_only_where_something_fails():
    remedy = ("savedmodel-matrix repair model OUT",)
    assert "What to do" not in shown(cells(), told={}, remedies=remedy)
    assert f"What to do  {remedy[0]}\n" in shown(cells(LOADERS), remedies=remedy)


def test_a_reference_that_does_not_run_is_told_apart_from_a_failure():
    ended = [one | {"status": "fail", "stage": "build"} for one in cells()]
    text = shown(ended).replace("\n", " ")
    assert "nothing to compare with, because tf.saved_model.load in tf2.21 does not run it" in text
    assert "--reference" in text


def test_a_command_is_not_broken_into_lines():
    remedy = f"savedmodel-matrix repair '/a/long path/{'x' * 100}/My Model' OUT"
    assert remedy in shown(cells(LOADERS), remedies=(remedy,))


def test_nothing_of_a_message_acts_on_the_terminal():
    assert "\x1b" not in shown(cells(LOADERS, message="\x1b[2J\x1b]0;title\x07gone"))

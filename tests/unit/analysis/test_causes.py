"""Cells with one root cause, and what the first of them really said."""

from __future__ import annotations

from savedmodel_matrix.analysis.causes import causes
from savedmodel_matrix.analysis.explanations import Explanation
from savedmodel_matrix.model.fingerprint import heart
from savedmodel_matrix.model.table import key_of
from tests.unit.rows import cell

ONE = Explanation("one", "Title", "W", "Y", "S", "Do this.", ())


def test_cells_are_together_by_explanation_or_else_by_fingerprint() -> None:
    made = [
        cell("fail", case="a", fingerprint="rare", reason="rare"),
        cell("fail", case="b", fingerprint="often", reason="often <name>"),
        cell("crash", case="c", fingerprint="often", reason="often <name>"),
        cell("timeout", case="d", reason="slow"),
        *(cell("fail", case=f"e{n}", fingerprint=f"known{n}", reason="known") for n in range(3)),
    ]
    keyed = [(key_of(row), row) for row in made]
    explained = {key_of(row): ONE for row in made[4:]}
    said = {key_of(made[2]): "often 'x'"}
    found = causes(keyed, explained, said, {key_of(made[1]): "a.py:3"}, {key_of(made[2]): "log"})
    shown = [(one.title, one.message, len(one.rows), one.place, one.log) for one in found]
    assert shown == [
        ("Title", "known", 3, "", ""),
        ("", "often 'x'", 2, "a.py:3", "log"),
        ("", "rare", 1, "", ""),
        ("", "slow", 1, "", ""),
    ]
    assert found[0].do == "Do this."
    assert found[0].cases == ["e0", "e1", "e2"]


def test_missing_modules_are_apart_by_their_names_though_one_fingerprint_masks_them() -> None:
    reason = "ModuleNotFoundError: No module named <name>"
    made = [cell("fail", case=case, fingerprint="f", reason=reason) for case in "abc"]
    made.append(cell("fail", case="d", fingerprint="g", reason="ValueError: <name>"))
    names = ["x", "y.z", "x", "q"]
    said = {key_of(r): f"No module named '{n}'" for r, n in zip(made, names, strict=True)}
    found = causes([(key_of(row), row) for row in made], {}, said, {}, {})
    assert [(one.missing, one.cases) for one in found] == [
        ("x", ["a", "c"]),
        ("y.z", ["b"]),
        ("", ["d"]),
    ]


def test_the_heart_of_a_message_is_what_is_not_wrapped_around_it() -> None:
    message = (
        "Exception encountered when calling Flatten.call().\n\n"
        "\x1b[1m'list' object has no attribute 'shape'\x1b[0m\n\n"
        "Arguments received by Flatten.call():\n  • args=(1,)"
    )
    assert heart(message) == "'list' object has no attribute 'shape'"
    assert heart("Could not find variable dense/bias") == "Could not find variable dense/bias"
    assert heart("Graph execution error:") == "Graph execution error:"

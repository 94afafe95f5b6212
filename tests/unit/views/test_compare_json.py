"""Two results compared, for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.views.compare_json import compare_json
from tests.unit.analysis.test_compared import compared
from tests.unit.rows import RENAMED, cell
from tests.unit.views.test_compare_terminal import large

DOCS = Path(__file__).resolve().parents[3] / "docs" / "compare.md"


def test_every_class_is_counted_and_every_change_is_listed() -> None:
    found = large()
    made = json.loads(compare_json(found, ["gone", "regressed", "same"]))
    assert list(made["classes"]) == [kind.value for kind in ChangeClass]
    assert sum(one["cells"] for one in made["classes"].values()) == made["total"]
    listed = [one["class"] for one in made["cells"]]
    for kind in ChangeClass:
        number = made["classes"][kind.value]["cells"]
        assert listed.count(kind.value) == (number if kind.is_change else 0)
    assert made["failed_on"] == ["regressed", "gone"]


def test_a_cell_has_both_outcomes() -> None:
    made = json.loads(compare_json(compared([cell()], [cell(signature=RENAMED)]), []))
    (one,) = made["cells"]
    assert one["class"] == "signature-changed"
    assert one["signature_changes"] == ["input x is now inputs"]
    assert (one["before"]["signature"], one["after"]["signature"]) == (cell()["signature"], RENAMED)
    assert json.loads(compare_json(compared([], [cell()]), []))["cells"][0]["before"] is None
    assert json.loads(compare_json(compared([], []), []))["cells"] == []


def test_the_documentation_has_every_member_and_class() -> None:
    text = DOCS.read_text(encoding="utf-8")
    made = json.loads(compare_json(compared([cell()], [cell("fail")]), []))
    for name in (*made, *made["before"], *made["cells"][0]):
        assert f"`{name}`" in text, name
    table = text.partition("## Classes")[2].partition("## ")[0]
    documented = re.findall(r"(?m)^\| `([a-z-]+)` \| (.+) \|$", table)
    assert documented == [(kind.value, kind.says) for kind in ChangeClass]

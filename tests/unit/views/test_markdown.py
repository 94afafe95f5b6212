"""The Markdown page: every row, and nothing from a case acts in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given, settings
from markdown_it import MarkdownIt

from savedmodel_matrix.model.table import key_of
from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.markdown import markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from savedmodel_matrix.analysis.summary import Summary

from tests.unit.pages import (
    MODULES,
    OTHERS,
    REMEDIES,
    acts,
    cell,
    failed,
    hostile,
    hostile_summary,
    summary_of,
)


def shown(tokens: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of every inline piece of a parsed document."""
    for token in tokens:
        for child in getattr(token, "children", None) or ():
            yield child.type, child.content


@settings(deadline=None)
@given(hostile)
def test_nothing_from_a_case_acts_in_markdown(text: str) -> None:
    document = markdown(hostile_summary(text))
    assert not any(map(acts, document))
    groups = [line for line in document.split("\n") if re.match(r"\| \*\*.*\*\* \|", line)]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document)
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "fence", "code_block", "blockquote_open", "hr"}
    assert not kinds & {"ordered_list_open", "lheading_open"}
    pieces = list(shown(tokens))
    # What is ours is bold: the heading of a group.
    assert {kind for kind, _ in pieces} <= {"text", "text_special", "strong_open", "strong_close"}
    assert sum(kind == "strong_open" for kind, _ in pieces) <= len(groups)
    cells = [t.content for t in tokens if t.type == "inline" and t.level == 4]
    assert cells
    headings = [t for t in tokens if t.type == "heading_open"]
    assert {heading.tag for heading in headings} == {"h1", "h2"}


@settings(deadline=None)
@given(hostile)
def test_markdown_shows_what_the_case_said(text: str) -> None:
    document = markdown(hostile_summary(text))
    tokens = MarkdownIt("commonmark").enable("table").parse(document)
    cells = [
        "".join(child.content for child in token.children or ())
        for token in tokens
        if token.type == "inline"
    ]
    assert one_line(text).strip() in cells  # the loader's heading and the table's first column


def test_markdown_has_every_row(realistic: Summary) -> None:
    document = markdown(realistic, results="out")
    rows = [line for line in document.split("\n") if line.startswith("| ")]
    for case in [*MODULES, *OTHERS]:
        for remedy in REMEDIES:
            assert sum(line.startswith(f"| {case} | {remedy} |") for line in rows) == 3
    broken = "| module_dense | as-written | ✓ pass |" + " ✗ fail run |" * 6
    assert rows.count(broken) == 2
    assert "- 18 cells of subclassed\\_model" not in document
    assert "- 18 cells of subclassed_model: The artifact has no signature.\n" in document
    assert document.endswith("\n")


def test_cases_stand_under_their_groups_and_keras_in_the_heading() -> None:
    made = [cell(case=c, producer=p, consumer=p) for c in "ab" for p in ("tf2.15", "tf2.16")]
    described = {
        "tf2.15": {"packages": {"keras": "2.15.0"}},
        "tf2.16": {"packages": {"keras": "3"}},
    }
    document = markdown(
        summary_of(made, tour={"b": "First | *", "a": "Then"}, environments=described)
    )
    assert (
        "| case | remedy | tf2.15, Keras 2.15.0 | tf2.16, Keras 3 |\n| --- | --- | --- | --- |\n"
        "| **First \\| \\*** |  |  |  |\n| b | as-written | ✓ pass | ✓ pass |\n"
        "| **Then** |  |  |  |\n| a | as-written | ✓ pass | ✓ pass |\n"
    ) in document


def test_a_hostile_message_is_whole_and_harmless() -> None:
    row = cell(**failed("run", "masked <name>")) | {"fingerprint": "f1"}
    said = {key_of(row): "first `x`\n\x1b[31m| second <b>\x1b[0m \u202e"}
    document = markdown(summary_of([row], messages=said))
    assert "- 1 cell of module_dense: first \\`x\\` \\| second &lt;b&gt; \\\\u202e\n" in document
    assert "masked" not in document

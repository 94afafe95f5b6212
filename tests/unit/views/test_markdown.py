"""The Markdown page: every row, and nothing from a case acts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from markdown_it import MarkdownIt

from savedmodel_matrix.views.harmless import one_line
from savedmodel_matrix.views.markdown import markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from savedmodel_matrix.analysis.summary import Summary

from tests.unit.pages import MODULES, OTHERS, REMEDIES, acts, hostile, hostile_summary


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
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document)
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "fence", "code_block", "blockquote_open", "hr"}
    assert not kinds & {"ordered_list_open", "lheading_open"}
    pieces = list(shown(tokens))
    assert {kind for kind, _ in pieces} <= {"text", "text_special"}
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
    assert "- 18 cells: The artifact has no signature.\n  - with as-written\n" in document
    assert document.endswith("\n")

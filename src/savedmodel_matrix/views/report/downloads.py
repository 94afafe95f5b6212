"""The data of the whole report as files for programs, once, compressed where they grow with it."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from typing import TYPE_CHECKING

from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.analysis.summary import summarise
from savedmodel_matrix.model.table import csv_bytes, key_of
from savedmodel_matrix.views.markdown import markdown
from savedmodel_matrix.views.report import formats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from savedmodel_matrix.views.report.facts import Facts

# Cells repeat what others far above them say: a larger dictionary does more than a higher preset,
# which takes four times as long. Reading takes 16 MiB of memory.
XZ = ({"id": lzma.FILTER_LZMA2, "preset": 3, "dict_size": 1 << 24},)


@dataclass(frozen=True)
class Download:
    """A file of data: its place, what it is called and what is in it."""

    name: str
    what: str
    describes: str = ""  # the place of what describes it

    @property
    def place(self) -> str:
        """Where it is, relative to the report."""
        return f"data/{self.name}"


CSV = Download("matrix.csv.xz", "the comparison table, a row per cell")
CELLS = Download(
    "cells.jsonl.xz",
    "every cell with its messages, tracebacks, numbers and times, a JSON object per line",
    "data/cells.schema.json",
)
MARKDOWN = Download("matrix.md.xz", "the tables as Markdown")
JUNIT = Download(
    "junit.xml.xz", "a test case per cell but cross cells, for services that read JUnit"
)
DOWNLOADS = (CSV, CELLS, MARKDOWN, JUNIT)


def downloads(facts: Facts) -> Iterator[tuple[str, bytes]]:
    """Yield the place and the bytes of every file of data; the same facts give the same bytes."""
    whole = facts.whole
    yield CSV.place, _packed(csv_bytes(whole.table))
    yield CELLS.place, _packed(formats.cells_lines(whole.every))
    yield "data/cells.schema.json", _json(formats.schema())
    yield "data/run.json", _json(dict(whole.run))
    yield JUNIT.place, _packed(formats.junit(whole.every))
    yield "data/badge.svg", formats.badge(facts.cells).encode()
    told = [_markdown(facts)]
    for inner in facts.parts:
        title = f"# Part {inner.part.group}\n\n" if inner.part else ""
        told.append(title + _markdown(inner))
    yield MARKDOWN.place, _packed("\n".join(told).encode("utf-8", "backslashreplace"))


def _packed(content: bytes) -> bytes:
    return lzma.compress(content, filters=XZ)


def _markdown(facts: Facts) -> str:
    summary = summarise(
        facts.table,
        facts.table,
        full=True,
        messages={key_of(cell): cell["message"] for cell in facts.every if cell.get("message")},
        tour={name: facts.cases[name].group for name in facts.case_names},
        explained=explanations(),
        environments=facts.run.get("environments"),
    )
    return markdown(summary, results="data")


def _json(data: object) -> bytes:
    return json.dumps(data, indent=1, sort_keys=True).encode() + b"\n"

"""What `explain` does: look a pasted error up among the root causes; the status is its result."""

from __future__ import annotations

import codecs
import json
import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console

from savedmodel_matrix.analysis.error_building import entries
from savedmodel_matrix.analysis.error_index import KNOWN, explain
from savedmodel_matrix.analysis.explanations import explanations
from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.views.explained import answer, as_json

if TYPE_CHECKING:
    from pathlib import Path

JSON = "json"
STDIN = "-"
_LONGEST = 8_000_000  # bytes that are read of a file, its last ones
_PASTE = "Paste the error, then press Ctrl-D on a line of its own (Ctrl-C gives up):"


def run_explain(file: Path, *, form: str) -> int:
    """Explain an error in a file, or on standard input: 0 if it is known, 1 if not for certain.

    Raises UserError where the file cannot be read, or where there is nothing in it.
    """
    text = _read(file)
    if not text.strip():
        where = "standard input" if str(file) == STDIN else str(file)
        raise UserError(
            f"There is no text in {where}: give it the error, as in "
            "savedmodel-matrix explain error.txt."
        )
    matches = explain(text)
    explained = {one.name: one for one in entries(explanations())}
    if form == JSON:
        click.echo(json.dumps(as_json(matches, explained), indent=2))
    else:
        Console().print(answer(matches, explained), highlight=False)
    return int(not matches or matches[0].confidence != KNOWN)


def _read(file: Path) -> str:
    if str(file) == STDIN:
        if sys.stdin is None:  # closed by whoever started this
            return ""
        if sys.stdin.isatty():
            click.echo(_PASTE, err=True)
        return _decoded(sys.stdin.buffer.read()[-_LONGEST:])
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _LONGEST))
            return _decoded(stream.read())
    except OSError as error:
        raise UserError(
            f"{file} cannot be read ({error.strerror}); name a file that holds the error, or pipe "
            "it in: savedmodel-matrix explain < log."
        ) from error


def _decoded(content: bytes) -> str:
    """Return text in UTF-8, or in UTF-16 as PowerShell writes it; what is neither is replaced."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")
